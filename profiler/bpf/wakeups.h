// Wake-ups as the kernel sees them: who waited how long in which system call, and which thread ended the wait.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "profiler/bpf/records.h"
#include "profiler/perf/permission.h"

namespace concadvise {

/// The kernel side (sched.bpf.c), loaded and running until it is destroyed. It costs the target about half a microsecond
/// at each switch (0.3 to 0.5 measured on a ping-pong), and every other program of the machine a fraction of that.
class Wakeups {
 public:
  virtual ~Wakeups() = default;

  /// Null when it can't be had: `why` names the step, `error` is its errno.
  static std::unique_ptr<Wakeups> load(std::string& why, int& error);

  /// The same from the scheduler's tracepoints, read by us: for kernels that don't describe their types and for programs built
  /// without BPF. Needs CAP_PERFMON. It does not tell in which system call a thread waited, and costs every switch and wake-up
  /// of the machine more.
  static std::unique_ptr<Wakeups> trace(std::string& why, int& error);

  /// The first of the two that can be had with these privileges; null when neither: `why` and `error` are those of the first
  /// that was tried, empty and 0 when privileges forbid both.
  static std::unique_ptr<Wakeups> open(const Privileges& privileges, std::string& why, int& error);

  /// Where they come from: "BPF", "tracepoints".
  virtual const char* source() const = 0;

  /// Context switches a second of the target above which seeing them costs it more than 1 %.
  virtual double most_switches() const = 0;

  /// False when this program was built without it.
  static bool is_built();

  /// The process belongs to the target, with its threads and all that it will create.
  virtual bool watch(int pid) = 0;

  /// Calls `each` for all stretches off the CPU that were told since the last call.
  virtual void drain(const std::function<void(const concadvise_stretch&)>& each) = 0;

  /// One per thread; [0] is nobody. They change while it runs.
  virtual std::span<const concadvise_account> accounts() const = 0;

  /// Only longer stretches are told one by one from now on.
  virtual void tell_from(std::uint64_t nanoseconds) = 0;

  /// Stretches and threads that there was no room for.
  virtual std::uint64_t dropped() const = 0;
};

}  // namespace concadvise
