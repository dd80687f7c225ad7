// The critical path where wake-ups can't be seen: "wait-for sampling".
//
// The idea: at every sweep each thread's time since the last sweep is known as shares of running, queueing and being
// blocked, and for a blocked thread what it waits for. The path starts at the thread whose life is the run (the main
// thread of the launched process). What it computes is on the path. What it waits for outside (a disk, a timer, a peer
// elsewhere) is on the path. Where it waits for somebody inside the target (a join, a lock's holder, a child, the other
// end of a pipe) the path hops to them, and the same question is asked there. A thread that was blocked for half of the
// interval leaves the other half to those it waited for: what they computed meanwhile is taken to have filled just that
// half. Summed over sweeps this gives the states of the run's longest chain to the accuracy of the sampling; where several
// threads could be the awaited one, computing counts before waiting, and waits by how much CPU the waiter used of late, so
// that parked helpers and heartbeat timers don't hide the workers.
// Cost: linear in the threads that are hopped to. Compare wPerf (OSDI '18), which needs every wake-up for the same walk.
#pragma once

#include <vector>

#include "profiler/timeline/census.h"

namespace concadvise {

class PathWalk {
 public:
  explicit PathWalk(Census& census) : census_(census) {}

  /// The path's states in the interval that has just been sampled; sum 1. From the main thread of `root`.
  StateTimes from_process(int root);

  /// The same for a set of processes of equal rank: an attached target, or descendants that outlive their root.
  StateTimes from_all();

 private:
  void walk(ThreadRecord& thread, double amount, double cover, int depth);
  void hop(const std::vector<ThreadRecord*>& candidates, double amount, double cover, State reason, int depth);
  void follow_wait(ThreadRecord& thread, double amount, int depth);
  std::vector<ThreadRecord*> supervised(const ThreadRecord& thread);
  std::vector<ThreadRecord*> awaited(const ThreadRecord& thread);

  Census& census_;
  std::vector<ThreadRecord*> visited_;
  StateTimes path_;
};

/// The wait class that a blocked thread shows to the path: a wait that a time-out could end as well as another thread is
/// the timer's when no other thread of the process does anything.
State shown_state(const ThreadRecord& thread, const ProcessRecord* process);

}  // namespace concadvise
