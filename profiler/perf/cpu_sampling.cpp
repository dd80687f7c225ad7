#include "profiler/perf/cpu_sampling.h"

#include <fmt/format.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <asm/perf_regs.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "profiler/perf/permission.h"

namespace concadvise {
namespace {

// 8 KiB of stack hold 30 to 100 frames; at 99 Hz copying them costs the target 0.04 % (3.7 us a sample).
constexpr std::uint32_t kStackBytes = 8u << 10;

// A ring holds half a second of samples, the longest time between two looks; 512 KiB is also what users may lock for each
// CPU by default (kernel.perf_event_mlock_kb). Where rings take everybody's samples and memory allows, two seconds: we may
// be kept from a CPU for long.
constexpr std::size_t kRingBytes = 512u << 10;
constexpr std::size_t kWideRingBytes = 2u << 20;
constexpr std::size_t kMostWideRings = 16;
constexpr std::size_t kSmallestRing = 64u << 10;
constexpr std::uint64_t kPollInterval_ns = 100'000'000;
constexpr std::uint64_t kShortestPoll_ns = 1'000'000;

constexpr std::size_t kKernelFrames = 24;
// A Python stack read later than this after the sample belongs to something else.
constexpr std::uint64_t kLatePython_ns = 20'000'000;

#if defined(__x86_64__)
constexpr std::uint64_t kRegisters = [] {
  std::uint64_t mask = 0;
  for (const int bit : {PERF_REG_X86_AX, PERF_REG_X86_BX, PERF_REG_X86_CX, PERF_REG_X86_DX, PERF_REG_X86_SI, PERF_REG_X86_DI,
                        PERF_REG_X86_BP, PERF_REG_X86_SP, PERF_REG_X86_IP, PERF_REG_X86_R8, PERF_REG_X86_R9, PERF_REG_X86_R10,
                        PERF_REG_X86_R11, PERF_REG_X86_R12, PERF_REG_X86_R13, PERF_REG_X86_R14, PERF_REG_X86_R15})
    mask |= std::uint64_t{1} << bit;
  return mask;
}();
#else
constexpr std::uint64_t kRegisters = 0;  // the unwinder knows no other machine: the kernel's chains have to do
#endif

// So that a ring is at most half full when it is read.
std::uint64_t poll_interval_ns(std::size_t ring_bytes, int frequency_hz) {
  constexpr double sample_bytes = kStackBytes + 512;
  const double samples = static_cast<double>(ring_bytes) / 2 / sample_bytes;
  return std::clamp(static_cast<std::uint64_t>(1e9 * samples / std::max(1, frequency_hz)), kShortestPoll_ns, kPollInterval_ns);
}

bool is_clock(const perf_event_attr& event) {
  return event.type == PERF_TYPE_SOFTWARE && (event.config == PERF_COUNT_SW_CPU_CLOCK || event.config == PERF_COUNT_SW_TASK_CLOCK);
}

bool is_cycles(const perf_event_attr& event) { return event.type == PERF_TYPE_HARDWARE && event.config == PERF_COUNT_HW_CPU_CYCLES; }

}  // namespace

CpuSampling::CpuSampling(const ProfileOptions& options, StackBook& book) : options_(options), book_(book) {}

// Fills attributes_; false (errno set) when not even the software clock can be had.
bool CpuSampling::select_event() {
  const auto encode = [this](const std::string& name) -> Result<bool> {
    const auto encoded = event_attributes(name, with_kernel_);
    if (!encoded) return tl::unexpected(encoded.error());
    attributes_ = *encoded;
    return true;
  };
  if (event_.empty()) event_ = options_.cpu_event;
  if (const auto done = encode(event_); !done) {
    event_refused_ = done.error().cause;
    event_ = "cpu-clock";
    if (!encode(event_)) {
      errno = ENOENT;
      return false;
    }
  }
  const auto frequency = static_cast<std::uint64_t>(std::max(1, options_.frequency_hz));
  if (is_clock(attributes_)) {
    attributes_.sample_period = 1'000'000'000ULL / frequency;
  } else {
    attributes_.freq = 1;
    attributes_.sample_freq = frequency;
  }
  attributes_.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_PERIOD;
  if (with_kernel_ || kRegisters == 0) attributes_.sample_type |= PERF_SAMPLE_CALLCHAIN;
  if (kRegisters != 0) {
    attributes_.sample_type |= PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
    attributes_.sample_regs_user = kRegisters;
    attributes_.sample_stack_user = kStackBytes;
    attributes_.exclude_callchain_user = 1;
  }
  attributes_.exclude_idle = 1;
  attributes_.exclude_guest = 1;
  attributes_.use_clockid = 1;
  attributes_.clockid = CLOCK_MONOTONIC;
  attributes_.task = 1;  // births and ends of processes: free between them
  attributes_.comm = 1;
  attributes_.comm_exec = 1;
  attributes_.wakeup_events = 1;
  return true;
}

Rung CpuSampling::start(Census& census, bool /*attached*/) {
  const Privileges privileges = Privileges::read();
  int error = 0;
  for (;;) {
    with_kernel_ = true;
    if (!select_event()) return perf_refused(privileges, errno);
    scope_ = Scope::cpus;
    const bool wide = online_cpus().size() <= kMostWideRings;
    error = privileges.whole_machine() ? events_.open_on_cpus(attributes_, {wide ? kWideRingBytes : kRingBytes, kSmallestRing}) : EACCES;
    if (error == EACCES || error == EPERM) {
      scope_ = Scope::threads;
      for (const bool kernel : {true, false}) {
        with_kernel_ = kernel;
        if (!select_event()) return perf_refused(privileges, errno);
        error = events_.open_on_threads(attributes_, {kRingBytes, kSmallestRing}, census);
        if (error != EACCES && error != EPERM) break;
      }
    }
    if (error == 0 || is_clock(attributes_)) break;
    // No such counter in this machine (virtual machines mostly have none): the software clock is everywhere.
    event_refused_ = fmt::format("event '{}': {}", event_, std::strerror(error));
    event_ = "cpu-clock";
  }
  if (error != 0) {
    scope_ = Scope::none;
    return perf_refused(privileges, error);
  }
  timer_ = Descriptor(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  const auto interval = static_cast<long>(poll_interval_ns(events_.ring_bytes(), options_.frequency_hz));
  const itimerspec every{{0, interval}, {0, interval}};
  ::timerfd_settime(timer_.get(), 0, &every, nullptr);
  rate_.emplace(now_ns());
  return Rung{"perf", true, "", ""};
}

std::vector<int> CpuSampling::descriptors() const {
  if (events_.empty()) return {};
  // What Python executes can't be copied by the kernel: it is read at once, while it is still so.
  if (book_.any_python()) return events_.descriptors();
  return {timer_.get()};
}

void CpuSampling::poll(Census& census, std::uint64_t now) {
  if (events_.empty()) return;
  std::uint64_t expirations = 0;
  [[maybe_unused]] const ssize_t got = ::read(timer_.get(), &expirations, sizeof expirations);
  events_.drain([&](std::size_t, const PerfRecord& record) { on_record(census, record, now); });
  for (Copy& copy : undecided_) {
    if (!is_ours(census, copy.sample.pid)) {
      strangers_.insert(copy.sample.pid);
      continue;
    }
    copy.sample.stack = copy.stack;
    add(copy.sample, copy.misc, now);
  }
  undecided_.clear();
  for (const int pid : ended_) children_.erase(pid);
  ended_.clear();
  if (scope_ == Scope::threads) judge_cost(census, now);
}

void CpuSampling::on_record(Census& census, const PerfRecord& record, std::uint64_t now) {
  switch (record.type) {
    case PERF_RECORD_SAMPLE: on_sample(census, record, now); break;
    case PERF_RECORD_FORK:
    case PERF_RECORD_EXIT: on_task(census, record); break;
    case PERF_RECORD_COMM:
      if (record.misc & PERF_RECORD_MISC_COMM_EXEC) book_.new_program(parse_comm_pid(record.body));
      break;
    case PERF_RECORD_LOST:
    case PERF_RECORD_LOST_SAMPLES: lost_ += parse_lost(record); break;
    default: break;
  }
}

bool CpuSampling::is_ours(Census& census, int pid) const { return census.process(pid) != nullptr || children_.contains(pid); }

void CpuSampling::on_task(Census& census, const PerfRecord& record) {
  PerfTask task;
  if (!parse_task(record.body, task)) {
    ++broken_;
    return;
  }
  const bool is_process = task.pid == task.tid;
  if (!is_process) return;
  if (record.type == PERF_RECORD_FORK) {
    strangers_.erase(task.pid);
    if (scope_ == Scope::cpus && !is_ours(census, task.ppid)) return;
    children_.insert(task.pid);
    born_ns_[task.pid] = task.time_ns;
    ++children_seen_;
  } else if (const auto born = born_ns_.find(task.pid); born != born_ns_.end()) {
    children_life_s_ += static_cast<double>(task.time_ns - born->second) * 1e-9;
    ++children_ended_;
    born_ns_.erase(born);
    ended_.push_back(task.pid);
  }
}

void CpuSampling::on_sample(Census& census, const PerfRecord& record, std::uint64_t now) {
  PerfSample sample;
  if (!parse_sample(record.body, attributes_.sample_type, attributes_.sample_regs_user, sample)) {
    ++broken_;
    return;
  }
  ++read_;
  if (scope_ == Scope::cpus) {
    if (sample.pid <= 0 || strangers_.contains(sample.pid)) return;
    if (!is_ours(census, sample.pid)) {
      // The record of its birth may still wait in the ring of another CPU.
      Copy copy{std::move(sample), {}, record.misc};
      copy.stack.assign(copy.sample.stack.begin(), copy.sample.stack.end());
      undecided_.push_back(std::move(copy));
      return;
    }
  }
  add(sample, record.misc, now);
}

void CpuSampling::add(const PerfSample& sample, std::uint16_t misc, std::uint64_t now) {
  SeenStack seen;
  std::vector<std::uint64_t> user_chain;
  bool in_kernel = (misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_KERNEL;
  for (const std::uint64_t pc : sample.callchain) {
    if (pc == static_cast<std::uint64_t>(PERF_CONTEXT_KERNEL)) {
      in_kernel = true;
    } else if (pc == static_cast<std::uint64_t>(PERF_CONTEXT_USER)) {
      in_kernel = false;
    } else if (!in_kernel) {
      user_chain.push_back(pc);
    } else if (seen.kernel.size() < kKernelFrames) {
      seen.kernel.push_back(pc);
    }
  }
  std::vector<std::uint64_t> kept;
  if (!sample.registers.empty()) {
    const Registers registers = registers_from_perf(attributes_.sample_regs_user, sample.registers);
    kept = registers_that_calls_keep(registers);
    seen.native = book_.unwinder().sampled(sample.pid, registers, sample.stack);
  } else if (!user_chain.empty()) {
    seen.native = book_.unwinder().callchain(sample.pid, user_chain);
  }
  std::optional<PythonTask> task;
  if (now < sample.time_ns + kLatePython_ns) {
    const SampledWords sampled{kept, sample.stack};
    task = book_.add_python(sample.pid, sample.tid, seen, kept.empty() ? nullptr : &sampled);
  }
  const double seconds = is_clock(attributes_) ? static_cast<double>(sample.period) * 1e-9 : 1.0 / options_.frequency_hz;
  const Doing doing{sample.pid, sample.tid, State::on_cpu, ""};
  const StackBook::Id stack = book_.intern(std::move(seen));
  if (book_.any_python()) book_.turns().computed(doing, stack, task, sample.time_ns, seconds);
  StackBook::Weight& weight = book_.weight(doing, stack);
  weight.seconds += seconds;
  weight.count += 1;
  sampled_s_ += seconds;
  ++samples_;
}

double CpuSampling::cpu_so_far(Census& census) const {
  double sum = 0;
  census.for_each_thread([&](const ThreadRecord& thread) { sum += thread.cpu_s(); });
  return sum;
}

void CpuSampling::judge_cost(Census& census, std::uint64_t now) {
  const auto rate = rate_->judge(census, now);
  if (!rate || *rate <= kMostSwitches) return;
  gave_up_at_s_ = rate_->seconds(now);
  gave_up_rate_ = *rate;
  covered_cpu_s_ = cpu_so_far(census);
  events_.close();
}

void CpuSampling::stop() { events_.disable(); }

void CpuSampling::contribute(Census& census, std::uint64_t /*start_ns*/, Profile& profile) {
  if (scope_ == Scope::none) return;
  poll(census, now_ns());
  events_.close();
  Measurement& measurement = profile.measurement;
  if (measurement.level == "procfs") measurement.level = level();
  measurement.lost_events += lost_ + broken_;
  if (const std::uint64_t lost = lost_ + broken_; lost > 0)
    measurement.lost = std::max(measurement.lost, static_cast<double>(lost) / static_cast<double>(lost + read_));
  if (!event_refused_.empty())
    measurement.notes.push_back(fmt::format("CPU samples were taken with {} instead: {}", event_, event_refused_));
  if (!is_clock(attributes_) && !is_cycles(attributes_))
    measurement.notes.push_back(fmt::format("Stacks on the CPU are those of the event '{}': where it happens most, not where most time is spent.", event_));
  if (lost_ > 0)
    measurement.notes.push_back(fmt::format("{} CPU samples{} were lost because we came too late to read them.", lost_,
                                            scope_ == Scope::cpus ? " of the whole machine" : ""));
  const std::uint64_t looked_at = census.processes().size() + census.reused().size();
  if (children_seen_ > looked_at)
    measurement.notes.push_back(fmt::format(
        "{} of {} child processes ended before they could be looked at one by one (they lived {:.1f} ms on average); their CPU "
        "time is counted.", children_seen_ - looked_at, children_seen_, 1e3 * children_life_s_ / std::max(1.0, static_cast<double>(children_ended_))));
  if (gave_up_at_s_ >= 0) {
    measurement.notes.push_back(fmt::format(
        "CPU sampling was given up after {:.2f} s because the target switches {:.0f} times a second, where it would cost more "
        "than 1 %; stacks on the CPU are from before. With the privilege to sample whole CPUs it costs nothing: {}",
        gave_up_at_s_, gave_up_rate_, "sudo setcap cap_perfmon+ep concadvise"));
  } else {
    covered_cpu_s_ = measurement.cpu_s;
  }
  // Samples in the kernel are dropped where users may not see it: what the clock misses is the kernel's, if it is more than
  // chance (twice the standard deviation of the count) and the account's own granularity can explain.
  if (!with_kernel_ && is_clock(attributes_) && covered_cpu_s_ > 0.1) {
    const double share = 1 - sampled_s_ / covered_cpu_s_;
    const double chance = 2 / std::sqrt(static_cast<double>(samples_ + 1));
    if (share > std::max(0.05, chance)) book_.set_unseen({share, "(in the kernel: users may not sample there)"});
  }
}

}  // namespace concadvise
