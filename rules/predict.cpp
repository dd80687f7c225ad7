#include "rules/predict.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "rules/cpu_use.h"
#include "rules/work.h"

namespace concadvise {
namespace {

constexpr double kSampleS = 0.01;  // CPU time that one sample stands for

/// Seconds a model adds for its machinery.
double machinery(const Workload& work, const std::string& model, const Costs& costs) {
  const double waits = std::min(work.waits, work.spreads.most_threads);
  const double workers = workers_for_compute(work);
  if (!work.python) {
    if (model == "threads") return waits * costs.native_thread_s;
    if (model == "parallel" || model == "async+parallel") return workers * costs.native_thread_s;
    return waits * costs.native_handover_s;
  }
  const double asyncio = work.loop ? 0 : costs.python_asyncio_s + work.waits * costs.python_task_each_s;
  const double threads = costs.python_threads_s + waits * costs.python_thread_each_s;
  const double processes = work.process_pool ? 0 : costs.python_processes_s + workers * costs.python_process_each_s;
  if (model == "async") return asyncio;
  if (model == "threads") return threads;
  if (model == "unblock-loop") return work.blocked_loop_s > work.computing_loop_s ? threads : processes;
  if (model == "parallel") return processes;
  return asyncio + processes;  // async+parallel
}

Interval narrowed(double low, double high, double widest) {
  high = std::max(low, high);
  if (high <= widest * low) return {low, high};
  // Too wide to be of use: keep the middle (geometric), which is where both bounds pull.
  const double middle = std::sqrt(low * high);
  return {middle / std::sqrt(widest), middle * std::sqrt(widest)};
}

class Predictor {
 public:
  Predictor(const Workload& work, std::string model, const Costs& costs) : w_(work), costs_(costs) { out_.model = std::move(model); }

  Prediction run() {
    const std::string& model = out_.model;
    if (model == "async" || model == "threads") overlapped();
    else if (model == "unblock-loop") unblocked();
    else if (model == "parallel") parallel();
    else if (model == "async+parallel") both();
    else if (model == "synchronous") synchronous();
    else if (model == "reduce-contention") uncontended();
    else if (model == "reduce-threads") fewer();
    else same();
    out_.gain_low = out_.wall_s.high > 0 ? w_.wall_s / out_.wall_s.high : 1;
    out_.gain_high = out_.wall_s.low > 0 ? w_.wall_s / out_.wall_s.low : 1;
    return std::move(out_);
  }

 private:
  double machine() const { return machinery(w_, out_.model, costs_); }
  /// What is neither waiting nor computing nor a neighbour's: hand-overs and states that measurement can't name.
  double rest() const { return std::max(0.0, w_.wall_s - w_.start_s - w_.wait_s - w_.path_cpu_s - w_.queue_s - w_.lock_path_s); }
  bool mostly_computing() const { return w_.path_cpu_s + w_.lock_path_s > w_.wait_s; }

  void give(double low, double high, std::string limit) {
    out_.wall_s = narrowed(std::max(low, 1e-3 * w_.wall_s), high, mostly_computing() ? w_.spreads.widest_computing : w_.spreads.widest_waiting);
    out_.limit = std::move(limit);
  }
  void assume(std::string sentence) { out_.assumptions.push_back(std::move(sentence)); }

  /// A bound without the part that two runs differ by: a range may begin below the bound that it names, and says why.
  double less(double bound, double part) {
    assume(fmt::format("two runs of the same program differ: the range begins with a bound that is {:.0f} % lower", 100 * part));
    return (1 - part) * bound;
  }

  /// Waits overlap each other; computing of one task can run while another waits. One thread at a time computes: the loop's
  /// own, or the holder of the GIL.
  void overlapped() {
    const double cpu = one_thread_cpu();
    const bool more_workers = w_.rounds > 0;
    if ((w_.overlap >= 1.5 && !more_workers) || w_.wait_s < 0.02 * w_.wall_s) return overlapped_already(cpu);
    const double waits_s = more_workers ? w_.all_waits_s : w_.wait_s;
    const double mean = waits_s / w_.waits;
    // A pool works them off in rounds, and so does a disk, whoever asks it.
    const double rounds = out_.model == "threads" || w_.on_disk ? waits_s / w_.spreads.most_threads : 0;
    const double longest = std::min(std::max({w_.longest_wait_s, mean, rounds}), w_.wait_s);
    // Waits that start together and are alike end together, and the computing after them follows; uneven ones hide some of it.
    const double low = start_low() + std::max(longest + cpu / std::max(1.0, w_.waits), std::min(mean, longest) + cpu) + 0.25 * machine();
    const double high = w_.start_s + rest() + longest * w_.spreads.waits + cpu + w_.queue_s + 1.5 * machine();
    assume(fmt::format("the {:.0f} waits do not depend on each other's results", w_.waits));
    assume("whoever answers them serves them side by side as fast as one by one");
    give(less(low, 0.1), high * 1.05, fmt::format("the longest single wait, {:.3g} s, and the computing, {:.3g} s", longest, cpu));
  }

  void overlapped_already(double cpu) {
    const double cost = w_.loop && out_.model == "async" ? 0 : machine();
    // Waits that overlap already and computing that one thread at a time does stay what they are.
    const double serial = w_.gil || out_.model == "async" ? std::max(w_.wall_s, cpu) : w_.wall_s;
    if (!w_.python && out_.model == "threads" && mostly_computing()) return parallel();
    assume(w_.wait_s < 0.02 * w_.wall_s ? "there is next to nothing to overlap" : "the waits overlap already");
    give(less(serial, 0.1), (serial + cost) * 1.12, "nothing to gain: no waits one after the other");
  }

  /// CPU time that one thread at a time must do: all of it under the GIL or on one loop.
  double one_thread_cpu() const {
    if (w_.gil || out_.model == "async") return w_.cpu_s;
    return w_.cpu_s / std::max(1.0, std::min(w_.cpus, w_.waits));
  }

  void unblocked() {
    if (w_.computing_loop_s > w_.blocked_loop_s) return both();
    const double others = std::max(0.0, w_.wall_s - w_.blocked_loop_s - w_.queue_s);
    // A client that waits for its answer before it asks again overlaps with the other clients only.
    const double of_clients = w_.loop_clients >= 1 ? w_.blocked_loop_s / w_.loop_clients : 0;
    const double longest = std::min(std::max(w_.longest_block_s, of_clients), w_.blocked_loop_s);
    assume("the tasks that the blocked loop held up do not depend on each other");
    // What blocked the loop is often a library whose import goes with it.
    const double low = std::max(0.0, others - w_.start_s + start_low()) + longest;
    give(less(low, w_.spreads.run_to_run), (others + w_.queue_s + longest * w_.spreads.waits + machine()) * 1.05,
         longest > w_.longest_block_s
             ? fmt::format("the stalls of {:.3g} clients at a time, {:.3g} s, and what was not stalled, {:.3g} s", w_.loop_clients, longest, others)
             : fmt::format("the longest single stall, {:.3g} s, and what was not stalled, {:.3g} s", longest, others));
  }

  void parallel() {
    // A pool of processes overlaps waits too, but only as many as it has workers.
    const bool one_by_one = w_.overlap < 1.5 && w_.waits >= 1.5 && !mostly_computing();
    const double waits = rest() + (one_by_one ? std::max(w_.longest_wait_s, w_.wait_s / workers_for_compute(w_)) : w_.wait_s);
    const double share = own_cpu() / w_.cpus;
    assume(fmt::format("the {:.3g} s of computing divide into at least {} pieces of about the same size", own_cpu(), workers_for_compute(w_)));
    if (w_.python) assume("arguments and results are small (they are pickled)");
    if (w_.own_share < 1) assume("pieces are large enough that handing them over hardly counts");
    give(start_low() + 0.95 * waits + less(share, 0.1) + 0.4 * machine(), w_.start_s + waits + w_.queue_s + share * w_.spreads.uneven + 1.5 * machine(),
         fmt::format("{:.3g} s of computing over {:g} CPUs", own_cpu(), w_.cpus));
  }

  /// Waits that one thread overlaps already stand on its path only while nothing computes: what is left of them stays, and
  /// the computing after it is divided. Waits that follow one another shrink to the longest.
  void both() {
    const bool overlapping = w_.overlap >= 1.5 || w_.waits < 1.5;
    const double longest = overlapping ? w_.wait_s : std::min(std::max(w_.longest_wait_s, w_.wait_s / w_.waits), w_.wait_s);
    const double first = overlapping ? 0.9 * w_.wait_s : w_.wait_s / w_.waits;
    const double share = own_cpu() / w_.cpus;
    assume("the pieces of computing are independent, and waiting and computing overlap at best and follow each other at worst");
    if (w_.python) assume("arguments and results are small (they are pickled)");
    give(start_low() + std::max(longest, first + less(share, 0.1)) + 0.4 * machine(),
         w_.start_s + rest() + longest * w_.spreads.waits + w_.queue_s + share * w_.spreads.uneven + 1.5 * machine(),
         fmt::format("{:.3g} s of waiting, and {:.3g} s of computing over {:g} CPUs", longest, own_cpu(), w_.cpus));
  }

  /// Everything one after the other: what was overlapped adds up again, and nobody starts, wakes or feeds workers.
  void synchronous() {
    const double all = w_.start_s + rest() + std::max(w_.all_waits_s, w_.wait_s) + own_cpu();
    assume("one thing at a time, and as much of each");
    if (w_.own_share < 1) {
      // Few samples fall into what is little: their number is known to two standard errors, and to one sample at best.
      const double error = 2 * std::sqrt(std::max(own_cpu(), kSampleS) * kSampleS);
      return give(w_.start_s + std::max(0.0, own_cpu() - error), w_.start_s + own_cpu() + error, "the program's own computing, without handing it over");
    }
    if (all < 1.05 * w_.wall_s) return give(less(std::min(all, w_.wall_s), w_.spreads.run_to_run), 1.05 * w_.wall_s, "nothing ran side by side");
    give(less(all, 0.1), 1.15 * all + w_.queue_s, "the sum of all waits and all computing");
  }

  /// Without the lock each thread takes as long as what it does beside waiting for it; where they take pieces from one queue the mean
  /// of them, where each has its own the longest.
  void uncontended() {
    const double computing = w_.cpu_s / w_.cpus;
    const double low = start_low() + std::max(w_.unlocked_s, computing);
    const double high = w_.start_s + std::max(w_.longest_unlocked_s, computing) * w_.spreads.waits + w_.queue_s;
    assume("nearly all of the held time leaves the lock or divides; what must stay under it bounds the gain");
    give(less(low, 0.08), std::max(high, std::min(w_.wall_s, 1.3 * low)), fmt::format("{:.3g} s that each thread does beside waiting for the lock, and {:.3g} s of computing over {:g} CPUs",
                                                                                  w_.unlocked_s, w_.cpu_s, w_.cpus));
  }

  void fewer() {
    const double switching = std::min(0.3 * w_.wall_s, w_.preemptions * w_.spreads.switch_s / w_.cpus);
    assume("the same work in fewer threads");
    // More threads than CPUs balance uneven pieces among themselves; as many as CPUs need not.
    give(less(w_.wall_s - switching, w_.spreads.run_to_run), (1 + 1.5 * w_.spreads.run_to_run) * w_.wall_s,
         fmt::format("{:.3g} s of computing over {:g} CPUs stay{}", w_.cpu_s, w_.cpus, switching > 0 ? fmt::format("; {:.0f} preemptions cost {:.2g} s", w_.preemptions, switching) : ""));
  }

  void same() {
    assume("nothing changes");
    // Start-up varies most: it depends on what the page cache and the CPU's caches still hold.
    give(less(w_.wall_s, w_.spreads.run_to_run), (1 + w_.spreads.run_to_run) * w_.wall_s + 0.5 * w_.start_s, "the measured run");
  }

  /// Start-up without being looked at, and with warm caches.
  double start_low() const { return 0.7 * w_.start_s; }

  /// Computing of the program's own: what is left when workers are not started, woken and fed for every small piece.
  double own_cpu() const { return w_.cpu_s * w_.own_share; }

  const Workload& w_;
  const Costs& costs_;
  Prediction out_;
};

}  // namespace

namespace {

/// All waits on something outside, one after the other. What a pool's thread waited for before a first look told is taken to be what
/// it waited for after; a parent that waits for its children waits for what they wait for.
double all_waits(const Profile& profile) {
  double outside = 0, other = 0, inside = 0;
  for (const Thread& thread : profile.threads) {
    const StateTimes& states = thread.states;
    outside += states[State::disk] + states[State::network] + states[State::timer] + states[State::fault];
    if (profile.processes.size() < 2) outside += states[State::child] + states[State::ipc];
    inside += states[State::idle] + states[State::lock] + states[State::gil];
    other += states[State::other];
  }
  return outside + (outside > 0 ? other * outside / (outside + inside) : 0);
}

/// Seconds until the first worker process started: start-up of workers is not that of the program. The whole run where there are none.
double before_workers(const Profile& profile) {
  double first = profile.measurement.wall_s;
  for (const Process& process : profile.processes)
    if (process.ppid != 0 && process.start_s > 0) first = std::min(first, process.start_s);
  return first;
}

/// What the threads that stand behind locks do otherwise; those that hold them longest never wait, so the busiest counts too.
void unlocked_of(const Work& work, Workload& w) {
  double sum = 0, count = 0;
  for (const Thread* thread : work.threads) {
    const StateTimes& states = thread->states;
    const double behind = states[State::lock] + states[State::gil];
    const double own = states.sum() - behind - states[State::handoff] - states[State::idle] - states[State::other] - states[State::runnable];
    w.longest_unlocked_s = std::max(w.longest_unlocked_s, own);
    if (behind <= 0.01 * w.wall_s) continue;
    sum += own;
    count += 1;
  }
  w.unlocked_s = count > 0 ? sum / count : w.longest_unlocked_s;
}

/// Threads that were started: those seen, or joined.
double pieces_of(const Profile& profile) {
  double joined = 0;
  for (const Wait& wait : profile.waits)
    if (wait.state == State::handoff && wait.what.find("join") != std::string::npos) joined += wait.count;
  return std::max({1.0, static_cast<double>(profile.threads.size()), joined});
}

Spreads spreads_of(const Thresholds& thresholds) {
  Spreads out;
  out.widest_waiting = thresholds.value("widest_waiting");
  out.widest_computing = thresholds.value("widest_computing");
  out.waits = thresholds.value("spread_of_waits");
  out.uneven = thresholds.value("uneven_pieces");
  out.most_threads = thresholds.value("most_threads");
  out.switch_s = thresholds.value("switch_cost");
  out.run_to_run = thresholds.value("run_to_run");
  return out;
}

}  // namespace

Workload workload_of(const Profile& profile, const Metrics& metrics, const Costs& costs, const Thresholds& thresholds) {
  const Work threads = work_of(profile);
  const Waiting waiting = waiting_of(profile, threads);
  const LoopTrouble loop = loop_trouble(profile);
  const double wall = profile.measurement.wall_s;
  const StateTimes path = (profile.target.attached ? threads.weighted : profile.shares).scaled(wall);
  Workload w;
  w.wall_s = wall;
  w.cpus = metrics.value("cpus_usable", 1);
  w.python = profile.target.language == "python";
  for (const Process& process : profile.processes) w.gil = w.gil || (process.gil && process.language == "python");
  w.loop = !profile.loops.empty();
  for (const Pool& pool : profile.pools) w.process_pool = w.process_pool || pool.kind == "processes";
  const double cpu = profile.measurement.cpu_s;
  const CpuUse use = cpu_use_of(profile);
  w.start_s = profile.target.attached ? 0 : std::min(0.95 * cpu, std::max(w.python ? costs.python_start_s : costs.native_process_s, std::min(use.importing_s, before_workers(profile))));
  w.cpu_s = cpu - w.start_s;
  const bool own_queue = metrics.value("demand") > w.cpus * 1.1;
  w.queue_s = own_queue ? 0 : path[State::runnable];
  w.path_cpu_s = std::max(0.0, path[State::on_cpu] + (own_queue ? path[State::runnable] : 0) - w.start_s);
  // Behind a lock somebody computes or waits; only the computing can move elsewhere.
  w.lock_path_s = std::min(path[State::lock] + path[State::gil], w.cpu_s);
  for (State state : {State::disk, State::network, State::ipc, State::timer, State::child, State::fault}) w.wait_s += path[state];
  w.longest_wait_s = waiting.longest_s;
  w.waits = std::max(1.0, std::round(waiting.count));
  w.overlap = std::max(1.0, waiting.overlap);
  w.all_waits_s = std::max(w.wait_s, all_waits(profile));
  w.blocked_loop_s = loop.blocked_s;
  if (loop.loop != nullptr) w.loop_clients = loop.loop->connections_inbound;
  w.longest_block_s = loop.longest_blocked_s;
  w.computing_loop_s = loop.computing_s;
  w.contention_s = threads.active[State::lock] + threads.active[State::gil];
  for (const Thread& thread : profile.threads) w.preemptions += static_cast<double>(thread.preemptions);
  unlocked_of(threads, w);
  if (metrics.value("machinery_share") >= thresholds.value("handing_over")) w.own_share = std::clamp(use.own, 0.0, 1.0);
  w.pieces = pieces_of(profile);
  w.rounds = metrics.value("worker_rounds") >= thresholds.value("rounds_of_a_pool") ? metrics.value("worker_rounds") : 0;
  w.spreads = spreads_of(thresholds);
  w.on_disk = waiting.state == State::disk || waiting.state == State::fault;
  if (w.on_disk) w.spreads.most_threads = thresholds.value("most_disk_threads");
  return w;
}

int workers_for_waits(const Workload& work) { return static_cast<int>(std::clamp(work.waits, 1.0, work.spreads.most_threads)); }

int workers_for_compute(const Workload& work) { return std::max(1, static_cast<int>(std::ceil(work.cpus - 1e-9))); }

Prediction predict(const Workload& work, const std::string& model, const Costs& costs, bool attached) {
  Prediction out = Predictor(work, model, costs).run();
  if (attached) out.assumptions.push_back("the same work as was done while it was measured");
  if (!costs.measured) out.assumptions.push_back("start-up and hand-over costs of a reference machine; `concadvise calibrate` measures this one");
  return out;
}

double parallel_pays(const Workload& work, const Costs& costs) {
  Workload fresh = work;
  fresh.process_pool = false;  // a pool that runs already was paid for too
  return work.cpu_s / std::max(machinery(fresh, "parallel", costs), 1e-9);
}

double own_work_pays(const Workload& work, const Costs& costs) {
  const double own = work.cpu_s * work.own_share;
  if (!work.python) return own / work.pieces / std::max(costs.native_thread_s, 1e-9);
  return own / (costs.python_processes_s + workers_for_compute(work) * costs.python_process_each_s);
}

}  // namespace concadvise
