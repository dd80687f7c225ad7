#include "profiler/timeline/path.h"

#include <algorithm>

namespace concadvise {
namespace {

constexpr int kDeepest = 8;           // hops; a longer chain is cut and charged to its last wait
constexpr double kNegligible = 1e-6;  // of the interval

// A waiter that does not compute weighs this much against one that keeps a CPU busy.
constexpr double kLeastWeight = 1e-4;
// Waiting for work counts only where nobody waits for something else.
constexpr double kIdleWeight = 1e-4;

// A thread that sleeps again and again while others compute much more than it looks after them: the path is theirs as long
// as one of them does something.
constexpr std::uint64_t kFewestLooksOfSupervisor = 10;
constexpr double kWorkerFactor = 4;
constexpr double kLeastWorkerActivity = 0.02;

bool is_active(const ThreadRecord& thread) {
  if (thread.running || thread.composition.run + thread.composition.queue > 0.02) return true;
  return thread.wait.hop == Hop::none && thread.wait.state != State::idle;
}

}  // namespace

State shown_state(const ThreadRecord& thread, const ProcessRecord* process) {
  if (!thread.wait.may_be_timer || process == nullptr) return thread.wait.state;
  for (const ThreadRecord* other : process->threads)
    if (other != &thread && is_active(*other)) return State::handoff;
  return State::timer;
}

StateTimes PathWalk::from_process(int root) {
  path_ = StateTimes{};
  visited_.clear();
  ThreadRecord* main = census_.main_thread(root);
  const ProcessRecord* process = census_.process(root);
  if (main != nullptr) {
    walk(*main, 1, 1, 0);
  } else if (process != nullptr && !process->threads.empty()) {
    hop(process->threads, 1, 1, State::handoff, 0);  // the main thread has ended before the others
  } else {
    return from_all();
  }
  return path_;
}

StateTimes PathWalk::from_all() {
  path_ = StateTimes{};
  visited_.clear();
  std::vector<ThreadRecord*> everybody;
  for (auto& [pid, process] : census_.processes())
    if (process.alive) everybody.insert(everybody.end(), process.threads.begin(), process.threads.end());
  hop(everybody, 1, 1, State::other, 0);
  return path_;
}

void PathWalk::walk(ThreadRecord& thread, double amount, double cover, int depth) {
  visited_.push_back(&thread);
  const Composition& mix = thread.composition;
  const double run = std::min(1.0, mix.run / cover);
  const double queue = std::min(1.0 - run, mix.queue / cover);
  path_[State::on_cpu] += amount * run;
  path_[State::runnable] += amount * queue;
  const double rest = amount * (1 - run - queue);
  if (rest > kNegligible) follow_wait(thread, rest, depth);
}

std::vector<ThreadRecord*> PathWalk::supervised(const ThreadRecord& thread) {
  std::vector<ThreadRecord*> workers;
  if (thread.last.slices - thread.first.slices < kFewestLooksOfSupervisor) return workers;
  const double least = std::max(kLeastWorkerActivity, thread.activity * kWorkerFactor);
  bool any_active = false;
  for (const auto& each : census_.threads()) {
    if (!each->alive || each->activity < least) continue;
    if (std::find(visited_.begin(), visited_.end(), each.get()) != visited_.end()) continue;
    workers.push_back(each.get());
    any_active |= is_active(*each);
  }
  if (!any_active) workers.clear();
  return workers;
}

std::vector<ThreadRecord*> PathWalk::awaited(const ThreadRecord& thread) {
  std::vector<ThreadRecord*> candidates;
  const auto add_process = [&](const ProcessRecord& process) {
    candidates.insert(candidates.end(), process.threads.begin(), process.threads.end());
  };
  switch (thread.wait.hop) {
    case Hop::none: break;
    case Hop::thread:
      if (ThreadRecord* holder = census_.thread(thread.wait.holder)) candidates.push_back(holder);
      break;
    case Hop::threads:
      if (const ProcessRecord* process = census_.process(thread.pid)) add_process(*process);
      break;
    case Hop::children:
      for (auto& [pid, process] : census_.processes())
        if (process.alive && process.ppid == thread.pid) add_process(process);
      break;
    case Hop::processes:
      for (const int peer : thread.wait.peers)
        if (const ProcessRecord* process = census_.process(peer)) add_process(*process);
      break;
  }
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(),
                                  [&](ThreadRecord* candidate) {
                                    return std::find(visited_.begin(), visited_.end(), candidate) != visited_.end();
                                  }),
                   candidates.end());
  return candidates;
}

void PathWalk::follow_wait(ThreadRecord& thread, double amount, int depth) {
  const State state = thread.running && thread.weights.blocked() > 0 ? thread.weights.largest_wait()
                                                                      : shown_state(thread, census_.process(thread.pid));
  if (state == State::timer && depth < kDeepest) {
    if (const std::vector<ThreadRecord*> workers = supervised(thread); !workers.empty()) {
      hop(workers, amount, std::max(thread.composition.blocked, kNegligible), state, depth + 1);
      return;
    }
  }
  if (thread.wait.hop == Hop::none || state == State::timer || depth >= kDeepest) {
    path_[state] += amount;
    return;
  }
  const std::vector<ThreadRecord*> candidates = awaited(thread);
  if (candidates.empty()) {
    path_[state] += amount;
    return;
  }
  const double cover = std::max(thread.composition.blocked, kNegligible);
  if (candidates.size() == 1) {
    walk(*candidates.front(), amount, cover, depth + 1);
    return;
  }
  hop(candidates, amount, cover, state, depth + 1);
}

void PathWalk::hop(const std::vector<ThreadRecord*>& candidates, double amount, double cover, State reason, int depth) {
  double run = 0;
  double queue = 0;
  for (const ThreadRecord* each : candidates) {
    run += each->composition.run / cover;
    queue += each->composition.queue / cover;
  }
  run = std::min(1.0, run);
  queue = std::min(1.0 - run, queue);
  path_[State::on_cpu] += amount * run;
  path_[State::runnable] += amount * queue;
  const double rest = amount * (1 - run - queue);
  if (rest <= kNegligible) return;

  // Nobody of them computed in the rest: it belongs to what they waited for.
  StateTimes outside;
  ThreadRecord* next = nullptr;
  double next_weight = 0;
  for (ThreadRecord* each : candidates) {
    const double weight = (each->activity + kLeastWeight) * each->composition.blocked;
    const State state = shown_state(*each, census_.process(each->pid));
    const bool ends_here = each->wait.hop == Hop::none || state == State::timer;
    if (ends_here) {
      outside[state] += weight * (state == State::idle ? kIdleWeight : 1);
    } else if (each->wait.hop != Hop::threads && weight > next_weight) {
      next = each;  // it waits for another process or a lock's holder: the path may go on there
      next_weight = weight;
    }
  }
  visited_.insert(visited_.end(), candidates.begin(), candidates.end());
  const double outside_weight = outside.sum();
  if (next != nullptr && depth < kDeepest && next_weight > outside_weight * (outside[State::idle] > 0 ? 1 : 0)) {
    const std::vector<ThreadRecord*> further = awaited(*next);
    const double share = next_weight / (next_weight + outside_weight);
    if (!further.empty()) {
      hop(further, rest * share, std::max(next->composition.blocked, kNegligible), next->wait.state, depth + 1);
      if (outside_weight > 0) path_ += outside.shares().scaled(rest * (1 - share));
      return;
    }
    if (outside_weight <= 0) {
      path_[next->wait.state] += rest;
      return;
    }
  }
  if (outside_weight > 0) {
    path_ += outside.shares().scaled(rest);
  } else {
    path_[reason] += rest;
  }
}

}  // namespace concadvise
