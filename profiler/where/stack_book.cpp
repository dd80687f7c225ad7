#include "profiler/where/stack_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "profiler/where/loop_runners.h"

namespace concadvise {
namespace {

Frame stand_in(std::string text, std::string kind) {
  Frame frame;
  frame.function = std::move(text);
  frame.kind = std::move(kind);
  return frame;
}

// Stacks that differ only in lines or in the depth of a recursion are one place. Code without names differs by offset.
std::string key_of(const std::vector<Frame>& frames) {
  std::string key;
  std::string last;
  for (const Frame& frame : frames) {
    std::string part = fmt::format("{}\x1f{}\x1f{}\x1f{}\n", frame.function, frame.module, frame.file,
                                   frame.function.empty() ? frame.offset : 0);
    if (part == last) continue;
    key += part;
    last = std::move(part);
  }
  return key;
}

}  // namespace

StackBook::StackBook() : unwinder_(modules_), symbolizer_(modules_) {}

StackBook::~StackBook() = default;

void StackBook::new_program(int pid) {
  modules_.forget(pid);
  readers_.erase(pid);
}

void StackBook::describe(int pid, const PythonRuntime* python) {
  if (python == nullptr) {
    readers_.erase(pid);
    return;
  }
  if (readers_.contains(pid)) return;
  auto reader = std::make_unique<PythonReader>(pid, *python, codes_);
  if (reader->supported()) readers_[pid] = std::move(reader);
}

PythonReader* StackBook::python(int pid) {
  const auto found = readers_.find(pid);
  return found == readers_.end() ? nullptr : found->second.get();
}

std::optional<PythonTask> StackBook::add_python(int pid, int tid, SeenStack& stack, const SampledWords* sampled) {
  PythonReader* reader = python(pid);
  if (reader == nullptr) return {};
  PythonStack python = reader->stack(tid, sampled);
  if (python.torn) return {};
  stack.python = std::move(python);
  const auto is_coroutine = [this](const PythonPlace& place) { return codes_.is_coroutine(place); };
  if (std::none_of(stack.python.frames.begin(), stack.python.frames.end(), is_coroutine)) return {};
  std::optional<PythonTask> task = reader->task();
  if (reader->has_asyncio()) turns_.count_coroutine(task.has_value());
  return task;
}

bool StackBook::runs_python_loop(const SeenStack& stack) const {
  return !stack.python.frames.empty() && !loop_running(codes_.frames(stack.python)).empty();
}

bool StackBook::looks_after_python_pool(const SeenStack& stack) const {
  return !stack.python.frames.empty() && looks_after_pool(codes_.frames(stack.python));
}

std::vector<StackBook::LoopThread> StackBook::loop_threads() {
  struct Seen {
    double all_s = 0;
    double in_loop_s = 0;
    std::string_view library;
  };
  std::map<std::pair<int, int>, Seen> threads;
  for (const auto& [doing, stacks] : weights_) {
    Seen& seen = threads[{doing.pid, doing.tid}];
    for (const auto& [stack, weight] : stacks) {
      seen.all_s += weight.seconds;
      const std::string_view library = loop_running(named(stack).frames);
      if (library.empty()) continue;
      seen.in_loop_s += weight.seconds;
      seen.library = library;
    }
  }
  std::vector<LoopThread> found;
  for (const auto& [thread, seen] : threads)
    if (seen.in_loop_s * 2 > seen.all_s) found.push_back({thread.first, thread.second, std::string(seen.library)});
  return found;
}

StackBook::Id StackBook::intern(SeenStack stack) {
  if (ids_.size() >= kMostStacks && !ids_.contains(stack)) {
    SeenStack innermost;
    if (!stack.native.frames.empty()) innermost.native.frames.push_back(stack.native.frames.front());
    innermost.native.truncated = true;
    stack = std::move(innermost);
  }
  const auto [entry, is_new] = ids_.try_emplace(std::move(stack), static_cast<Id>(stacks_.size()));
  if (is_new) stacks_.push_back(&entry->first);
  return entry->second;
}

std::vector<Frame> StackBook::name(const SeenStack& stack) {
  std::vector<Frame> frames;
  if (!stack.kernel.empty()) {
    if (kernel_ == nullptr) kernel_ = std::make_unique<KernelSymbols>();
    for (const std::uint64_t address : stack.kernel) {
      Frame frame = stand_in(kernel_->function(address), "kernel");
      frame.module = "[kernel]";
      frame.offset = address;
      frames.push_back(std::move(frame));
    }
  }
  std::vector<Frame> user = symbolizer_.frames(stack.native);
  if (!stack.python.frames.empty()) user = merge_stacks(user, codes_.frames(stack.python), stack.python.entries);
  frames.insert(frames.end(), std::make_move_iterator(user.begin()), std::make_move_iterator(user.end()));
  return frames;
}

const StackBook::Named& StackBook::named(Id stack) {
  const auto [entry, is_new] = names_.try_emplace(stack);
  if (is_new) {
    entry->second.frames = name(*stacks_[stack]);
    entry->second.key = key_of(entry->second.frames);
  }
  return entry->second;
}

// The stacks of one place, and the heaviest of them to show it by.
std::map<std::string, StackBook::Place> StackBook::places(const Weights& stacks) {
  std::map<std::string, Place> by_name;
  for (const auto& [id, weight] : stacks) {
    Place& place = by_name[named(id).key];
    place.sum.seconds += weight.seconds;
    place.sum.count += weight.count;
    if (place.heaviest_s > weight.seconds) continue;
    place.heaviest_s = weight.seconds;
    place.stack = id;
  }
  return by_name;
}

std::vector<Frame> StackBook::heaviest(const Weights& stacks) {
  const Place* best = nullptr;
  const auto by_name = places(stacks);
  for (const auto& [key, place] : by_name)
    if (!key.empty() && (best == nullptr || place.sum.seconds > best->sum.seconds)) best = &place;
  return best == nullptr ? std::vector<Frame>{} : named(best->stack).frames;
}

void StackBook::add_spots(State state, const Weights& stacks, double total_s, Profile& profile) {
  std::vector<HotSpot> sorted;
  for (const auto& [key, place] : places(stacks)) {
    HotSpot spot;
    spot.state = state;
    spot.seconds = place.sum.seconds;
    spot.count = place.sum.count;
    spot.stack = named(place.stack).frames;
    sorted.push_back(std::move(spot));
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const HotSpot& a, const HotSpot& b) { return a.seconds > b.seconds; });
  if (sorted.size() > kMostSpots) {
    HotSpot rest;
    rest.state = state;
    for (std::size_t i = kMostSpots; i < sorted.size(); ++i) {
      rest.seconds += sorted[i].seconds;
      rest.count += sorted[i].count;
    }
    rest.stack = {stand_in(fmt::format("({} other stacks)", sorted.size() - kMostSpots), "native")};
    sorted.resize(kMostSpots);
    sorted.push_back(std::move(rest));
  }
  for (HotSpot& spot : sorted) {
    spot.share = total_s > 0 ? std::min(1.0, spot.seconds / total_s) : 0;
    profile.hot_spots.push_back(std::move(spot));
  }
}

void StackBook::fill_on_cpu(Profile& profile) {
  Weights all;
  double sampled_s = 0;
  for (const auto& [doing, stacks] : weights_) {
    if (doing.state != State::on_cpu) continue;
    for (const auto& [id, weight] : stacks) {
      all[id].seconds += weight.seconds;
      all[id].count += weight.count;
      sampled_s += weight.seconds;
      profile.measurement.cpu_samples += static_cast<std::uint64_t>(weight.count);
    }
  }
  const double total_s = profile.measurement.cpu_s;
  if (sampled_s <= 0 || total_s <= 0) return;
  const double seen_s = total_s * (1 - unseen_.share);
  for (auto& [id, weight] : all) weight.seconds *= seen_s / sampled_s;
  add_spots(State::on_cpu, all, total_s, profile);
  if (unseen_.share <= 0) return;
  HotSpot unseen;
  unseen.seconds = total_s - seen_s;
  unseen.share = unseen_.share;
  unseen.stack = {stand_in(unseen_.name, "kernel")};
  profile.hot_spots.push_back(std::move(unseen));
}

void StackBook::fill_waits(Profile& profile) {
  std::map<std::pair<State, std::string>, Weights> by_wait;
  for (const auto& [doing, stacks] : weights_) {
    if (doing.state == State::on_cpu) continue;
    Weights& sum = by_wait[{doing.state, doing.what}];
    for (const auto& [id, weight] : stacks) {
      sum[id].seconds += weight.seconds;
      sum[id].count += weight.count;
    }
  }
  std::map<State, Weights> by_state;
  StateTimes total;
  for (const Thread& thread : profile.threads) total += thread.states;
  for (Wait& wait : profile.waits) {
    const auto found = by_wait.find({wait.state, wait.what});
    if (found == by_wait.end()) continue;
    wait.stack = heaviest(found->second);
    double sampled_s = 0;
    for (const auto& [id, weight] : found->second) sampled_s += weight.seconds;
    if (sampled_s <= 0) continue;
    for (const auto& [id, weight] : found->second) {
      Weight& sum = by_state[wait.state][id];
      sum.seconds += weight.seconds * wait.seconds / sampled_s;
      sum.count += weight.count;
    }
  }
  for (const auto& [state, stacks] : by_state) add_spots(state, stacks, total[state], profile);
}

void StackBook::fill_of_threads(Profile& profile) {
  const auto stack_of = [this](int pid, int tid, State state, const std::string& what) {
    const auto found = weights_.find(Doing{pid, tid, state, state == State::on_cpu ? "" : what});
    return found == weights_.end() ? std::vector<Frame>{} : heaviest(found->second);
  };
  for (Thread& thread : profile.threads)
    for (Wait& wait : thread.waits) wait.stack = stack_of(thread.pid, thread.tid, wait.state, wait.what);
  for (Loop& loop : profile.loops)
    for (Stall& stall : loop.stalls) stall.stack = stack_of(loop.pid, loop.tid, stall.state, stall.what);
}

void StackBook::contribute(Profile& profile) {
  fill_on_cpu(profile);
  fill_waits(profile);
  fill_of_threads(profile);
  fill_stops(profile);
  fill_transfers(profile);
  std::stable_sort(profile.hot_spots.begin(), profile.hot_spots.end(),
                   [](const HotSpot& a, const HotSpot& b) { return a.seconds > b.seconds; });
  const Unwinder::Counts stacks = unwinder_.counts();
  if (stacks.stacks > 0)
    profile.measurement.stacks_truncated = static_cast<double>(stacks.truncated) / static_cast<double>(stacks.stacks);
  const Symbolizer::Counts names = symbolizer_.counts();
  if (names.resolved + names.unresolved > 0)
    profile.measurement.symbols_resolved =
        static_cast<double>(names.resolved) / static_cast<double>(names.resolved + names.unresolved);
}

}  // namespace concadvise
