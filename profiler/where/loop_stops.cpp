// Where in the code that they run event loops stopped, by what the book has of their threads.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "profiler/where/stack_book.h"

namespace concadvise {

/// One place, while it is added up.
struct StackBook::StopSum {
  LoopStop stop;
  double heaviest_s = 0;
  double seen = 0;  // waits with a stack of their own
  std::unordered_set<std::string> tasks;
};

namespace {

constexpr double kLooksOfLongWait = 2;
constexpr double kEndsNotSeen = 1.25;  // a wait is up to that much longer than from its first look to its last

// What an event loop calls for each thing that it has to do: below it stand the loop's own frames. CPython's Lib/asyncio.
bool is_turn_of_loop(const Frame& frame) { return frame.function.ends_with("_run") && frame.file.ends_with("/asyncio/events.py"); }

}  // namespace

std::vector<Frame> StackBook::await_chain(const SeenStack& stack) const {
  std::vector<Frame> chain;
  for (const PythonPlace& place : stack.python.frames) {
    Frame frame = codes_.frame(place);
    if (is_turn_of_loop(frame)) break;
    if (codes_.is_coroutine(place)) chain.push_back(std::move(frame));
  }
  return chain;
}

// A wait is told from others by the lines that lead to it (in Python by its own lines: below them the way through a library may
// differ from one call to the next), computing by its coroutines.
std::string StackBook::stop_key(const Doing& doing, Id stack, const std::vector<Frame>& chain) {
  std::string key = fmt::format("{}\x1f{}\n", static_cast<int>(doing.state), doing.what);
  if (doing.state == State::on_cpu) {
    for (const Frame& frame : chain) key += fmt::format("{}\x1f{}\n", frame.function, frame.file);
    return key;
  }
  const std::vector<Frame>& frames = named(stack).frames;
  const bool has_python = std::any_of(frames.begin(), frames.end(), [](const Frame& frame) { return frame.kind == "python"; });
  for (const Frame& frame : frames) {
    if (has_python && is_turn_of_loop(frame)) break;
    if (frame.kind == (has_python ? "python" : "native"))
      key += fmt::format("{}\x1f{}\x1f{}\x1f{}\n", frame.function, frame.module, frame.file, frame.line);
  }
  return key;
}

void StackBook::add_stops(const Doing& doing, const Weights& stacks, double seconds, double count, std::map<std::string, StopSum>& sums) {
  // Where Python's part was torn, or not yet known to be there, the time is shared out like the rest.
  const auto has_python = [this](const auto& each) { return !stacks_[each.first]->python.frames.empty(); };
  const bool python_only = std::any_of(stacks.begin(), stacks.end(), has_python);
  Weight all;
  for (const auto& each : stacks)
    if (!python_only || has_python(each)) all.seconds += each.second.seconds, all.count += each.second.count;
  if (all.seconds <= 0) return;
  for (const auto& [id, weight] : stacks) {
    if (python_only && stacks_[id]->python.frames.empty()) continue;
    const bool computes = doing.state == State::on_cpu;
    std::vector<Frame> chain = await_chain(*stacks_[id]);
    if (computes && chain.empty()) continue;  // the loop's own work
    StopSum& sum = sums[stop_key(doing, id, chain)];
    LoopStop& stop = sum.stop;
    stop.state = doing.state;
    stop.what = computes ? "computing" : doing.what;
    stop.seconds += seconds * weight.seconds / all.seconds;
    const LoopTurns::Turns* turns = turns_.of(doing, id);
    if (!computes && all.count > 0) stop.count += count * weight.count / all.count;
    if (computes && turns != nullptr) stop.count += turns->count;
    if (turns != nullptr) {
      sum.seen += turns->count;
      sum.tasks.insert(turns->tasks.begin(), turns->tasks.end());
      if (turns->longest_s > stop.longest_s) {
        stop.longest_s = turns->longest_s;
        stop.task = turns->longest.name;
        stop.awaited_by = turns->longest.awaited_by;
        stop.awaiting_coroutine = turns->longest.awaiting_coroutine;
      }
    }
    if (weight.seconds <= sum.heaviest_s) continue;
    sum.heaviest_s = weight.seconds;
    stop.chain = std::move(chain);
    stop.stack = named(id).frames;
  }
}

void StackBook::fill_stops(Profile& profile) {
  std::map<std::pair<int, int>, double> on_cpu_s;
  for (const Thread& thread : profile.threads) on_cpu_s[{thread.pid, thread.tid}] = thread.states[State::on_cpu];
  for (Loop& loop : profile.loops) {
    std::map<std::string, StopSum> sums;
    for (auto found = weights_.lower_bound(Doing{loop.pid, loop.tid, State::on_cpu, ""});
         found != weights_.end() && found->first.pid == loop.pid && found->first.tid == loop.tid; ++found) {
      const Doing& doing = found->first;
      if (doing.state == State::on_cpu) {
        add_stops(doing, found->second, on_cpu_s[{loop.pid, loop.tid}], 0, sums);
        continue;
      }
      const auto stall = std::find_if(loop.stalls.begin(), loop.stalls.end(),
                                      [&](const Stall& each) { return each.state == doing.state && each.what == doing.what; });
      if (stall != loop.stalls.end()) add_stops(doing, found->second, stall->seconds, stall->count, sums);
    }
    for (auto& [key, sum] : sums) {
      // Waits much longer than the time between looks were all seen, if those account for all of their time.
      const bool all_seen = sum.stop.longest_s > kLooksOfLongWait * profile.measurement.interval_s &&
                            sum.seen * sum.stop.longest_s * kEndsNotSeen >= sum.stop.seconds;
      if (is_blocked(sum.stop.state) && all_seen) sum.stop.count = sum.seen;
      sum.stop.tasks = static_cast<double>(sum.tasks.size());
      loop.stops.push_back(std::move(sum.stop));
    }
    std::stable_sort(loop.stops.begin(), loop.stops.end(), [](const LoopStop& a, const LoopStop& b) { return a.seconds > b.seconds; });
    if (loop.stops.size() > kMostStops) loop.stops.resize(kMostStops);
  }
  if (turns_.named() < turns_.seen())
    profile.measurement.notes.push_back(fmt::format("Which asyncio task a coroutine belongs to could not be read at {} of {} looks.",
                                                    turns_.seen() - turns_.named(), turns_.seen()));
}

}  // namespace concadvise
