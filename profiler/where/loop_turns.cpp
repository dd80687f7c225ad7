#include "profiler/where/loop_turns.h"

#include <fmt/format.h>

namespace concadvise {
namespace {

constexpr std::size_t kMostAccounts = 20'000;
constexpr std::size_t kMostTasks = 5'000;   // told apart, of one place
constexpr double kOneTurn_s = 1;            // between two samples of a thread: beyond, it did something else in between

}  // namespace

void LoopTurns::note(Turns& turns, const std::optional<PythonTask>& task, double length_s) {
  // Several can have one name, and one can lie where another lay.
  if (task && turns.tasks.size() < kMostTasks) turns.tasks.insert(fmt::format("{:x} {}", task->address, task->name));
  if (length_s <= turns.longest_s) return;
  turns.longest_s = length_s;
  turns.longest = task.value_or(PythonTask{});
}

void LoopTurns::blocked(const Doing& doing, Stack stack, const std::optional<PythonTask>& task, double so_far_s, bool is_new) {
  if (turns_.size() >= kMostAccounts && !turns_.contains({doing, stack})) return;
  Turns& turns = turns_[{doing, stack}];
  turns.count += is_new ? 1 : 0;
  note(turns, task, so_far_s);
}

void LoopTurns::computed(const Doing& doing, Stack stack, const std::optional<PythonTask>& task, std::uint64_t when_ns, double period_s) {
  OnCpu& turn = on_cpu_[{doing.pid, doing.tid}];
  if (!task) {
    turn = {};
    return;
  }
  const bool same = turn.task == task->address && turn.step == task->step && when_ns >= turn.last_ns &&
                    static_cast<double>(when_ns - turn.last_ns) * 1e-9 < kOneTurn_s;
  if (!same) turn = {task->address, task->step, when_ns, when_ns};
  turn.last_ns = when_ns;
  if (turns_.size() >= kMostAccounts && !turns_.contains({doing, stack})) return;
  Turns& turns = turns_[{doing, stack}];
  turns.count += same ? 0 : 1;
  note(turns, task, static_cast<double>(turn.last_ns - turn.start_ns) * 1e-9 + period_s);
}

const LoopTurns::Turns* LoopTurns::of(const Doing& doing, Stack stack) const {
  const auto found = turns_.find({doing, stack});
  return found == turns_.end() ? nullptr : &found->second;
}

}  // namespace concadvise
