// From "this thread is blocked in that system call with those arguments" to a wait class.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "profiler/procfs/task.h"
#include "profiler/waits/descriptors.h"
#include "profiler/waits/observation.h"

namespace concadvise {

/// The address range of CPython's runtime state in a process: a futex inside it is the GIL (CPython 3.7 and later, see
/// docs/MEASURING.md). Empty when the process runs no such interpreter or one without a GIL.
struct GilRange {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  bool contains(std::uint64_t address) const { return address >= start && address < end; }
};

class Classifier {
 public:
  DescriptorTable& descriptors() { return descriptors_; }

  void set_gil(int pid, GilRange range) { gil_[pid] = {range}; }
  /// Several where sub-interpreters have their own.
  void set_gils(int pid, std::vector<GilRange> ranges) { if (!ranges.empty()) gil_[pid] = std::move(ranges); }
  void forget(int pid) { gil_.erase(pid); }

  /// What a blocked thread waits for. `is_thread_of(pid, tid)` answers whether a number read from a mutex is a live
  /// thread of the process, and with pid 0 of any of the target's: a mutex in shared memory has its owner where it likes.
  Observation classify(int pid, int tid, const SyscallState& syscall,
                       const std::function<bool(int, int)>& is_thread_of);

 private:
  void classify_descriptor(int pid, const SyscallState& syscall, bool sends, Observation& out);
  void classify_futex(int pid, int tid, const SyscallState& syscall, const std::function<bool(int, int)>& is_thread_of,
                      Observation& out);
  void classify_watch(WatchSet set, bool has_timeout, bool is_loop, Observation& out);
  void classify_poll(int pid, const SyscallState& syscall, Observation& out);
  void classify_select(int pid, const SyscallState& syscall, Observation& out);

  DescriptorTable descriptors_;
  std::unordered_map<int, std::vector<GilRange>> gil_;
};

/// What the arguments of a futex wait alone tell. The words and values are those of glibc 2.36 and libstdc++ 12
/// (docs/MEASURING.md has the table and how it was measured).
enum class FutexWait { mutex, shared_mutex_or_value, timed_mutex_or_condition, rwlock, condition, value, join, priority_mutex, unknown };
FutexWait futex_wait_kind(std::uint64_t op, std::uint64_t value, bool has_timeout);

}  // namespace concadvise
