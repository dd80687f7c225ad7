#include "profiler/bpf/wake_collector.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>

#include "profiler/perf/permission.h"
#include "profiler/waits/syscalls.h"

namespace concadvise {
namespace {

// Told one by one at most: 48 bytes each, and 0.3 us of ours. When more come only longer ones are told.
constexpr double kMostToldPerSecond = 5'000;
constexpr std::size_t kMostStretches = 1'000'000;
constexpr std::uint64_t kLongestThreshold_ns = 20'000'000;

// The inode of the initial PID name space, linux/proc_ns.h: the kernel side sees tasks by their numbers there.
constexpr ino_t kInitialPidNamespace = 0xEFFFFFFC;

bool in_pid_namespace() {
  struct stat info {};
  return ::stat("/proc/self/ns/pid", &info) == 0 && info.st_ino != kInitialPidNamespace;
}

const char* name_of_call(int number) { return number < 0 ? "" : blocking_call(number).name; }

// Where no look at /proc ever found the thread there: what the call can wait for at all.
State usual_state(int number) {
  if (number == -1) return State::fault;
  switch (blocking_call(number).blocks) {
    case Blocks::sleep:
    case Blocks::signal_timed: return State::timer;
    case Blocks::futex: return State::handoff;
    case Blocks::child: return State::child;
    case Blocks::accept: return State::idle;
    case Blocks::connect: return State::network;
    case Blocks::files:
    case Blocks::block_io: return State::disk;
    case Blocks::lock: return State::lock;
    default: return State::other;
  }
}

/// What the sweeps over /proc found the threads waiting for, by system call: their weights say what a wait in it was for.
class Kinds {
 public:
  explicit Kinds(const Census& census) {
    census.for_each_thread([this](const ThreadRecord& thread) {
      for (const auto& [key, site] : thread.sites) {
        of_thread_[{thread.tid, site.syscall}][site.state] += site.samples_s;
        of_process_[{thread.pid, site.syscall}][site.state] += site.samples_s;
      }
    });
  }

  StateTimes of(const concadvise_account& account, int number) const {
    if (number == CONCADVISE_ANY) {
      for (const StateTimes& all : {sum_of(of_thread_, static_cast<int>(account.tid)), sum_of(of_process_, static_cast<int>(account.tgid))})
        if (all.sum() > 0) return all.shares();
      StateTimes unknown;
      unknown[State::other] = 1;
      return unknown;
    }
    const std::string name = name_of_call(number);
    const std::pair<int, std::string> thread{static_cast<int>(account.tid), name};
    const std::pair<int, std::string> process{static_cast<int>(account.tgid), name};
    if (const auto found = of_thread_.find(thread); found != of_thread_.end() && found->second.sum() > 0)
      return found->second.shares();
    if (const auto found = of_process_.find(process); found != of_process_.end() && found->second.sum() > 0)
      return found->second.shares();
    StateTimes usual;
    usual[usual_state(number)] = 1;
    return usual;
  }

 private:
  using ByCall = std::map<std::pair<int, std::string>, StateTimes>;

  static StateTimes sum_of(const ByCall& kinds, int id) {
    StateTimes sum;
    for (auto each = kinds.lower_bound({id, ""}); each != kinds.end() && each->first.first == id; ++each) sum += each->second;
    return sum;
  }

  ByCall of_thread_;
  ByCall of_process_;
};

// A wait for other threads or for children that none of them is known to have ended, such as one with a time-out: what went on
// meanwhile is known from sampling.
StateTimes resolved(StateTimes edges, const StateTimes& sampled) {
  const double unknown = edges[State::handoff] + edges[State::child];
  if (unknown <= 0 || sampled.sum() <= 0) return edges;
  edges[State::handoff] = edges[State::child] = 0;
  edges += sampled.shares().scaled(unknown);
  return edges;
}

}  // namespace

Rung WakeCollector::start(Census& census, bool attached) {
  attached_ = attached;
  const Privileges privileges = Privileges::read();
  if (in_pid_namespace()) {
    Rung rung = sched_refused(privileges, "this is a container with its own process numbers", 0);
    rung.command = "run on the host: sudo concadvise profile -p PID";
    return rung;
  }
  std::string why;
  int error = 0;
  wakeups_ = Wakeups::open(privileges, why, error);
  if (!wakeups_) return sched_refused(privileges, why, error);
  // What is created while we list was created by somebody who is watched already, or is found by the next list.
  for (std::size_t before = SIZE_MAX; watched_.size() != before;) {
    before = watched_.size();
    watch(census);
    census.update(now_ns());
  }
  used_ = true;
  rate_.emplace(now_ns());
  return Rung{"sched", true, "", ""};
}

void WakeCollector::watch(Census& census) {
  for (const int pid : census.live_pids())
    if (watched_.insert(pid).second) wakeups_->watch(pid);
}

void WakeCollector::drain() {
  const std::uint32_t most = CONCADVISE_THREADS;
  wakeups_->drain([&](const concadvise_stretch& stretch) {
    ++recent_;
    if (stretch.thread == 0 || stretch.thread >= most || stretches_ >= kMostStretches) {
      ++dropped_;
      return;
    }
    if (lines_.size() <= stretch.thread) lines_.resize(stretch.thread + 1);
    lines_[stretch.thread].stretches.push_back(stretch);
    ++stretches_;
  });
}

void WakeCollector::poll(Census& census, std::uint64_t now) {
  if (!wakeups_) return;
  drain();
  judge_cost(census, now);
}

void WakeCollector::judge_cost(Census& census, std::uint64_t now) {
  const double span_s = rate_->unanswered_s(now);
  const auto rate = rate_->judge(census, now);
  if (!rate) return;
  if (static_cast<double>(recent_) / span_s > kMostToldPerSecond && told_from_ns_ < kLongestThreshold_ns) {
    told_from_ns_ *= 2;
    wakeups_->tell_from(told_from_ns_);
  }
  recent_ = 0;
  if (options_.level == LevelLimit::automatic && *rate > wakeups_->most_switches())
    give_up(fmt::format("Wake-ups were given up after {:.2f} s because the target switches {:.0f} times a second, where seeing "
                        "each costs it more than 1 %; to see them all the same: --level sched",
                        rate_->seconds(now), *rate));
}

void WakeCollector::give_up(std::string why) {
  gave_up_ = std::move(why);
  wakeups_.reset();
  lines_.clear();
}

void WakeCollector::stop() {
  if (!wakeups_) return;
  drain();
  stopped_ns_ = now_ns();
  const auto accounts = wakeups_->accounts();
  if (lines_.size() < accounts.size()) lines_.resize(accounts.size());
  for (std::size_t i = 0; i < accounts.size(); ++i) lines_[i].account = accounts[i];
  dropped_ += wakeups_->dropped();
  source_ = wakeups_->source();
  wakeups_.reset();
}

// By end: several when another thread than the first executed a program, which makes it the first.
std::vector<std::uint32_t> WakeCollector::accounts_of(int tid) const {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 1; i < lines_.size(); ++i)
    if (static_cast<int>(lines_[i].account.tid) == tid) found.push_back(i);
  const auto end_of = [this](std::uint32_t i) {
    const std::uint64_t end = lines_[i].account.end_ns;
    return end != 0 ? end : UINT64_MAX;
  };
  std::stable_sort(found.begin(), found.end(), [&](std::uint32_t a, std::uint32_t b) { return end_of(a) < end_of(b); });
  return found;
}

// Exact numbers of waits in place of estimates: a thread's waits in a system call, shared out over the things it waited for
// there as the sweeps saw them.
void WakeCollector::fill_threads(Profile& profile) const {
  std::unordered_map<int, const ThreadLine*> by_tid;
  std::map<std::string, double> all_counts;
  for (const ThreadLine& line : lines_) {
    if (line.account.tid == 0) continue;
    by_tid[static_cast<int>(line.account.tid)] = &line;
    for (const concadvise_call& call : line.account.calls)
      if (call.used != 0 && call.number > CONCADVISE_REST) all_counts[name_of_call(call.number)] += static_cast<double>(call.count);
  }
  const auto correct = [](std::vector<Wait>& waits, const std::map<std::string, double>& counts) {
    std::map<std::string, double> seen;
    for (const Wait& wait : waits) seen[wait.syscall] += wait.count;
    for (Wait& wait : waits) {
      const auto exact = counts.find(wait.syscall);
      if (exact == counts.end() || seen[wait.syscall] <= 0) continue;
      wait.count = wait.count / seen[wait.syscall] * exact->second;
      wait.count_is_estimate = false;
    }
  };
  for (Thread& thread : profile.threads) {
    const auto found = by_tid.find(thread.tid);
    if (found == by_tid.end()) continue;
    const concadvise_account& account = found->second->account;
    thread.preemptions = account.preemptions;
    std::map<std::string, double> counts;
    for (const concadvise_call& call : account.calls)
      if (call.used != 0 && call.number > CONCADVISE_REST) counts[name_of_call(call.number)] += static_cast<double>(call.count);
    correct(thread.waits, counts);
    for (Loop& loop : profile.loops) {
      if (loop.tid != thread.tid) continue;
      double iterations = 0;
      for (const auto& [name, count] : counts)
        if (name.starts_with(loop.kind)) iterations += count;
      if (iterations > 0) loop.iterations = iterations;
    }
  }
  correct(profile.waits, all_counts);
}

void WakeCollector::fill_path(const Census& census, std::uint64_t start_ns, Profile& profile) {
  if (profile.target.pids.empty()) return;
  const std::vector<std::uint32_t> roots = accounts_of(profile.target.pids.front());
  const Kinds kinds(census);
  std::map<std::pair<std::uint32_t, int>, StateTimes> known;
  std::vector<concadvise_account> accounts;
  for (const ThreadLine& line : lines_) accounts.push_back(line.account);
  WakePath path(std::move(lines_), stopped_ns_, [&](std::uint32_t account, int number) {
    const auto [entry, is_new] = known.try_emplace({account, number});
    if (is_new) entry->second = kinds.of(accounts[account], number);
    return entry->second;
  });
  std::vector<StateTimes> windows;
  StateTimes sum;
  const auto instant = [start_ns](double second) { return start_ns + static_cast<std::uint64_t>(second * 1e9); };
  for (const Window& window : profile.windows) {
    std::uint64_t from = instant(window.start_s);
    StateTimes states;
    for (const std::uint32_t root : roots) {
      const std::uint64_t end = accounts[root].end_ns != 0 ? accounts[root].end_ns : stopped_ns_;
      const std::uint64_t to = std::min(instant(window.end_s), end);
      if (to <= from) continue;
      states += path.walk(root, from, to);
      from = to;
    }
    states = resolved(states, window.path);
    windows.push_back(states);
    sum += states;
  }
  // A daemon's parent ends early: then the run is not its first thread's.
  if (!path.complete() || sum.sum() < 0.5 * profile.measurement.wall_s) return;
  for (std::size_t i = 0; i < windows.size(); ++i) profile.windows[i].path = windows[i];
  profile.shares = sum.shares();
  profile.measurement.path_method = "wake-up edges";
}

void WakeCollector::contribute(Census& census, std::uint64_t start_ns, Profile& profile) {
  if (!used_) return;
  Measurement& measurement = profile.measurement;
  if (!gave_up_.empty()) {
    measurement.notes.push_back(gave_up_);
    return;
  }
  measurement.level = level();
  measurement.lost_events += dropped_;
  if (source_ != "BPF")
    measurement.notes.push_back(fmt::format("Wake-ups come from the kernel's {}: its BPF programs can't be had here.", source_));
  fill_threads(profile);
  if (dropped_ > 0) {
    measurement.notes.push_back(fmt::format("{} waits or threads were too many to be kept, or the kernel did not tell how they ended: the critical path is from sampling.", dropped_));
    return;
  }
  if (!attached_) fill_path(census, start_ns, profile);
}

}  // namespace concadvise
