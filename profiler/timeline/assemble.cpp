#include "profiler/timeline/assemble.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace concadvise {

std::string text_of(const WaitSite& site) {
  if (site.syscall.empty()) return site.what;
  return site.what.empty() ? site.syscall : fmt::format("{}: {}", site.syscall, site.what);
}

namespace {

constexpr std::size_t kMostThreads = 1000;       // listed one by one
constexpr std::size_t kMostProcesses = 500;
constexpr std::size_t kMostWaitsOfThread = 8;
constexpr std::size_t kMostWaits = 100;
constexpr double kNoticeable_s = 0.0005;
constexpr double kLongWaitInLooks = 4;

bool is_window(const Slice& slice) { return slice.end_ns > slice.start_ns; }

double since(std::uint64_t start, std::uint64_t when) {
  return when > start ? static_cast<double>(when - start) * 1e-9 : 0.0;
}

// Durations: the thread's blocked seconds in that state, shared out as its sites of that state were found.
// Counts: waits much longer than the time between looks were all seen. Of the shorter ones only a part was, and the times
// that the thread was given a CPU beyond the long waits, preemptions aside where they are known, are shared out among them.
// `program`: only waits of the program that the process executed as the n-th; -1: all.
std::vector<Wait> waits_of(const ThreadRecord& thread, int program = -1) {
  StateTimes sampled;
  for (const auto& [key, site] : thread.sites) sampled[site.state] += site.samples_s;
  const double look_s = thread.looks > 0 ? thread.life_s() / thread.looks : 0;
  const auto is_long = [&](const WaitSite& site) {
    return site.samples_s > kLongWaitInLooks * look_s * static_cast<double>(site.episodes);
  };
  double long_episodes = 0;
  double short_episodes = 0;
  for (const auto& [key, site] : thread.sites)
    (is_long(site) ? long_episodes : short_episodes) += static_cast<double>(site.episodes);
  const double turns = static_cast<double>(thread.turns());
  const double factor = short_episodes > 0 ? std::max(1.0, (turns - long_episodes) / short_episodes) : 1.0;

  std::vector<Wait> waits;
  for (const auto& [key, site] : thread.sites) {
    if (program >= 0 && site.program != program) continue;
    Wait wait;
    wait.state = site.state;
    wait.syscall = site.syscall;
    wait.what = text_of(site);
    wait.seconds = sampled[site.state] > 0 ? thread.states[site.state] * site.samples_s / sampled[site.state] : 0;
    wait.count_is_estimate = !is_long(site);
    wait.count = std::max(1.0, static_cast<double>(site.episodes)) * (wait.count_is_estimate ? factor : 1.0);
    wait.longest_s = std::min(site.longest_s, wait.seconds);
    wait.holder = site.holder;
    if (wait.seconds > kNoticeable_s) waits.push_back(std::move(wait));
  }
  std::sort(waits.begin(), waits.end(), [](const Wait& a, const Wait& b) { return a.seconds > b.seconds; });
  return waits;
}

void add_to(std::map<std::tuple<State, std::string>, Wait>& all, const Wait& wait) {
  auto [found, added] = all.try_emplace({wait.state, wait.what}, wait);
  if (added) return;
  Wait& sum = found->second;
  sum.seconds += wait.seconds;
  sum.count += wait.count;
  sum.longest_s = std::max(sum.longest_s, wait.longest_s);
  sum.count_is_estimate |= wait.count_is_estimate;
  if (sum.holder == 0) sum.holder = wait.holder;
}

// The bands of the slices that have become windows.
std::string bands_text(const ThreadRecord& record, const std::vector<Slice>& slices) {
  const std::vector<Band> all = record.bands.bands(slices.size());
  std::vector<Band> out;
  for (std::size_t i = 0; i < slices.size(); ++i)
    if (is_window(slices[i])) out.push_back(all[i]);
  return bands_to_text(out);
}

Thread thread_of(const ThreadRecord& record, std::uint64_t start_ns, const std::vector<Wait>& waits) {
  Thread thread;
  thread.pid = record.pid;
  thread.tid = record.tid;
  thread.name = record.name;
  thread.start_s = since(start_ns, record.start_ns);
  thread.end_s = thread.start_s + record.life_s();
  thread.states = record.states;
  thread.switches = record.last.slices - record.first.slices;
  thread.preemptions = record.preemptions.value_or(0);
  if (record.pid == record.tid) thread.role = "main";
  thread.waits.assign(waits.begin(), waits.begin() + static_cast<std::ptrdiff_t>(std::min(waits.size(), kMostWaitsOfThread)));
  return thread;
}

std::string without_digits(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (c >= '0' && c <= '9') {
      if (out.empty() || out.back() != '#') out += '#';
    } else {
      out += c;
    }
  }
  return out;
}

double parked_s(const StateTimes& states) { return states[State::handoff] + states[State::idle]; }

void fill_pool(Pool& pool, const StateTimes& states, double wall_s) {
  pool.states += states;
  ++pool.size;
  if (wall_s <= 0) return;
  pool.busy_mean += (states[State::on_cpu] + states[State::runnable]) / wall_s;
  pool.parked_mean += parked_s(states) / wall_s;
  pool.waiting_mean += (states.blocked() - parked_s(states)) / wall_s;
}

void fill_windows(const Sampler& sampler, Profile& profile) {
  for (const Slice& slice : sampler.slices()) {
    if (!is_window(slice)) continue;
    const double span = since(slice.start_ns, slice.end_ns);
    Window window;
    window.start_s = since(sampler.start_ns(), slice.start_ns);
    window.end_s = since(sampler.start_ns(), slice.end_ns);
    window.path = slice.path;
    window.cores = slice.run_s / span;
    window.runnable = slice.queue_s / span;
    window.locked = slice.locked_s / span;
    window.waits = slice.waits_s / span;
    profile.windows.push_back(window);
  }
}

void fill_threads(Census& census, const Sampler& sampler, Profile& profile) {
  std::map<std::tuple<State, std::string>, Wait> all_waits;
  struct Seen {
    Thread thread;
    double weight;
    const ThreadRecord* record;
  };
  std::vector<Seen> threads;
  const auto add = [&](const ThreadRecord& record) {
    const std::vector<Wait> waits = waits_of(record);
    for (const Wait& wait : waits) add_to(all_waits, wait);
    threads.push_back({thread_of(record, sampler.start_ns(), waits), record.life_s() + 1e3 * record.cpu_s(), &record});
    profile.measurement.cpu_seen_s += record.cpu_s();
  };
  census.for_each_thread(add);
  std::stable_sort(threads.begin(), threads.end(), [](const auto& a, const auto& b) { return a.weight > b.weight; });
  if (threads.size() > kMostThreads) {
    profile.measurement.notes.push_back(
        fmt::format("{} of {} threads are listed, those with the most CPU time; all are counted.", kMostThreads, threads.size()));
    threads.resize(kMostThreads);
  }
  for (Seen& seen : threads) {
    seen.thread.bands = bands_text(*seen.record, sampler.slices());
    profile.threads.push_back(std::move(seen.thread));
  }

  const double wall = profile.measurement.wall_s;
  for (auto& [key, wait] : all_waits) {
    wait.in_flight = wall > 0 ? wait.seconds / wall : 0;
    profile.waits.push_back(std::move(wait));
  }
  std::sort(profile.waits.begin(), profile.waits.end(), [](const Wait& a, const Wait& b) { return a.seconds > b.seconds; });
  if (profile.waits.size() > kMostWaits) profile.waits.resize(kMostWaits);
}

void fill_processes(Census& census, const Sampler& sampler, Profile& profile) {
  const auto add = [&](const ProcessRecord& record) {
    Process process = record.described;
    process.pid = record.pid;
    process.ppid = record.ppid;
    process.start_s = since(sampler.start_ns(), record.start_ns);
    process.end_s = since(sampler.start_ns(), record.alive ? sampler.end_ns() : record.end_ns);
    process.cpu_s = since(record.first_cpu_ns, record.cpu_ns);
    profile.processes.push_back(std::move(process));
  };
  for (const auto& [pid, record] : census.processes()) add(record);
  for (const ProcessRecord& record : census.reused()) add(record);
  std::stable_sort(profile.processes.begin(), profile.processes.end(),
                   [](const Process& a, const Process& b) { return a.cpu_s > b.cpu_s; });
  if (profile.processes.size() > kMostProcesses) {
    profile.measurement.notes.push_back(fmt::format("{} of {} processes are listed, those with the most CPU time; all are counted.",
                                                    kMostProcesses, profile.processes.size()));
    profile.processes.resize(kMostProcesses);
  }
}

// The library whose loop it is, by what the process has mapped; empty when none of those is.
std::string framework_of(const std::vector<std::string>& libraries) {
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"uvloop/", "uvloop"},      {"gevent/", "gevent"},     {"_asyncio.", "asyncio"}, {"libuv.so", "libuv"},
      {"libevent", "libevent"},   {"libev.so", "libev"},     {"libQt5Core", "Qt"},     {"libQt6Core", "Qt"},
      {"libglib-2", "GLib"},      {"libgrpc", "gRPC"},       {"libfolly", "folly"},    {"libboost_coroutine", "Boost.Asio"}};
  for (const auto& [start, name] : known)
    for (const std::string& library : libraries)
      if (library.starts_with(start)) return std::string(name);
  return {};
}

// Threads and children that lived too shortly to be seen computed while somebody waited for them: so much of those waits
// on the path was computing.
void book_unseen(double unseen_s, StateTimes& path, std::vector<Window>& windows) {
  constexpr State waits_for_them[] = {State::child, State::handoff, State::ipc};
  double waited_s = 0;
  for (const State state : waits_for_them) waited_s += path[state];
  if (waited_s <= 0 || unseen_s <= 0) return;
  const double share = std::min(1.0, unseen_s / waited_s);
  const auto move = [&](StateTimes& times) {
    for (const State state : waits_for_them) {
      times[State::on_cpu] += times[state] * share;
      times[state] *= 1 - share;
    }
  };
  move(path);
  for (Window& window : windows) {
    const double before = window.path[State::on_cpu];
    move(window.path);
    const double span = window.end_s - window.start_s;
    if (span > 0) window.cores += (window.path[State::on_cpu] - before) / span;
  }
}

// What the windows show in use sums to what the kernel accounts: a thread that lived for a part of its window only, or was
// not seen at all, is in them with more or less than it used.
void agree_with_kernel(double cpu_s, std::vector<Window>& windows) {
  double sum_s = 0;
  for (const Window& window : windows) sum_s += window.cores * (window.end_s - window.start_s);
  if (sum_s <= 0 || cpu_s <= 0) return;
  for (Window& window : windows) window.cores *= cpu_s / sum_s;
}

// Of processes in which no thread was found waiting for a loop's events: the only one that does anything, the others being
// parked. By pid. With clients and an epoll set it is an event loop that never comes to rest.
std::map<int, int> only_workers(const Census& census) {
  constexpr double kDoesSomething = 0.05;  // of its life
  struct Seen {
    int tid = 0;
    int workers = 0;
  };
  std::map<int, Seen> processes;
  census.for_each_thread([&](const ThreadRecord& thread) {
    Seen& seen = processes[thread.pid];
    const bool works = thread.life_s() - parked_s(thread.states) > kDoesSomething * thread.life_s();
    if (works) seen.tid = thread.tid, ++seen.workers;
    if (thread.loop_looks > 0) seen.workers = 2;  // the loop is known
  });
  std::map<int, int> found;
  for (const auto& [pid, seen] : processes)
    if (seen.workers == 1) found[pid] = seen.tid;
  return found;
}

}  // namespace

std::vector<Loop> find_loops(const Census& census) {
  std::vector<Loop> loops;
  const std::map<int, int> workers = only_workers(census);
  const auto consider = [&](const ThreadRecord& thread, const ProcessRecord* process) {
    const bool epoll = thread.loop_kind.starts_with("epoll") || thread.loop_kind.starts_with("io_uring");
    const bool polls = !epoll && thread.loop_looks >= 5 && thread.loop_wait_s * 2 > thread.weights.blocked();
    // A forked worker inherits its parent's set and does not use it.
    const ProcessRecord* parent = process == nullptr ? nullptr : census.remembered(process->ppid);
    const bool forked = parent != nullptr && parent->described.exe == process->described.exe;
    const bool alone = thread.tid == thread.pid && process != nullptr && process->described.threads_peak <= 1;
    const auto worker = workers.find(thread.pid);
    const bool serves_alone = worker != workers.end() && worker->second == thread.tid && process != nullptr &&
                              process->described.connections_inbound_peak >= 1;
    const bool holds_set = process != nullptr && process->has_loop_descriptor && !forked && (alone || serves_alone);
    if (!(epoll && thread.loop_looks > 0) && !polls && !holds_set && !thread.runs_loop) return;
    if (thread.looks_after_pool && !thread.runs_loop) return;
    Loop loop;
    loop.pid = thread.pid;
    loop.tid = thread.tid;
    loop.kind = thread.loop_kind.empty() ? "epoll" : thread.loop_kind.substr(0, thread.loop_kind.find('_'));
    if (process != nullptr) loop.framework = framework_of(process->described.libraries);
    if (loop.framework.empty()) loop.framework = thread.loop_library;
    loop.iterations = static_cast<double>(thread.turns());
    loop.busy_s = thread.states[State::on_cpu] + thread.states[State::runnable];
    const double sampled = thread.weights.blocked();
    loop.waiting_s = sampled > 0 ? thread.states.blocked() * thread.loop_wait_s / sampled : 0;
    loop.blocked_s = thread.states.blocked() - loop.waiting_s;
    if (thread.loop_looks > 0)
      loop.connections_inbound = thread.inbound_sum / static_cast<double>(thread.loop_looks);
    else if (process != nullptr)
      loop.connections_inbound = process->described.connections_inbound_peak;
    if (thread.outbound_looks > 0)
      loop.connections_outbound = thread.outbound_sum / static_cast<double>(thread.outbound_looks);
    loop.listens = thread.listens;
    if (thread.tasks_most > 0) loop.tasks_most = static_cast<double>(thread.tasks_most);
    if (thread.stall_looks > 0) {
      loop.requests_waiting = static_cast<double>(thread.stall_unread) / static_cast<double>(thread.stall_looks);
      loop.requests_waiting_most = thread.stall_unread_most;
    }
    for (const Wait& wait : waits_of(thread, process == nullptr ? -1 : process->execs)) {
      const bool own_wait = wait.syscall == thread.loop_kind;
      if (own_wait || wait.state == State::other) continue;
      Stall stall;
      stall.what = wait.what;
      stall.state = wait.state;
      stall.seconds = wait.seconds;
      stall.count = wait.count;
      stall.longest_s = wait.longest_s;
      loop.longest_stall_s = std::max(loop.longest_stall_s, stall.longest_s);
      loop.stalls.push_back(std::move(stall));
    }
    loops.push_back(std::move(loop));
  };
  census.for_each_thread([&](const ThreadRecord& thread) { consider(thread, census.remembered(thread.pid)); });
  return loops;
}

std::vector<Pool> find_pools(const Profile& profile) {
  std::map<std::pair<int, std::string>, Pool> groups;
  for (const Thread& thread : profile.threads) {
    if (thread.tid == thread.pid) continue;
    Pool& pool = groups[{thread.pid, without_digits(thread.name)}];
    pool.pid = thread.pid;
    pool.name = thread.name;
    pool.kind = "threads";
    pool.tids.push_back(thread.tid);
    fill_pool(pool, thread.states, profile.measurement.wall_s);
  }
  for (const Process& process : profile.processes) {
    const auto parent = std::find_if(profile.processes.begin(), profile.processes.end(),
                                     [&](const Process& other) { return other.pid == process.ppid; });
    if (parent == profile.processes.end()) continue;
    const auto main = std::find_if(profile.threads.begin(), profile.threads.end(),
                                   [&](const Thread& thread) { return thread.tid == process.pid; });
    if (main == profile.threads.end()) continue;
    Pool& pool = groups[{process.ppid, "process " + without_digits(process.name)}];
    pool.pid = process.ppid;
    pool.name = process.name;
    pool.kind = "processes";
    pool.tids.push_back(process.pid);
    fill_pool(pool, main->states, profile.measurement.wall_s);
  }
  std::vector<Pool> pools;
  for (auto& [key, pool] : groups)
    if (pool.size >= 2) pools.push_back(std::move(pool));
  std::stable_sort(pools.begin(), pools.end(), [](const Pool& a, const Pool& b) { return a.size > b.size; });
  return pools;
}

// Bytes that a process writes go to workers, files or elsewhere, and what a worker reads comes from there or from files: so
// much as both accounts have can have gone from one to the other.
void fill_transfers(const Census& census, std::vector<Pool>& pools) {
  const auto own = [](const ProcessRecord& process, std::uint64_t IoBytes::* way) {
    const std::uint64_t before = (process.first_io ? *process.first_io : process.io).*way + process.io_of_children.*way;
    return static_cast<double>(process.io.*way - std::min(process.io.*way, before));
  };
  for (Pool& pool : pools) {
    const ProcessRecord* parent = pool.kind == "processes" ? census.remembered(pool.pid) : nullptr;
    if (parent == nullptr || !parent->first_io) continue;
    double read = 0, written = 0;
    bool known = true;
    pool.cpu_s = since(parent->first_cpu_ns, parent->cpu_ns);
    for (const int pid : pool.tids) {
      const ProcessRecord* worker = census.remembered(pid);
      known = known && worker != nullptr && worker->first_io;
      if (worker == nullptr) continue;
      pool.cpu_s += since(worker->first_cpu_ns, worker->cpu_ns);
      read += own(*worker, &IoBytes::read);
      written += own(*worker, &IoBytes::written);
    }
    if (!known) continue;
    pool.to_workers_bytes = std::min(own(*parent, &IoBytes::written), read);
    pool.from_workers_bytes = std::min(own(*parent, &IoBytes::read), written);
  }
}

void assemble(Census& census, const Sampler& sampler, Profile& profile) {
  profile.measurement.sweeps = sampler.sweeps();
  profile.measurement.thread_samples = sampler.thread_samples();
  profile.measurement.interval_s = sampler.median_interval_s();
  fill_threads(census, sampler, profile);
  fill_processes(census, sampler, profile);
  fill_windows(sampler, profile);
  profile.loops = find_loops(census);
  profile.pools = find_pools(profile);
  fill_transfers(census, profile.pools);
  const double unseen = std::max(0.0, profile.measurement.cpu_s - profile.measurement.cpu_seen_s);
  profile.measurement.unattributed_cpu_s = unseen;
  StateTimes path = sampler.path();
  book_unseen(unseen, path, profile.windows);
  agree_with_kernel(profile.measurement.cpu_s, profile.windows);
  profile.shares = path.shares();
}

}  // namespace concadvise
