#include "rules/work.h"

#include <algorithm>

namespace concadvise {
namespace {

bool is_outside(State state) {
  return state == State::disk || state == State::network || state == State::ipc || state == State::timer || state == State::child ||
         state == State::fault;
}

}  // namespace

StateTimes Work::attached_view() const {
  StateTimes view = weighted;
  view[State::handoff] = 0;
  return view.sum() > 0 ? view.shares() : weighted;
}

Work work_of(const Profile& profile) {
  Work work;
  std::vector<const Thread*> order;
  for (const Thread& thread : profile.threads) {
    order.push_back(&thread);
    work.seconds += thread.states;
    const double cpu = thread.states[State::on_cpu];
    work.weighted += thread.states.shares().scaled(cpu);
    work.largest_cpu_s = std::max(work.largest_cpu_s, cpu);
  }
  work.weighted = work.weighted.shares();
  std::sort(order.begin(), order.end(), [](const Thread* a, const Thread* b) {
    return a->states[State::on_cpu] > b->states[State::on_cpu] || (a->states[State::on_cpu] == b->states[State::on_cpu] && a->tid < b->tid);
  });
  const double enough = 0.95 * work.seconds[State::on_cpu];
  double covered = 0;
  for (const Thread* thread : order) {
    const bool busy = covered < enough;
    const bool behind_lock = thread->states[State::lock] + thread->states[State::gil] > 0.05 * profile.measurement.wall_s;
    covered += thread->states[State::on_cpu];
    if (!busy && !behind_lock) continue;
    work.threads.push_back(thread);
    work.active += thread->states;
  }
  return work;
}

const Wait* dominating_wait(const Profile& profile) {
  StateTimes weight = profile.shares;
  State state = State::other;
  for (State candidate : kAllStates)
    if (is_outside(candidate) && (state == State::other || weight[candidate] > weight[state])) state = candidate;
  const Wait* best = nullptr;
  for (const Wait& wait : profile.waits)
    if (wait.state == state && (best == nullptr || wait.seconds > best->seconds)) best = &wait;
  if (best != nullptr) return best;
  for (const Wait& wait : profile.waits)
    if (is_outside(wait.state) && (best == nullptr || wait.seconds > best->seconds)) best = &wait;
  return best;
}

}  // namespace concadvise
