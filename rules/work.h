// Which threads do the work of a program, and what they wait for.
#pragma once

#include <vector>

#include "model/profile.h"

namespace concadvise {

struct Work {
  StateTimes seconds;              // thread-seconds over all threads
  StateTimes weighted;             // shares: mean over threads of their life's shares, weighted by their CPU time; sum 1
  StateTimes active;               // thread-seconds over the working threads
  double largest_cpu_s = 0;        // CPU time of the busiest thread
  std::vector<const Thread*> threads;  // the working threads, busiest first

  /// What an attached run is judged by: the working threads' shares without hand-overs between them, which only say that
  /// another thread of the program had the turn.
  StateTimes attached_view() const;
};

/// The working threads are the busiest ones that together used 95 % of the CPU time, and those that stood at least 5 % of
/// the run behind a lock or the GIL.
Work work_of(const Profile& profile);

/// The call site, or group of call sites with the same state, that the program waits for most from outside (disk,
/// network, ipc, timer, child); nullptr when there is none.
const Wait* dominating_wait(const Profile& profile);

}  // namespace concadvise
