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
  double served_s = 0;             // thread-seconds of waits outside, of threads that are handed work and park between
  double fine_cpu_s = 0;           // CPU time of threads that do little more than pass the turn: see passes_turn
  std::vector<const Thread*> threads;  // the working threads, busiest first

  /// What an attached run is judged by: the working threads' shares without hand-overs between them, which only say that
  /// another thread of the program had the turn.
  StateTimes attached_view() const;
};

/// Whether it waited for locks or the GIL for at least a twentieth of the run's `wall_s` seconds.
bool stands_behind_lock(const Thread& thread, double wall_s);

/// Whether a thread computes hardly longer between two waits for others than a hand-over itself costs. A switch by pipe,
/// eventfd or condition variable takes 1.5 to 3 us of CPU time on both sides together (perf bench sched pipe, and the
/// hand-over that `concadvise calibrate` measures); of a turn of 5 us or less most is that.
bool passes_turn(const Thread& thread);

/// The working threads are the busiest ones that together used 95 % of the CPU time, and those that stood at least 5 % of
/// the run behind a lock or the GIL.
Work work_of(const Profile& profile);

/// What the program waits for most from outside (disk, network, ipc, timer, child).
struct Waiting {
  State state = State::other;
  const Wait* site = nullptr;  // the call site with most of it; nullptr when it waits for nothing
  double path_s = 0;           // seconds of the critical path
  double count = 0;            // waits at the sites that matter
  double longest_s = 0;
  double overlap = 0;          // waits in flight while it waits: 1 is one after the other
};
/// How many waits there were and how long the longest was, so that they agree with their sum: sampling sees a wait's ends
/// late and early, and short waits not one by one.
struct WaitSize {
  double count = 0;      // whole where it is an estimate
  double longest_s = 0;  // at least the mean
};
WaitSize size_of(const Wait& wait);
double longest_of(const Stall& stall);
double longest_stall_of(const Loop& loop);

Waiting waiting_of(const Profile& profile, const Work& work);

/// What stops the event loop that is stopped most.
struct LoopTrouble {
  const Loop* loop = nullptr;      // nullptr when there is none
  const Stall* worst = nullptr;    // the stall that took most; nullptr when the profile lists none
  double blocked_s = 0;            // stopped by waits that are not its own
  double longest_blocked_s = 0;
  double computing_s = 0;          // stopped by computing
  double longest_computing_s = 0;
  double stalls = 0;               // how often, both kinds
  double blocked_stalls = 0;       // how often by waits
  double outside_s = 0;            // of blocked_s: by waits for something outside, not for other threads of the program
  double outside_stalls = 0;
};
LoopTrouble loop_trouble(const Profile& profile);

}  // namespace concadvise
