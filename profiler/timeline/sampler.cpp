#include "profiler/timeline/sampler.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>

namespace concadvise {
namespace {

// Our own CPU share that sweeps may use: half of the 2 % of one core that the whole profiler is allowed for up to 100
// threads; more threads may cost more, up to five times as much.
constexpr double kBudget = 0.01;
constexpr double kThreadsOfBudget = 100;
constexpr double kMostBudgets = 5;
// A short run needs the density; a long one has samples enough at a slower pace.
constexpr std::uint64_t kShortestInterval_ns = 2'000'000;
constexpr std::uint64_t kSettled_ns = 3'000'000'000;
// Each look wakes us on a CPU that somebody may be using: beside a server that keeps all CPUs busy that costs it four times
// what the look itself does. 125 looks a second know a share of a 10 s run to 1.5 %.
constexpr std::uint64_t kSettledInterval_ns = 8'000'000;
// A program that is attached to runs already and won't be over in a moment: looks are spread over the time there is, as many
// as know a share to 1.5 %.
constexpr double kLooksOfAttached = 1'000;
constexpr std::uint64_t kLongestInterval_ns = 500'000'000;
// With few threads no sweep is so dear that it may not come again after this, whatever one of them once cost.
constexpr std::uint64_t kLongestIntervalOfFew_ns = 20'000'000;
// In the first moments more is allowed, so that a program that runs for a tenth of a second is still seen.
constexpr std::uint64_t kStartUp_ns = 200'000'000;
constexpr std::uint64_t kStartUpInterval_ns = 1'000'000;

constexpr std::uint64_t kAskAgain_ns = 500'000'000;

// A lock in memory that processes share is one lock: forked processes have it at one address.
int owner_of_lock(int pid, bool shared_memory) { return shared_memory ? 0 : pid; }

constexpr std::size_t kMostSites = 64;  // of one thread, before futex addresses are no longer told apart

constexpr std::uint64_t kLookUpAtMostEvery_ns = 100'000'000;

constexpr std::uint64_t kFirstSlice_ns = 20'000'000;
constexpr std::size_t kMostSlices = 256;

// The scheduler updates a running thread's account at its tick: until it blocks, so much of what looks blocked may be
// running. 4 ms is the tick at HZ = 250, the longest of the usual configurations (HZ = 100 is used on small devices).
constexpr double kTick_s = 0.004;

// How long a thread's recent use of CPU is remembered when the path asks who does the work.
constexpr double kActivityMemory_s = 0.5;

// A program's threads are looked at in every sweep up to this number. Beyond it one that has not moved for a while is looked
// at again after half that while, and at the latest when looks at all of them fit the budget.
constexpr std::size_t kFewThreads = 64;
constexpr std::uint64_t kLooksToLearnFrom = 16;  // with fewer the cost of the sweep itself hides that of a look
constexpr std::uint64_t kAskIoAgain_ns = 20'000'000;
constexpr std::uint64_t kAskIoOfEach_ns = 1'000'000;  // 6 us each time: 0.6 % of a CPU for as many processes as there are
constexpr std::uint64_t kAskManyAgain_ns = 100'000'000;
constexpr std::uint64_t kShortestRestCap_ns = 64'000'000;

// How the thread spent the time since the last look. The account of a thread that was found running is only known to a
// tick; what was given to the wrong share then is taken back at the next looks, so that sums are right.
Composition compose(ThreadRecord& thread, double span) {
  const double queue = thread.queue_s() - thread.composed.queue;
  const double blocked = thread.blocked_assigned_s - thread.composed.blocked;
  const double run = thread.life_s() - thread.queue_s() - thread.blocked_assigned_s - thread.composed.run;
  Composition mix{std::max(0.0, run), std::max(0.0, queue), std::max(0.0, blocked)};
  const double sum = mix.run + mix.queue + mix.blocked;
  if (sum <= 0 || span <= 0) return thread.composition;
  mix = {mix.run / sum, mix.queue / sum, mix.blocked / sum};
  thread.composed.run += mix.run * span;
  thread.composed.queue += mix.queue * span;
  thread.composed.blocked += mix.blocked * span;
  return mix;
}

// The account and the time it is of. Where we lost the CPU between the two they don't belong together: read again.
std::optional<SchedStat> read_account(const ThreadRecord& thread, std::uint64_t& when) {
  constexpr std::uint64_t together_ns = 200'000;
  std::optional<SchedStat> stat;
  for (int attempt = 0; attempt < 4; ++attempt) {
    const std::uint64_t before = now_ns();
    stat = thread.files.schedstat();
    when = now_ns();
    if (when - before < together_ns) break;
  }
  return stat;
}

double seconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) * 1e-9; }

// A deterministic jitter of up to a quarter keeps the sweeps from falling into step with the target's own timers.
std::uint64_t jittered(std::uint64_t interval, std::uint64_t count) {
  const std::uint64_t hash = count * 0x9E3779B97F4A7C15ULL >> 40;
  return interval * 3 / 4 + interval / 2 * (hash & 0xffff) / 0xffff;
}

}  // namespace

Sampler::Sampler(Census& census, Classifier& classifier, std::optional<double> attached_for_s)
    : census_(census),
      classifier_(classifier),
      attached_for_s_(attached_for_s),
      path_walk_(census),
      start_ns_(now_ns()),
      last_sweep_ns_(start_ns_),
      slice_ns_(kFirstSlice_ns) {}

Slice& Sampler::slice_at(std::uint64_t now) {
  if (slices_.empty() || now - slices_.back().start_ns >= slice_ns_) {
    if (slices_.size() >= kMostSlices) {
      std::vector<Slice> merged;
      for (std::size_t i = 0; i + 1 < slices_.size(); i += 2) {
        Slice both = slices_[i];
        const Slice& second = slices_[i + 1];
        both.end_ns = second.end_ns;
        both.path += second.path;
        both.run_s += second.run_s;
        both.queue_s += second.queue_s;
        both.locked_s += second.locked_s;
        both.waits_s += second.waits_s;
        merged.push_back(both);
      }
      slices_ = std::move(merged);
      slice_ns_ *= 2;
      for (const auto& thread : census_.threads()) thread->bands.pair();
      for (const auto& thread : census_.ended_threads()) thread->bands.pair();
    }
    Slice fresh;
    fresh.start_ns = slices_.empty() ? start_ns_ : slices_.back().end_ns;
    fresh.end_ns = fresh.start_ns;
    slices_.push_back(fresh);
  }
  return slices_.back();
}

void Sampler::look_at(ThreadRecord& thread, double interval_s) {
  std::uint64_t now = 0;
  const auto stat = read_account(thread, now);
  if (!stat) {
    census_.thread_ended(thread);
    return;
  }
  ++thread_samples_;
  // Threads are named after their start: the name is read at the 1st, 2nd, 4th, 8th ... look.
  ++thread.looks;
  if ((thread.looks & (thread.looks - 1)) == 0) thread.name = thread.files.name();
  // After an exec by another thread the number is another task's: start its account anew rather than count backwards.
  if (stat->run_ns < thread.last.run_ns || stat->queue_ns < thread.last.queue_ns) {
    thread.first.run_ns = stat->run_ns - (thread.last.run_ns - thread.first.run_ns);
    thread.first.queue_ns = stat->queue_ns - (thread.last.queue_ns - thread.first.queue_ns);
    thread.first.slices = stat->slices - std::min(stat->slices, thread.last.slices - thread.first.slices);
    thread.last = *stat;
  }
  const bool given_cpu = stat->slices != thread.last.slices;
  const bool moved = given_cpu || stat->run_ns != thread.last.run_ns;
  const double elapsed_s = seconds(now - thread.seen_ns);
  thread.last = *stat;
  thread.seen_ns = now;

  const bool was_running = thread.running;
  if (given_cpu) thread.given_cpu_ns = now;
  // A connection falls quiet while the wait goes on.
  const bool may_be_quiet = thread.wait.state == State::network && now - thread.classified_ns > kAskAgain_ns;
  if (moved || was_running || thread.wait.incomplete || may_be_quiet) {
    const SyscallState syscall = thread.files.syscall();
    if (syscall.kind == SyscallState::Kind::outside_syscall && syscall.sp == 0 && syscall.pc == 0) {
      // It has no stack any more: it has ended and waits for its parent to ask how.
      thread.running = false;
      census_.thread_ended(thread);
      return;
    }
    thread.running = syscall.kind == SyscallState::Kind::running;
    if (syscall.kind == SyscallState::Kind::forbidden) {
      // Nobody but root may ask this of one that has ended and waits for its parent.
      if (thread.files.has_ended()) {
        thread.running = false;
        census_.thread_ended(thread);
        return;
      }
      if (thread.looks > 1) ++unreadable_;  // one that is just ending is mostly found so at once
    }
    thread.changed_ns = now;
    if (moved || was_running) thread.wait_counted = false;
    if (!thread.running) {
      thread.syscall = syscall;
      thread.classified_ns = now;
      thread.wait = classifier_.classify(thread.pid, thread.tid, syscall,
                                         [this](int pid, int tid) { return pid == 0 ? census_.thread(tid) != nullptr : census_.is_thread_of(pid, tid); });
      if (thread.wait.lock_or_signal && hot_locks_.is_lock(owner_of_lock(thread.pid, thread.wait.shared_memory), thread.wait.address)) {
        thread.wait.state = State::lock;
        thread.wait.what = thread.wait.lock_called;
      }
      if (moved || thread.blocked_since_ns == 0) {
        const double busy_s = std::min(interval_s, elapsed_s);
        thread.blocked_since_ns = now - static_cast<std::uint64_t>(std::min(busy_s, interval_s) * 0.5e9);
      }
    } else {
      thread.blocked_since_ns = 0;
    }
  }

  // What is neither running nor queueing is blocked. For a thread that wants a CPU now the scheduler's account lags: run
  // time by a tick, and the time in the queue is added only when it ends.
  const double blocked_total = thread.life_s() - thread.cpu_s() - thread.queue_s();
  const double lag = thread.running ? kTick_s + elapsed_s + seconds(now - thread.given_cpu_ns) : 0;
  double newly_blocked = blocked_total - thread.blocked_assigned_s - lag;
  newly_blocked = std::max(0.0, newly_blocked);
  thread.blocked_assigned_s += newly_blocked;

  thread.composition = compose(thread, elapsed_s);
  const double weight = 1 - std::exp(-elapsed_s / kActivityMemory_s);
  thread.activity += (thread.composition.run - thread.activity) * weight;

  const bool stands_still = !thread.loop_inodes.empty() && (thread.running ? was_running : !thread.wait.loop_wait);
  if (stands_still) count_waiting_clients(thread);

  if (!thread.running && !thread.wait.incomplete) {
    const bool same_wait = !moved && !was_running;
    const State state = shown_state(thread, census_);
    thread.shown = state;
    thread.states[state] += newly_blocked;
    look_at_wait(thread, state, now, elapsed_s, same_wait);
  }
}

// While a loop is not in its own wait, what its clients sent stays unread.
void Sampler::count_waiting_clients(ThreadRecord& thread) {
  const auto unread = classifier_.descriptors().unread(thread.loop_inodes);
  if (!unread) return;
  ++thread.stall_looks;
  thread.stall_unread += static_cast<std::uint64_t>(*unread);
  thread.stall_unread_most = std::max(thread.stall_unread_most, *unread);
}

// A loop that is always held up is never found in its own wait, where its clients show.
void Sampler::look_at_clients(ThreadRecord& thread, std::uint64_t now) {
  if (thread.set_looked_at_ns != 0 && now - thread.set_looked_at_ns < kAskAgain_ns) return;
  thread.set_looked_at_ns = now;
  std::optional<WatchSet> set = classifier_.descriptors().describe_loop(thread.pid);
  if (!set) return;
  if (thread.loop_kind.empty()) thread.loop_kind = "epoll_wait";
  ++thread.loop_looks;
  thread.loop_inodes = std::move(set->inbound_inodes);
  thread.inbound_sum += set->inbound;
  thread.outbound_sum += set->outbound + set->local_outbound;
  ++thread.outbound_looks;
  thread.listens |= set->listening > 0;
}

WaitSite& Sampler::site_of(ThreadRecord& thread, State state) {
  const Observation& wait = thread.wait;
  const bool by_address = wait.lock_or_signal && thread.sites.size() < kMostSites;
  const ProcessRecord* process = census_.process(thread.pid);
  const int program = process == nullptr ? 0 : process->execs;
  WaitSite& site = thread.sites[fmt::format("{}|{}|{}|{:x}|{}", static_cast<int>(state), wait.syscall, wait.what,
                                            by_address ? wait.address : 0, program)];
  site.program = program;
  if (by_address) site.address = wait.address;
  site.shared_memory = wait.shared_memory;
  if (by_address) site.lock_called = wait.lock_called;
  site.state = state;
  site.syscall = wait.syscall_name;
  site.what = wait.what;
  return site;
}

void Sampler::look_at_wait(ThreadRecord& thread, State state, std::uint64_t now, double interval_s, bool same_wait) {
  thread.weights[state] += interval_s;
  const Observation& wait = thread.wait;
  const bool known = same_wait && thread.site != nullptr && thread.site->state == state && thread.classified_ns != now;
  WaitSite& site = known ? *thread.site : site_of(thread, state);
  thread.site = &site;
  if (wait.lock_or_signal) hot_locks_.waiting(owner_of_lock(thread.pid, wait.shared_memory), thread.tid, wait.address, same_wait);
  if (wait.holder != 0) site.holder = wait.holder;
  site.samples_s += interval_s;
  // Counted when it is first known for what it is, which can be some looks after it began.
  if (!thread.wait_counted) ++site.episodes;
  thread.wait_counted = true;
  site.longest_s = std::max(site.longest_s, seconds(now - thread.blocked_since_ns));
  if (wait.loop_wait) {
    thread.loop_wait_s += interval_s;
    thread.loop_kind = wait.syscall_name;
    if (!same_wait || thread.loop_looks == 0) {
      ++thread.loop_looks;
      thread.loop_inodes = std::move(thread.wait.inbound_inodes);  // nobody else asks for them
      thread.inbound_sum += wait.connections_inbound;
      if (wait.state == State::network || wait.state == State::ipc) {
        thread.outbound_sum += wait.connections_outbound;
        ++thread.outbound_looks;
      }
      thread.listens |= wait.listens;
    }
  }
  if (on_wait) on_wait(thread, site);
  if (thread.runs_loop && !wait.loop_wait) look_at_clients(thread, now);
}

// What processes hand each other shows in both their accounts. Asked while there are several, and again when one has ended.
void Sampler::read_io(ProcessRecord& process, std::uint64_t now) {
  const std::size_t processes = census_.processes().size();
  const bool ended = process.threads.empty();
  if (processes < 2 || (!ended && now - process.io_read_ns < std::max(kAskIoAgain_ns, processes * kAskIoOfEach_ns))) return;
  process.io_read_ns = now;
  const auto bytes = process_io(process.pid);
  if (bytes) process.io = *bytes;
  if (!process.first_io && bytes) process.first_io = process.start_ns > start_ns_ ? IoBytes{} : *bytes;
  ProcessRecord* parent = ended ? census_.process(process.ppid) : nullptr;
  if (parent == nullptr) return;
  parent->io_of_children.read += process.io.read;
  parent->io_of_children.written += process.io.written;
}

// Threads that rest are not looked at in every sweep; that they have ended is seen all the same, from how many are left. They
// were there at the sweep before and are taken to have been in the wait that they were last found in.
void Sampler::find_vanished(ProcessRecord& process, bool gone) {
  const bool few = process.threads.size() <= kFewThreads;
  if (!gone && (few || links_of_task_folder(process.pid) >= process.threads.size() + 2)) return;
  std::vector<int> left = numbers_in(fmt::format("/proc/{}/task", process.pid));
  std::sort(left.begin(), left.end());
  for (ThreadRecord* thread : std::vector<ThreadRecord*>(process.threads)) {
    if (std::binary_search(left.begin(), left.end(), thread->tid)) continue;
    const double unseen_s = seconds(last_sweep_ns_ - std::min(last_sweep_ns_, thread->seen_ns));
    if (!thread->running && unseen_s > 0) {
      thread->seen_ns = last_sweep_ns_;
      thread->states[thread->shown] += unseen_s;
      thread->blocked_assigned_s += unseen_s;
      if (thread->site != nullptr) thread->site->samples_s += unseen_s;
      thread->weights[thread->shown] += unseen_s;
    }
    census_.thread_ended(*thread);
  }
}

void Sampler::settle_process(ProcessRecord& process, std::uint64_t now) {
  // The kernel sums over all threads to answer.
  const bool many = process.threads.size() > kFewThreads;
  const bool due = !many || process.threads.empty() || now - process.cpu_read_ns >= kAskManyAgain_ns;
  const auto cpu = due ? process_cpu_ns(process.pid) : std::nullopt;
  if (due) process.cpu_read_ns = now;
  if (cpu) process.cpu_ns = std::max(process.cpu_ns, *cpu);
  if (census_.live_threads() > kFewThreads) find_vanished(process, due && !cpu);
  read_io(process, now);
  if (process.threads.empty()) census_.process_ended(process, now);
}

void Sampler::account_interval(std::uint64_t from, std::uint64_t to) {
  const double span = seconds(to - from);
  if (span <= 0) return;
  Slice& slice = slice_at(from);
  slice.end_ns = to;
  StateTimes path;
  if (attached_for_s_) {
    path = path_walk_.from_all();
  } else {
    const int root = [&] {
      for (const auto& [pid, process] : census_.processes())
        if (process.is_root) return pid;
      return 0;
    }();
    path = path_walk_.from_process(root);
  }
  slice.path += path.shares().scaled(span);
  supervised_s_ += path_walk_.supervised_share() * span;
  for (const auto& thread : census_.threads()) {
    if (!thread->alive) continue;
    const Composition& mix = thread->composition;
    slice.run_s += mix.run * span;
    slice.queue_s += mix.queue * span;
    thread->bands.add(slices_.size() - 1, mix.run * span, mix.queue * span, mix.blocked * span, thread->shown);
    const State state = thread->wait.state;
    const double blocked = mix.blocked * span;
    if (state == State::lock || state == State::gil) slice.locked_s += blocked;
    const bool outside = state == State::disk || state == State::network || state == State::ipc ||
                         state == State::timer || state == State::child || state == State::fault;
    if (outside) slice.waits_s += blocked;
  }
}

double Sampler::budget() const {
  return kBudget * std::clamp(static_cast<double>(census_.live_threads()) / kThreadsOfBudget, 1.0, kMostBudgets);
}

// Half the time since it last moved: what is rested longer is known to the same share. Where all rest, looks at them
// together cost no more than half the budget.
std::uint64_t Sampler::rest_of(const ThreadRecord& thread, std::uint64_t now) const {
  const double round_ns = static_cast<double>(census_.live_threads()) * look_ns_ / (budget() / 2);
  const std::uint64_t longest = std::max(kShortestRestCap_ns, static_cast<std::uint64_t>(round_ns));
  return std::min((now - std::min(now, thread.changed_ns)) / 2, longest);
}

std::uint64_t Sampler::sweep() {
  const std::uint64_t cpu_before = own_cpu_ns();
  const std::uint64_t now = now_ns();
  const double interval_s = seconds(now - last_sweep_ns_);
  census_.update(now);
  if (census_.generation() != census_generation_) {
    census_generation_ = census_.generation();
    classifier_.descriptors().set_target(census_.live_pids());
  }
  const bool many = census_.live_threads() > kFewThreads;
  const std::uint64_t samples_before = thread_samples_;
  auto& threads = census_.threads();
  for (std::size_t i = 0; i < threads.size(); ++i) {
    ThreadRecord& thread = *threads[i];
    if (!thread.alive) continue;
    if (many && thread.due_ns > now) continue;
    look_at(thread, interval_s);
    if (many) thread.due_ns = now + rest_of(thread, now);
  }
  for (auto& [pid, process] : census_.processes())
    if (process.alive) settle_process(process, now);
  judge_locks();
  account_interval(last_sweep_ns_, now);
  census_.bury();
  ++intervals_[(now - last_sweep_ns_) / 100'000];
  last_sweep_ns_ = now;
  ++sweeps_;

  // One dear sweep (a page fault of ours, an interrupt, thousands of new threads) must not blind us for long.
  const double spent = static_cast<double>(own_cpu_ns() - cpu_before);
  const double cost = std::min(spent, cost_ns_ * 4);
  cost_ns_ += (cost - cost_ns_) * (cost < cost_ns_ ? 0.5 : 0.2);
  if (const std::uint64_t looks = thread_samples_ - samples_before; looks >= kLooksToLearnFrom)
    look_ns_ += (std::min(spent / static_cast<double>(looks), look_ns_ * 4) - look_ns_) * 0.1;
  look_up_programs(now);
  const bool starting = now - start_ns_ < kStartUp_ns;
  const auto wanted = static_cast<std::uint64_t>(cost_ns_ / (starting ? kBudget * kMostBudgets : budget()));
  const std::uint64_t longest = many ? kLongestInterval_ns : kLongestIntervalOfFew_ns;
  return jittered(std::clamp(wanted, shortest_interval_ns(now), longest), sweeps_);
}

std::uint64_t Sampler::shortest_interval_ns(std::uint64_t now) const {
  if (attached_for_s_) {
    const auto spread = static_cast<std::uint64_t>(*attached_for_s_ * 1e9 / kLooksOfAttached);
    return *attached_for_s_ > 0 ? std::clamp(spread, kShortestInterval_ns, kSettledInterval_ns) : kSettledInterval_ns;
  }
  if (now - start_ns_ < kStartUp_ns) return kStartUpInterval_ns;
  return now - start_ns_ < kSettled_ns ? kShortestInterval_ns : kSettledInterval_ns;
}

// Costs more than a sweep, and seldom: at most every 100 ms for each process.
void Sampler::look_up_programs(std::uint64_t now) {
  if (!on_new_program) return;
  for (auto& [pid, process] : census_.processes()) {
    if (!process.alive || (process.looked_up && now - process.described_ns < kLookUpAtMostEvery_ns)) continue;
    process.described_ns = now;
    on_new_program(process);
  }
}

// Waits on what turned out to be a lock are booked anew. Waits that were too short to be looked at are shared out as those
// that were; with none seen, nobody knows.
void Sampler::close_books(ThreadRecord& thread) const {
  for (auto& [key, site] : thread.sites) {
    const State was = site.state;
    if (site.address == 0 || (was != State::handoff && was != State::ipc) || !hot_locks_.is_lock(owner_of_lock(thread.pid, site.shared_memory), site.address)) continue;
    const double sampled = thread.weights[was];
    const double moved = sampled > 0 ? thread.states[was] * site.samples_s / sampled : 0;
    thread.states[was] -= moved;
    thread.states[State::lock] += moved;
    thread.weights[was] -= site.samples_s;
    thread.weights[State::lock] += site.samples_s;
    site.state = State::lock;
    site.what = site.lock_called;
  }
  thread.states[State::on_cpu] = thread.cpu_s();
  thread.states[State::runnable] = thread.queue_s();
  const double rest = thread.life_s() - thread.cpu_s() - thread.queue_s() - thread.states.blocked();
  if (rest <= 0) {
    // More was booked as blocked than there was: the clock and the account were read apart.
    const double blocked = thread.states.blocked();
    const double factor = blocked > 0 ? std::max(0.0, blocked + rest) / blocked : 1.0;
    for (State state : kAllStates)
      if (is_blocked(state)) thread.states[state] *= factor;
    return;
  }
  if (thread.weights.blocked() > 0) {
    thread.states += thread.weights.shares().scaled(rest);
  } else {
    thread.states[State::other] += rest;
  }
}

void Sampler::judge_locks() {
  hot_locks_.end_sweep([this](int tid) { return census_.thread(tid) != nullptr; });
}

void Sampler::finish() {
  for (const auto& thread : census_.threads()) thread->due_ns = 0;
  sweep();
  for (const auto& thread : census_.threads()) close_books(*thread);
  for (const auto& thread : census_.ended_threads()) close_books(*thread);
}

void Sampler::while_closed(const std::function<void()>& look) {
  struct Open {
    ThreadRecord* thread;
    StateTimes states;
    StateTimes weights;
    std::map<std::string, WaitSite> sites;  // these themselves, not copies: ThreadRecord::site points into them
  };
  std::vector<Open> books;
  const auto close = [&](const std::unique_ptr<ThreadRecord>& thread) {
    books.push_back({thread.get(), thread->states, thread->weights, std::move(thread->sites)});
    thread->sites = books.back().sites;
    close_books(*thread);
  };
  std::for_each(census_.threads().begin(), census_.threads().end(), close);
  std::for_each(census_.ended_threads().begin(), census_.ended_threads().end(), close);
  look();
  for (Open& open : books) {
    open.thread->states = open.states;
    open.thread->weights = open.weights;
    open.thread->sites = std::move(open.sites);
  }
}

double Sampler::median_interval_s() const {
  std::uint64_t total = 0;
  for (const auto& [interval, count] : intervals_) total += count;
  std::uint64_t seen = 0;
  for (const auto& [interval, count] : intervals_) {
    seen += count;
    if (seen * 2 >= total) return static_cast<double>(interval) * 1e-4;
  }
  return 0;
}

StateTimes Sampler::path() const {
  StateTimes sum;
  for (const Slice& slice : slices_) sum += slice.path;
  return sum;
}

}  // namespace concadvise
