#include "rules/work.h"

#include <algorithm>
#include <cmath>

#include "rules/cpu_use.h"

namespace concadvise {
namespace {

constexpr double kLeastWeight = 1e-6;

bool is_outside(State state) {
  return state == State::disk || state == State::network || state == State::ipc || state == State::timer || state == State::child ||
         state == State::fault;
}

// Of the wall time on one CPU; an idle server's housekeeping uses about as much.
constexpr double kLeastCpuShare = 0.002;

constexpr double kShortTurn_s = 5e-6;
constexpr double kFewestTurns = 1000;  // fewer say nothing about a run of any length

// Of the run a loop that is not saturated stands in its own wait at least so much.
constexpr double kComesBack = 0.05;

// Of its life a worker parks at least so much, or it is no worker.
constexpr double kLeastParked = 0.01;

// It parks until another thread has work for it: what it waits for between is that work's, even a timer.
bool is_handed_work(const Thread& thread) {
  return thread.states[State::handoff] > kLeastParked * thread.states.sum() && thread.states[State::idle] <= 0;
}

}  // namespace

StateTimes Work::attached_view() const {
  StateTimes view = weighted;
  view[State::handoff] = 0;
  return view.sum() > 0 ? view.shares() : weighted;
}

bool passes_turn(const Thread& thread) {
  const double waits_for_others = thread.states[State::ipc] + thread.states[State::handoff];
  return static_cast<double>(thread.switches) >= kFewestTurns && waits_for_others > 0.5 * thread.states.blocked() &&
         thread.states[State::on_cpu] < kShortTurn_s * static_cast<double>(thread.switches);
}

bool stands_behind_lock(const Thread& thread, double wall_s) {
  return thread.states[State::lock] + thread.states[State::gil] > 0.05 * wall_s;
}

Work work_of(const Profile& profile) {
  Work work;
  std::vector<const Thread*> order;
  for (const Thread& thread : profile.threads) {
    order.push_back(&thread);
    work.seconds += thread.states;
    const double cpu = thread.states[State::on_cpu];
    // Who used no CPU at all weighs next to nothing, unless nobody used any: an idle server is still waiting for clients.
    work.weighted += thread.states.shares().scaled(std::max(cpu, kLeastWeight * thread.states.sum()));
    work.largest_cpu_s = std::max(work.largest_cpu_s, cpu);
    if (passes_turn(thread)) work.fine_cpu_s += cpu;
    if (is_handed_work(thread))
      for (State state : kAllStates)
        if (is_outside(state)) work.served_s += thread.states[state];
  }
  // Where hardly anybody computes, CPU time says nothing about who does the work: the path does.
  work.weighted += profile.shares.scaled(kLeastCpuShare * profile.measurement.wall_s);
  work.weighted = work.weighted.shares();
  std::sort(order.begin(), order.end(), [](const Thread* a, const Thread* b) {
    return a->states[State::on_cpu] > b->states[State::on_cpu] || (a->states[State::on_cpu] == b->states[State::on_cpu] && a->tid < b->tid);
  });
  const double enough = 0.95 * work.seconds[State::on_cpu];
  double covered = 0;
  for (const Thread* thread : order) {
    const bool busy = covered < enough;
    covered += thread->states[State::on_cpu];
    if (!busy && !stands_behind_lock(*thread, profile.measurement.wall_s)) continue;
    work.threads.push_back(thread);
    work.active += thread->states;
  }
  return work;
}

WaitSize size_of(const Wait& wait) {
  WaitSize out{wait.count, wait.longest_s};
  if (wait.count_is_estimate) {
    // As many as the sum needs at least, if none was longer than the longest; a tenth over a whole number is sampling.
    constexpr double kSampling = 0.1;
    if (wait.longest_s > 0) out.count = std::max(out.count, wait.seconds / wait.longest_s);
    out.count = std::max(1.0, std::ceil(out.count - kSampling));
  }
  if (out.count > 0) out.longest_s = std::max(out.longest_s, wait.seconds / out.count);
  return out;
}

double longest_of(const Stall& stall) { return std::max(stall.longest_s, stall.count >= 1 ? stall.seconds / stall.count : 0); }

double longest_stall_of(const Loop& loop) {
  double out = loop.longest_stall_s;
  for (const Stall& stall : loop.stalls) out = std::max(out, longest_of(stall));
  return out;
}

Waiting waiting_of(const Profile& profile, const Work& work) {
  Waiting out;
  const StateTimes weight = profile.target.attached ? work.weighted : profile.shares;
  StateTimes seconds;
  for (const Wait& wait : profile.waits) seconds[wait.state] += wait.seconds;
  const auto heavier = [&](State a, State b) { return weight[a] != weight[b] ? weight[a] > weight[b] : seconds[a] > seconds[b]; };
  for (State state : kAllStates)
    if (is_outside(state) && seconds[state] > 0 && (out.state == State::other || heavier(state, out.state))) out.state = state;
  out.path_s = weight[out.state] * profile.measurement.wall_s;
  double in_flight = 0;
  for (const Wait& wait : profile.waits) {
    if (wait.state != out.state || wait.seconds < 0.05 * seconds[out.state]) continue;
    if (out.site == nullptr || wait.seconds > out.site->seconds) out.site = &wait;
    // Waits are as many as their sum needs at least, if none was longer than the longest.
    out.count += std::max(wait.count, wait.longest_s > 0 ? wait.seconds / wait.longest_s : 0);
    out.longest_s = std::max(out.longest_s, size_of(wait).longest_s);
    in_flight = std::max(in_flight, wait.in_flight);
  }
  if (out.site == nullptr) return out;
  // The mean over the run thins a short phase of many waits; per second that the path waits it does not.
  out.overlap = std::max(in_flight, out.path_s > 0.01 && !profile.target.attached ? out.site->seconds / out.path_s : 0);
  for (const Loop& loop : profile.loops)
    if (out.state == State::network) out.overlap = std::max(out.overlap, loop.connections_outbound);
  return out;
}

namespace {

/// Computing of a loop whose stalls were not listed: its busy time, imports aside, over the times that it came back to its wait. Only
/// of programs that were seen whole, and that do come back: a saturated server never stands in its wait, however short its turns are.
void long_turns(const Profile& profile, const Loop& loop, LoopTrouble& out) {
  if (profile.target.attached || loop.iterations < 1 || loop.waiting_s < kComesBack * profile.measurement.wall_s) return;
  out.computing_s = std::max(0.0, loop.busy_s - cpu_use_of(profile).importing_s);
  out.longest_computing_s = out.computing_s / (loop.iterations + 1);
}

}  // namespace

LoopTrouble loop_trouble(const Profile& profile) {
  LoopTrouble worst;
  for (const Loop& loop : profile.loops) {
    LoopTrouble one;
    one.loop = &loop;
    for (const Stall& stall : loop.stalls) {
      const bool computing = !is_blocked(stall.state);
      (computing ? one.computing_s : one.blocked_s) += stall.seconds;
      double& longest = computing ? one.longest_computing_s : one.longest_blocked_s;
      longest = std::max(longest, stall.longest_s);
      one.stalls += stall.count;
      if (!computing) one.blocked_stalls += stall.count;
      if (is_outside(stall.state)) one.outside_s += stall.seconds, one.outside_stalls += stall.count;
      if (one.worst == nullptr || stall.seconds > one.worst->seconds) one.worst = &stall;
    }
    one.blocked_s = std::max(one.blocked_s, loop.blocked_s);
    if (one.computing_s <= 0) long_turns(profile, loop, one);
    const bool first = worst.loop == nullptr;
    if (first || one.blocked_s + one.computing_s > worst.blocked_s + worst.computing_s) worst = one;
  }
  return worst;
}

}  // namespace concadvise
