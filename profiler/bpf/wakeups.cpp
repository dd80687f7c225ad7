#include "profiler/bpf/wakeups.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>

#include "sched.skel.h"

namespace concadvise {
namespace {

int print_nothing(libbpf_print_level, const char*, va_list) { return 0; }

class LoadedWakeups final : public Wakeups {
 public:
  explicit LoadedWakeups(sched_bpf* program) : program_(program) {}
  ~LoadedWakeups() override {
    if (ring_ != nullptr) ring_buffer__free(ring_);
    if (accounts_ != nullptr) ::munmap(accounts_, kBytes);
    sched_bpf__destroy(program_);
  }
  LoadedWakeups(const LoadedWakeups&) = delete;
  LoadedWakeups& operator=(const LoadedWakeups&) = delete;

  // Returns the name of the step that failed, or null.
  const char* start() {
    if (sched_bpf__load(program_) != 0) return "the kernel refused the BPF program";
    void* mapped = ::mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, bpf_map__fd(program_->maps.accounts), 0);
    if (mapped == MAP_FAILED) return "mapping the accounts of the BPF program";
    accounts_ = static_cast<concadvise_account*>(mapped);
    ring_ = ring_buffer__new(bpf_map__fd(program_->maps.stretches), &LoadedWakeups::on_stretch, this, nullptr);
    if (ring_ == nullptr) return "mapping the ring of the BPF program";
    if (sched_bpf__attach(program_) != 0) return "attaching the BPF program to the scheduler's tracepoints";
    return nullptr;
  }

  bool watch(int pid) override {
    const auto key = static_cast<std::uint32_t>(pid);
    const std::uint32_t one = 1;
    return bpf_map__update_elem(program_->maps.processes, &key, sizeof key, &one, sizeof one, BPF_ANY) == 0;
  }

  void drain(const std::function<void(const concadvise_stretch&)>& each) override {
    each_ = &each;
    ring_buffer__consume(ring_);
    each_ = nullptr;
  }

  std::span<const concadvise_account> accounts() const override {
    const std::uint32_t used = __atomic_load_n(&program_->data->accounts_used, __ATOMIC_ACQUIRE);
    return {accounts_, std::min<std::size_t>(used, CONCADVISE_THREADS)};
  }

  void tell_from(std::uint64_t nanoseconds) override {
    __atomic_store_n(&program_->data->shortest_told_ns, nanoseconds, __ATOMIC_RELAXED);
  }

  const char* source() const override { return "BPF"; }
  double most_switches() const override { return 20'000; }  // at 0.5 us each

  std::uint64_t dropped() const override { return program_->bss->dropped_stretches + program_->bss->dropped_threads; }

 private:
  static_assert(sizeof(concadvise_account) % 8 == 0, "the kernel rounds elements up to 8 bytes");
  static constexpr std::size_t kBytes = sizeof(concadvise_account) * CONCADVISE_THREADS;

  static int on_stretch(void* context, void* data, std::size_t size) {
    auto* self = static_cast<LoadedWakeups*>(context);
    if (size >= sizeof(concadvise_stretch) && self->each_ != nullptr)
      (*self->each_)(*static_cast<const concadvise_stretch*>(data));
    return 0;
  }

  sched_bpf* program_;
  ring_buffer* ring_ = nullptr;
  concadvise_account* accounts_ = nullptr;
  const std::function<void(const concadvise_stretch&)>* each_ = nullptr;
};

}  // namespace

std::unique_ptr<Wakeups> Wakeups::load(std::string& why, int& error) {
  libbpf_set_print(print_nothing);
  errno = 0;
  sched_bpf* program = sched_bpf__open();
  if (program == nullptr) {
    why = "opening the BPF program";
    error = errno;
    return nullptr;
  }
  auto loaded = std::make_unique<LoadedWakeups>(program);
  if (const char* failed = loaded->start(); failed != nullptr) {
    error = errno;
    why = failed;
    return nullptr;
  }
  return loaded;
}

bool Wakeups::is_built() { return true; }

}  // namespace concadvise
