// The critical path where wake-ups can't be seen: "wait-for sampling".
//
// The idea: at every sweep each thread's time since the last sweep is known as shares of running, queueing and being
// blocked, and for a blocked thread what it waits for. The path starts at the thread whose life is the run (the main
// thread of the launched process). What it computes is on the path. What it waits for outside (a disk, a timer, a peer
// elsewhere) is on the path. Where it waits for somebody inside the target (a join, a lock's holder, a child, the other
// end of a pipe) the path hops to them, and the same question is asked there. A thread that was blocked for half of the
// interval leaves the other half to those it waited for: what they computed meanwhile is taken to have filled just that
// half, which is right for threads that take turns. Where several threads could be the awaited one, the path is shared
// among them by how much CPU they used of late, so that parked helpers and heartbeat timers don't hide the workers.
// Summed over sweeps this gives the states of the run's longest chain to the accuracy of the sampling.
// Cost: linear in the threads once a sweep; then a bounded number of hops among the few that do the work in each process.
// Compare wPerf (OSDI '18), which needs every wake-up for the same walk.
#pragma once

#include <unordered_map>
#include <vector>

#include "profiler/timeline/census.h"

namespace concadvise {

class PathWalk {
 public:
  explicit PathWalk(Census& census) : census_(census) {}

  /// The path's states in the interval that has just been sampled; sum 1. From the main thread of `root`.
  StateTimes from_process(int root);

  /// Of the last interval's path, the share that a supervisor's timer waits handed to its workers. Wake-ups don't show such
  /// a hand-over: the clock wakes the supervisor.
  double supervised_share() const { return supervised_share_; }

  /// The same for a set of processes of equal rank: an attached target, or descendants that outlive their root.
  StateTimes from_all();

 private:
  struct Candidate {
    ThreadRecord* thread;
    double weight;  // its part of a path that is shared with others
  };
  using Candidates = std::vector<Candidate>;

  void prepare();
  void walk(ThreadRecord& thread, double amount, double cover, int depth);
  void follow_wait(ThreadRecord& thread, double amount, int depth);
  void hop(Candidates candidates, double amount, double cover, State reason, int depth);
  Candidates awaited(const ThreadRecord& thread) const;
  Candidates supervised(const ThreadRecord& thread) const;
  void add_leaders(int pid, Candidates& to) const;
  bool serves_clients(int pid) const;
  bool is_awaited_by_another() const;
  bool on_the_way(const ThreadRecord* thread) const;

  Census& census_;
  std::unordered_map<int, Candidates> leaders_;  // of each process, those that do the most, largest weight first
  std::vector<const ThreadRecord*> way_;         // the threads from the start to here
  StateTimes path_;
  double supervised_share_ = 0;
};

/// The wait class that a blocked thread shows: a wait that a time-out or a client could end as well as somebody inside the
/// target is theirs when nobody inside does anything.
State shown_state(const ThreadRecord& thread, Census& census);

}  // namespace concadvise
