#include "profiler/timeline/path.h"

#include <algorithm>

namespace concadvise {
namespace {

constexpr int kDeepest = 8;            // hops; a longer chain is cut and charged to its last wait
constexpr std::size_t kLeaders = 8;    // threads of one process, or of all candidates, that a path is shared among
constexpr double kNegligible = 0.005;  // of the interval: not followed further

// A waiter that does not compute weighs this much against one that keeps a CPU busy.
constexpr double kLeastWeight = 1e-3;
// Waiting for work counts only where nobody waits for something else.
constexpr double kIdleFactor = 1e-4;
// A thread parked for another one is not the awaited one as long as there is one that does something.
constexpr double kParkedFactor = 1e-2;
// A periodic timer is more often a heartbeat than the work.
constexpr double kTimerFactor = 0.1;

// A thread that sleeps again and again while others compute much more than it looks after them: the path is theirs as long
// as one of them does something.
constexpr std::uint64_t kFewestSlicesOfSupervisor = 10;
constexpr double kWorkerFactor = 3;
constexpr double kLeastWorkerActivity = 0.02;
// One that lets others work for so long a time, given beforehand, sleeps seldom. They must do a good part of what a CPU can:
// beside a background thread that hardly does anything a long sleep is what the run waits for.
constexpr std::uint64_t kLongSleep_ns = 1'000'000'000;
constexpr double kLeastTimedActivity = 0.2;

// Of its life it computed, wanted to, or waited for a disk: nobody's disk waits are those of a clock.
double working_share(const ThreadRecord& thread) {
  const double life = thread.life_s();
  const double works = thread.cpu_s() + thread.queue_s() + thread.states[State::disk] + thread.states[State::fault];
  return life > 0 ? works / life : 0;
}

// At this sweep it computes, wants to, or waits for something outside the target.
bool is_active(const ThreadRecord& thread) {
  if (thread.running || thread.composition.run + thread.composition.queue > 0.02) return true;
  return thread.wait.hop == Hop::none && thread.wait.state != State::idle;
}

double weight_of(const ThreadRecord& thread) {
  if (thread.looks < 2) return 0;  // just born: nothing is known of it yet
  const Composition& mix = thread.composition;
  double factor = 1;
  if (thread.wait.hop == Hop::threads || thread.wait.only_if_active) factor = kParkedFactor;
  if (thread.wait.hop == Hop::none && thread.wait.state == State::idle) factor = kIdleFactor;
  if (thread.wait.hop == Hop::none && thread.wait.state == State::timer) factor = kTimerFactor;
  return (thread.activity + kLeastWeight) * (mix.run + mix.queue + mix.blocked * factor);
}

bool any_active_in(const ProcessRecord* process, const ThreadRecord* except) {
  return process != nullptr && std::any_of(process->threads.begin(), process->threads.end(), [&](const ThreadRecord* each) {
           return each != except && is_active(*each);
         });
}

bool is_below(const ProcessRecord& process, int ancestor, Census& census) {
  int parent = process.ppid;
  for (int up = 0; up < kDeepest && parent > 0; ++up) {
    if (parent == ancestor) return true;
    const ProcessRecord* next = census.process(parent);
    parent = next == nullptr ? 0 : next->ppid;
  }
  return false;
}

bool any_active_below(int pid, Census& census) {
  return std::any_of(census.processes().begin(), census.processes().end(), [&](const auto& each) {
    return each.second.alive && any_active_in(&each.second, nullptr) && is_below(each.second, pid, census);
  });
}

// A server waits for its children when they work for it; with its parent and siblings it only shares channels.
bool is_child_of(const ProcessRecord* process, int parent) { return process != nullptr && process->ppid == parent; }

}  // namespace

State shown_state(const ThreadRecord& thread, Census& census) {
  const Observation& wait = thread.wait;
  if (!wait.only_if_active) return wait.state;
  if (wait.hop == Hop::threads) return any_active_in(census.process(thread.pid), &thread) ? State::handoff : wait.state;
  if (wait.hop == Hop::children) return any_active_below(thread.pid, census) ? State::child : wait.state;
  for (const int peer : wait.peers) {
    const ProcessRecord* process = census.process(peer);
    if (is_child_of(process, thread.pid) && any_active_in(process, &thread)) return State::ipc;
  }
  return wait.state;
}

void PathWalk::prepare() {
  path_ = StateTimes{};
  supervised_share_ = 0;
  way_.clear();
  leaders_.clear();
  const auto heavier = [](const Candidate& a, const Candidate& b) { return a.weight > b.weight; };
  for (const auto& [pid, process] : census_.processes()) {
    if (!process.alive) continue;
    Candidates& leaders = leaders_[pid];
    for (ThreadRecord* thread : process.threads) {
      leaders.push_back({thread, weight_of(*thread)});
      std::push_heap(leaders.begin(), leaders.end(), heavier);
      if (leaders.size() <= kLeaders) continue;
      std::pop_heap(leaders.begin(), leaders.end(), heavier);
      leaders.pop_back();
    }
    std::sort(leaders.begin(), leaders.end(), heavier);
  }
}

StateTimes PathWalk::from_process(int root) {
  prepare();
  if (ThreadRecord* main = census_.main_thread(root)) {
    walk(*main, 1, 1, 0);
    return path_;
  }
  if (census_.process(root) == nullptr) return from_all();
  Candidates rest;  // the main thread has ended before the others
  add_leaders(root, rest);
  hop(std::move(rest), 1, 1, State::handoff, 0);
  return path_;
}

StateTimes PathWalk::from_all() {
  prepare();
  Candidates everybody;
  bool any_active = false;
  for (const auto& [pid, leaders] : leaders_) {
    add_leaders(pid, everybody);
    any_active |= any_active_in(census_.process(pid), nullptr);
  }
  if (!any_active) {
    path_[State::idle] = 1;  // all are parked or wait for clients: nobody has work
    return path_;
  }
  hop(std::move(everybody), 1, 1, State::other, 0);
  return path_;
}

bool PathWalk::on_the_way(const ThreadRecord* thread) const {
  return std::find(way_.begin(), way_.end(), thread) != way_.end();
}

void PathWalk::add_leaders(int pid, Candidates& to) const {
  const auto found = leaders_.find(pid);
  if (found == leaders_.end()) return;
  for (const Candidate& each : found->second)
    if (!on_the_way(each.thread)) to.push_back(each);
}

void PathWalk::walk(ThreadRecord& thread, double amount, double cover, int depth) {
  const Composition& mix = thread.composition;
  const double run = std::min(1.0, mix.run / cover);
  const double queue = std::min(1.0 - run, mix.queue / cover);
  path_[State::on_cpu] += amount * run;
  path_[State::runnable] += amount * queue;
  const double rest = amount * (1 - run - queue);
  if (rest <= 0) return;
  way_.push_back(&thread);
  follow_wait(thread, rest, depth);
  way_.pop_back();
}

PathWalk::Candidates PathWalk::supervised(const ThreadRecord& thread) const {
  Candidates workers;
  const bool again_and_again = thread.last.slices - thread.first.slices >= kFewestSlicesOfSupervisor;
  if (!again_and_again && thread.seen_ns - std::min(thread.seen_ns, thread.blocked_since_ns) < kLongSleep_ns) return workers;
  const double least = std::max(again_and_again ? kLeastWorkerActivity : kLeastTimedActivity, thread.activity * kWorkerFactor);
  bool any_active = false;
  for (const auto& [pid, leaders] : leaders_) {
    if (!again_and_again && pid != thread.pid) continue;  // a script's sleep is its own, whatever it has started before
    for (const Candidate& each : leaders) {
      if (std::max(each.thread->activity, working_share(*each.thread)) < least || on_the_way(each.thread)) continue;
      workers.push_back(each);
      any_active |= is_active(*each.thread);
    }
  }
  if (!any_active) workers.clear();
  return workers;
}

PathWalk::Candidates PathWalk::awaited(const ThreadRecord& thread) const {
  Candidates candidates;
  switch (thread.wait.hop) {
    case Hop::none: break;
    case Hop::thread:
      if (ThreadRecord* holder = census_.thread(thread.wait.holder); holder != nullptr && !on_the_way(holder))
        candidates.push_back({holder, 1});
      break;
    case Hop::threads:
      if (const ProcessRecord* own = census_.process(thread.pid); thread.wait.shared_memory || (own != nullptr && own->threads.size() == 1)) {
        for (const auto& [pid, process] : census_.processes())
          if (process.alive) add_leaders(pid, candidates);
      } else {
        add_leaders(thread.pid, candidates);
      }
      break;
    case Hop::children:
      for (const auto& [pid, process] : census_.processes())
        if (process.alive && process.ppid == thread.pid) add_leaders(pid, candidates);
      break;
    case Hop::processes:
      for (const int peer : thread.wait.peers)
        if (!thread.wait.only_if_active || is_child_of(census_.process(peer), thread.pid)) add_leaders(peer, candidates);
      break;
  }
  return candidates;
}

void PathWalk::follow_wait(ThreadRecord& thread, double amount, int depth) {
  // What a thread that runs now was blocked on before is known only from how it was found at other sweeps.
  const bool unknown = thread.wait.incomplete || (thread.running && thread.wait.syscall_name[0] == '\0');
  const State state = unknown ? (thread.weights.blocked() > 0 ? thread.weights.largest_wait() : State::other)
                              : shown_state(thread, census_);
  const bool for_signal = !unknown && thread.wait.only_if_active && thread.wait.hop == Hop::children;
  const bool ends_here = unknown || thread.wait.hop == Hop::none || (thread.wait.only_if_active && state == thread.wait.state);
  if (depth < kDeepest && amount > kNegligible) {
    const double cover = std::max(thread.composition.blocked, kNegligible);
    Candidates next = state == State::timer ? supervised(thread) : ends_here ? Candidates{} : awaited(thread);
    if (!next.empty()) {
      if (state == State::timer || for_signal) supervised_share_ += amount;
      hop(std::move(next), amount, cover, state, depth + 1);
      return;
    }
  }
  if (state == State::idle && thread.wait.has_clock && is_awaited_by_another()) {
    path_[State::timer] += amount;
    return;
  }
  path_[state == State::handoff && serves_clients(thread.pid) ? State::idle : state] += amount;
}

// Somebody in the process waits for work from outside: then so do, in the end, all who wait for each other.
bool PathWalk::serves_clients(int pid) const {
  const ProcessRecord* process = census_.process(pid);
  return process != nullptr && std::any_of(process->threads.begin(), process->threads.end(), [](const ThreadRecord* each) {
           return !each->running && each->wait.hop == Hop::none && each->wait.state == State::idle;
         });
}

// The path came here because a client of the target waits for the answer: work was given, and a clock holds it up.
bool PathWalk::is_awaited_by_another() const {
  if (way_.size() < 2) return false;
  const ThreadRecord& before = *way_[way_.size() - 2];
  return before.pid != way_.back()->pid && (before.wait.state == State::network || before.wait.state == State::ipc);
}

void PathWalk::hop(Candidates candidates, double amount, double cover, State reason, int depth) {
  const auto heavier = [](const Candidate& a, const Candidate& b) { return a.weight > b.weight; };
  if (candidates.size() > kLeaders) {
    std::nth_element(candidates.begin(), candidates.begin() + kLeaders, candidates.end(), heavier);
    candidates.resize(kLeaders);
  }
  double sum = 0;
  for (const Candidate& each : candidates) sum += each.weight;
  if (sum <= 0) {
    path_[reason] += amount;
    return;
  }
  for (const Candidate& each : candidates) walk(*each.thread, amount * each.weight / sum, cover, depth);
}

}  // namespace concadvise
