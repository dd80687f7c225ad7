// The critical path from wake-ups: "wake-up edges".
//
// The idea: the path starts at the thread whose life is the run and covers all of that time. While the thread computes or
// wants a CPU, the path is there. While it is blocked, what the wait was for decides: a wait for something outside (a disk,
// a timer, a peer elsewhere) is on the path itself; a wait that a thread of the target ended is not: during it the path is
// with the thread that ended it, and where that one was blocked meanwhile, with the one that ended that. This is the
// backward walk of Yang and Miller ("Critical path analysis for the execution of parallel and distributed programs",
// ICDCS 1988), as LTTng's and wPerf (OSDI '18) do it on wake-up traces.
// Stretches shorter than those told one by one are known as sums for each thread: they are taken to be spread evenly over
// the time between the long ones, and those that a thread of the target ended count as computing.
// Cost: each stretch is looked at once for each thread that the path reaches it through, bounded by kMostSteps.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "model/state.h"
#include "profiler/bpf/records.h"

namespace concadvise {

/// A thread's long stretches off the CPU, by time, and its sums.
struct ThreadLine {
  concadvise_account account{};
  std::vector<concadvise_stretch> stretches;
};

class WakePath {
 public:
  /// What a thread (by account) waits for in a system call: shares, sum 1.
  using KindOf = std::function<StateTimes(std::uint32_t account, int system_call)>;

  /// `lines` by account number; `end_ns` is when the measurement ended.
  WakePath(std::vector<ThreadLine> lines, std::uint64_t end_ns, KindOf kind_of);

  /// Seconds of the path's states between two instants, from that thread; their sum is the length of the part of it in
  /// which the thread lived.
  StateTimes walk(std::uint32_t account, std::uint64_t from_ns, std::uint64_t to_ns);

  /// False when the walk had to be cut: the result is not to be used.
  bool complete() const { return complete_; }

 private:
  /// How the path came to a thread.
  struct Way {
    int depth = 0;         // hops
    bool answers = false;  // one of them from somebody who waited for an answer: there is work, whatever it waits for
  };
  void follow(std::uint32_t account, std::uint64_t from_ns, std::uint64_t to_ns, Way way);
  void follow_wait(const concadvise_stretch& stretch, std::uint64_t from_ns, std::uint64_t to_ns, Way way);
  void charge(State state, std::uint64_t from_ns, std::uint64_t to_ns);
  std::uint32_t first_thread_of_ended(std::uint32_t account) const;
  const StateTimes& composition(std::uint32_t account);

  static constexpr int kDeepest = 32;
  static constexpr std::uint64_t kMostSteps = 20'000'000;

  std::vector<ThreadLine> lines_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> first_threads_;  // process -> accounts: numbers are used again
  std::vector<StateTimes> compositions_;  // of the time between long stretches; all zero: not computed yet
  std::uint64_t end_ns_;
  KindOf kind_of_;
  StateTimes path_;
  std::uint64_t steps_ = 0;
  bool complete_ = true;
};

}  // namespace concadvise
