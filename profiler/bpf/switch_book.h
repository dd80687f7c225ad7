// The books of who was off the CPU for how long and who ended it, kept by us from the scheduler's events: what sched.bpf.c
// does in the kernel where that is allowed.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "profiler/bpf/records.h"

namespace concadvise {

/// Times are CLOCK_MONOTONIC in ns; events have to come in their order. Threads of others are passed over.
class SwitchBook {
 public:
  using Tell = std::function<void(const concadvise_stretch&)>;

  SwitchBook() { accounts_.emplace_back(); }  // [0] is nobody

  /// The process belongs to the target, with these threads and all that it will create.
  void watch(int pid, const std::vector<int>& tids, std::uint64_t now);

  /// The thread is taken off its CPU: it `wants_more`, or waits.
  void leaves_cpu(int tid, bool wants_more, std::uint64_t now);

  /// The thread is given a CPU. The stretch that ends with it is told when it is long enough, else added up.
  void gets_cpu(int tid, std::uint64_t now, const Tell& tell);

  /// The wait of `tid` ends; by the thread `waker`, 0: by an interrupt.
  void wakes(int tid, int waker, std::uint64_t now);

  /// Thread `tid` of process `pid` is created by process `parent`.
  void born(int pid, int tid, int parent, std::uint64_t now);
  void died(int tid, std::uint64_t now);

  /// Only longer stretches are told one by one from now on.
  void tell_from(std::uint64_t nanoseconds) { shortest_told_ns_ = nanoseconds; }

  std::span<const concadvise_account> accounts() const { return accounts_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  concadvise_account* account(int tid);
  void add(int pid, int tid, std::uint64_t now, std::uint32_t off);
  void miss(concadvise_account& thread);

  std::vector<concadvise_account> accounts_;
  std::unordered_map<int, std::uint32_t> by_tid_;  // the last that had the number
  std::unordered_map<int, int> processes_;         // the target's, with their threads alive
  std::uint64_t shortest_told_ns_ = 100'000;
  std::uint64_t dropped_ = 0;
};

}  // namespace concadvise
