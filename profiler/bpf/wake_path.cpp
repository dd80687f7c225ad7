#include "profiler/bpf/wake_path.h"

#include <algorithm>

namespace concadvise {
namespace {

constexpr std::uint64_t kTogether_ns = 20'000'000;  // threads that one exit stops may have to wait for a CPU to end

double seconds(std::uint64_t from_ns, std::uint64_t to_ns) {
  return to_ns > from_ns ? static_cast<double>(to_ns - from_ns) * 1e-9 : 0;
}

// Ended by the device or the clock, whoever was running then.
bool ends_by_itself(State kind) { return kind == State::disk || kind == State::timer || kind == State::fault; }

State largest(const StateTimes& shares) {
  return *std::max_element(kAllStates.begin(), kAllStates.end(),
                           [&](State a, State b) { return shares[a] < shares[b]; });
}

}  // namespace

WakePath::WakePath(std::vector<ThreadLine> lines, std::uint64_t end_ns, KindOf kind_of)
    : lines_(std::move(lines)), compositions_(lines_.size()), end_ns_(end_ns), kind_of_(std::move(kind_of)) {
  for (std::size_t number = 1; number < lines_.size(); ++number) {
    ThreadLine& line = lines_[number];
    concadvise_account& account = line.account;
    if (account.end_ns == 0) account.end_ns = end_ns;
    if (account.tid == account.tgid) first_threads_[account.tgid].push_back(static_cast<std::uint32_t>(number));
    if (account.off == CONCADVISE_ON || (account.flags & CONCADVISE_ENDED) != 0 || account.off_since_ns >= end_ns) continue;
    // Still off its CPU: the stretch was never told.
    concadvise_stretch open{};
    open.thread = static_cast<std::uint32_t>(number);
    open.start_ns = account.off_since_ns;
    const bool waits = account.off == CONCADVISE_BLOCKED;
    open.woken_ns = !waits ? open.start_ns : account.woken_ns != 0 ? account.woken_ns : end_ns;
    open.end_ns = end_ns;
    open.waker = account.waker;
    open.number = waits ? account.number : -1;
    line.stretches.push_back(open);
  }
}

void WakePath::charge(State state, std::uint64_t from_ns, std::uint64_t to_ns) { path_[state] += seconds(from_ns, to_ns); }

const StateTimes& WakePath::composition(std::uint32_t number) {
  StateTimes& mix = compositions_[number];
  if (mix.sum() > 0) return mix;
  const ThreadLine& line = lines_[number];
  double active_s = seconds(line.account.start_ns, line.account.end_ns);
  for (const concadvise_stretch& stretch : line.stretches) active_s -= seconds(stretch.start_ns, stretch.end_ns);
  mix[State::runnable] = static_cast<double>(line.account.short_queue_ns) * 1e-9;
  for (const concadvise_call& call : line.account.calls) {
    if (call.used == 0 || call.short_outside_ns == 0) continue;
    mix += kind_of_(number, call.number).scaled(static_cast<double>(call.short_outside_ns) * 1e-9);
  }
  mix[State::on_cpu] += std::max(0.0, active_s - mix.sum());
  if (mix.sum() <= 0) mix[State::on_cpu] = 1;
  return mix = mix.shares();
}

// A process tells its parent of its end by its last thread, which may be any: those that an exit stops end together. What the
// parent waited for is what the first of them did, as long as that one lasted.
std::uint32_t WakePath::first_thread_of_ended(std::uint32_t number) const {
  const concadvise_account& last = lines_[number].account;
  if (last.tid == last.tgid) return number;
  const auto found = first_threads_.find(last.tgid);
  if (found == first_threads_.end()) return number;
  for (const std::uint32_t each : found->second) {
    const concadvise_account& account = lines_[each].account;
    if (account.start_ns <= last.end_ns && account.end_ns + kTogether_ns >= last.end_ns) return each;
  }
  return number;
}

void WakePath::follow_wait(const concadvise_stretch& stretch, std::uint64_t from_ns, std::uint64_t to_ns, Way way) {
  if (to_ns <= from_ns) return;
  const StateTimes kinds = kind_of_(stretch.thread, stretch.number);
  const State kind = largest(kinds);
  if (stretch.waker != 0 && stretch.waker < lines_.size() && stretch.waker != stretch.thread && !ends_by_itself(kind) &&
      way.depth < kDeepest) {
    const Way on{way.depth + 1, way.answers || kind == State::network || kind == State::ipc};
    follow(kind == State::child ? first_thread_of_ended(stretch.waker) : stretch.waker, from_ns, to_ns, on);
    return;
  }
  // Nobody of the target ended it. Waiting for the interpreter's lock with a time-out, as CPython does, is waiting for
  // whoever computes with it.
  if (kind == State::gil) {
    charge(State::on_cpu, from_ns, to_ns);
    return;
  }
  if (kind == State::idle && way.answers) {
    // Somebody of the target waits for this one's answer: it has work, and a clock or a device let it go on.
    charge(State::timer, from_ns, to_ns);
    return;
  }
  path_ += kinds.scaled(seconds(from_ns, to_ns));
}

void WakePath::follow(std::uint32_t number, std::uint64_t from_ns, std::uint64_t to_ns, Way way) {
  const ThreadLine& line = lines_[number];
  const auto active = [&](std::uint64_t from, std::uint64_t to) {
    if (to > from) path_ += composition(number).scaled(seconds(from, to));
  };
  std::uint64_t at = from_ns;
  // Before its birth the path was with whoever created it; that one is not known here, and it was computing then.
  if (line.account.start_ns > at) {
    const std::uint64_t birth = std::min<std::uint64_t>(line.account.start_ns, to_ns);
    if (way.depth > 0) charge(State::on_cpu, at, birth);
    at = birth;
  }
  auto next = std::partition_point(line.stretches.begin(), line.stretches.end(),
                                   [&](const concadvise_stretch& stretch) { return stretch.end_ns <= at; });
  for (; next != line.stretches.end() && next->start_ns < to_ns; ++next) {
    if (++steps_ > kMostSteps) {
      complete_ = false;
      return;
    }
    active(at, std::min<std::uint64_t>(next->start_ns, to_ns));
    at = std::max<std::uint64_t>(at, next->start_ns);
    const std::uint64_t woken = std::clamp<std::uint64_t>(next->woken_ns, at, to_ns);
    follow_wait(*next, at, woken, way);
    const std::uint64_t ran = std::clamp<std::uint64_t>(next->end_ns, woken, to_ns);
    charge(State::runnable, woken, ran);
    at = ran;
  }
  const std::uint64_t end = way.depth == 0 ? std::min<std::uint64_t>(to_ns, line.account.end_ns) : to_ns;
  active(at, end);
}

StateTimes WakePath::walk(std::uint32_t account, std::uint64_t from_ns, std::uint64_t to_ns) {
  path_ = StateTimes{};
  if (account < lines_.size()) follow(account, from_ns, std::min<std::uint64_t>(to_ns, end_ns_), Way{});
  return path_;
}

}  // namespace concadvise
