#include "profiler/perf/ring.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

namespace concadvise {
namespace {

/// Takes values off the front of a record; everything after the first that does not fit is 0.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}

  template <typename T>
  T take() {
    T value{};
    if (left_.size() < sizeof(T)) {
      good_ = false;
      left_ = {};
      return value;
    }
    std::memcpy(&value, left_.data(), sizeof(T));
    left_ = left_.subspan(sizeof(T));
    return value;
  }

  std::span<const std::byte> take_bytes(std::uint64_t count) {
    if (count > left_.size()) {
      good_ = false;
      left_ = {};
      return {};
    }
    const auto bytes = left_.first(static_cast<std::size_t>(count));
    left_ = left_.subspan(static_cast<std::size_t>(count));
    return bytes;
  }

  void take_words(std::uint64_t count, std::vector<std::uint64_t>& into) {
    const auto bytes = count > left_.size() / sizeof(std::uint64_t) ? take_bytes(UINT64_MAX) : take_bytes(count * sizeof(std::uint64_t));
    into.resize(bytes.size() / sizeof(std::uint64_t));
    if (!bytes.empty()) std::memcpy(into.data(), bytes.data(), bytes.size());
  }

  bool good() const { return good_; }

 private:
  std::span<const std::byte> left_;
  bool good_ = true;
};

std::size_t page_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

Ring::Ring(Ring&& from) noexcept
    : base_(std::exchange(from.base_, nullptr)), size_(std::exchange(from.size_, 0)), joined_(std::move(from.joined_)) {}

Ring& Ring::operator=(Ring&& from) noexcept {
  if (this != &from) {
    unmap();
    base_ = std::exchange(from.base_, nullptr);
    size_ = std::exchange(from.size_, 0);
    joined_ = std::move(from.joined_);
  }
  return *this;
}

Ring::~Ring() { unmap(); }

void Ring::unmap() {
  if (base_ != nullptr) ::munmap(base_, page_size() + size_);
  base_ = nullptr;
}

bool Ring::map(const Descriptor& event, std::size_t bytes, std::size_t at_least) {
  unmap();
  for (std::size_t size = std::max(bytes, page_size()); size >= std::max(at_least, page_size()); size /= 2) {
    void* address = ::mmap(nullptr, page_size() + size, PROT_READ | PROT_WRITE, MAP_SHARED, event.get(), 0);
    if (address != MAP_FAILED) {
      base_ = static_cast<std::byte*>(address);
      size_ = size;
      return true;
    }
    if (errno != EPERM && errno != ENOMEM && errno != EAGAIN) return false;
  }
  return false;
}

void Ring::drain(const std::function<void(const PerfRecord&)>& each) {
  if (base_ == nullptr) return;
  // The kernel's contract: it stores the head after the records; we store the tail after having read them.
  auto* control = static_cast<perf_event_mmap_page*>(static_cast<void*>(base_));
  const std::uint64_t head = __atomic_load_n(&control->data_head, __ATOMIC_ACQUIRE);
  std::uint64_t tail = control->data_tail;
  const std::byte* data = base_ + page_size();
  while (head - tail >= sizeof(perf_event_header)) {
    const std::size_t at = static_cast<std::size_t>(tail) & (size_ - 1);
    perf_event_header header{};
    std::memcpy(&header, data + at, sizeof header);  // records are aligned to 8 bytes: a header never wraps
    if (header.size < sizeof header || header.size > head - tail) {
      tail = head;
      break;
    }
    std::span<const std::byte> bytes(data + at, std::min<std::size_t>(header.size, size_ - at));
    if (bytes.size() < header.size) {
      joined_.assign(bytes.begin(), bytes.end());
      joined_.insert(joined_.end(), data, data + (header.size - bytes.size()));
      bytes = joined_;
    }
    each(PerfRecord{header.type, header.misc, bytes.subspan(sizeof header)});
    tail += header.size;
  }
  __atomic_store_n(&control->data_tail, tail, __ATOMIC_RELEASE);
}

bool parse_sample(std::span<const std::byte> body, std::uint64_t sample_type, std::uint64_t register_mask, PerfSample& out) {
  Reader reader(body);
  if (sample_type & PERF_SAMPLE_IP) out.ip = reader.take<std::uint64_t>();
  if (sample_type & PERF_SAMPLE_TID) {
    out.pid = reader.take<std::int32_t>();
    out.tid = reader.take<std::int32_t>();
  }
  if (sample_type & PERF_SAMPLE_TIME) out.time_ns = reader.take<std::uint64_t>();
  if (sample_type & PERF_SAMPLE_CPU) reader.take<std::uint64_t>();
  if (sample_type & PERF_SAMPLE_PERIOD) out.period = reader.take<std::uint64_t>();
  out.callchain.clear();
  if (sample_type & PERF_SAMPLE_CALLCHAIN) reader.take_words(reader.take<std::uint64_t>(), out.callchain);
  out.registers.clear();
  if (sample_type & PERF_SAMPLE_REGS_USER) {
    const auto abi = reader.take<std::uint64_t>();
    if (abi != PERF_SAMPLE_REGS_ABI_NONE)
      reader.take_words(static_cast<std::uint64_t>(std::popcount(register_mask)), out.registers);
  }
  out.stack = {};
  if (sample_type & PERF_SAMPLE_STACK_USER) {
    const auto size = reader.take<std::uint64_t>();
    out.stack = reader.take_bytes(size);
    if (size != 0) {
      const auto filled = reader.take<std::uint64_t>();
      out.stack = out.stack.first(static_cast<std::size_t>(std::min<std::uint64_t>(filled, out.stack.size())));
    }
  }
  return reader.good();
}

bool parse_task(std::span<const std::byte> body, PerfTask& out) {
  Reader reader(body);
  out.pid = reader.take<std::int32_t>();
  out.ppid = reader.take<std::int32_t>();
  out.tid = reader.take<std::int32_t>();
  out.ptid = reader.take<std::int32_t>();
  out.time_ns = reader.take<std::uint64_t>();
  return reader.good();
}

bool parse_raw(std::span<const std::byte> body, PerfRaw& out) {
  Reader reader(body);
  out.pid = reader.take<std::int32_t>();
  out.tid = reader.take<std::int32_t>();
  out.time_ns = reader.take<std::uint64_t>();
  out.raw = reader.take_bytes(reader.take<std::uint32_t>());
  return reader.good();
}

std::uint64_t parse_lost(const PerfRecord& record) {
  Reader reader(record.body);
  if (record.type == PERF_RECORD_LOST) reader.take<std::uint64_t>();  // the event's number
  return reader.take<std::uint64_t>();
}

int parse_comm_pid(std::span<const std::byte> body) {
  Reader reader(body);
  return reader.take<std::int32_t>();
}

}  // namespace concadvise
