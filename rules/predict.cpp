#include "rules/predict.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "rules/work.h"

namespace concadvise {
namespace {

constexpr double kWidestWaiting = 1.5;    // high / low of an interval for waiting work
constexpr double kWidestComputing = 2.0;  // ... for computing work
constexpr double kSpread = 1.15;          // run-to-run spread of loopback requests and timers on a machine with neighbours
constexpr double kUneven = 1.45;          // makespan over mean for a few unequal pieces: Graham's list bound is 2 - 1/m
constexpr double kMostThreads = 1000;     // S3: beyond it async
constexpr double kSwitchCost = 5e-6;      // direct cost and cold caches of a preemption

/// Seconds a model adds for its machinery.
double machinery(const Workload& work, const std::string& model, const Costs& costs) {
  const double waits = std::min(work.waits, kMostThreads);
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
    out_.wall_s = narrowed(low, high, mostly_computing() ? kWidestComputing : kWidestWaiting);
    out_.limit = std::move(limit);
  }
  void assume(std::string sentence) { out_.assumptions.push_back(std::move(sentence)); }

  /// Waits overlap each other; computing of one task can run while another waits. One thread at a time computes: the loop's
  /// own, or the holder of the GIL.
  void overlapped() {
    const double cpu = one_thread_cpu();
    if (w_.overlap >= 1.5 || w_.wait_s < 0.02 * w_.wall_s) {
      const double cost = w_.loop && out_.model == "async" ? 0 : machine();
      // Waits that overlap already and computing that one thread at a time does stay what they are.
      const double serial = w_.gil || out_.model == "async" ? std::max(w_.wall_s, cpu) : w_.wall_s;
      if (!w_.python && out_.model == "threads" && mostly_computing()) return parallel();
      assume(w_.wait_s < 0.02 * w_.wall_s ? "there is next to nothing to overlap" : "the waits overlap already");
      return give(0.9 * serial, (serial + cost) * 1.12, "nothing to gain: no waits one after the other");
    }
    const double longest = std::min(std::max(w_.longest_wait_s, w_.wait_s / w_.waits), w_.wait_s);
    const double low = w_.start_s + std::max(longest + cpu / std::max(1.0, w_.waits), cpu) + 0.5 * machine();
    const double high = w_.start_s + rest() + longest * kSpread + cpu + w_.queue_s + 1.5 * machine();
    assume(fmt::format("the {:.0f} waits do not depend on each other's results", w_.waits));
    assume("whoever answers them serves them side by side as fast as one by one");
    give(low, high * 1.05, fmt::format("the longest single wait, {:.3g} s, and the computing, {:.3g} s", longest, cpu));
  }

  /// CPU time that one thread at a time must do: all of it under the GIL or on one loop.
  double one_thread_cpu() const {
    if (w_.gil || out_.model == "async") return w_.cpu_s;
    return w_.cpu_s / std::max(1.0, std::min(w_.cpus, w_.waits));
  }

  void unblocked() {
    if (w_.computing_loop_s > w_.blocked_loop_s) return both();
    const double others = std::max(0.0, w_.wall_s - w_.blocked_loop_s - w_.queue_s);
    const double longest = std::min(w_.longest_block_s, w_.blocked_loop_s);
    assume("the tasks that the blocked loop held up do not depend on each other");
    give(0.97 * (others + longest), (others + w_.queue_s + longest * kSpread + machine()) * 1.05,
         fmt::format("the longest single stall, {:.3g} s, and what was not stalled, {:.3g} s", longest, others));
  }

  void parallel() {
    // A pool of processes overlaps waits too, but only as many as it has workers.
    const bool one_by_one = w_.overlap < 1.5 && w_.waits >= 1.5 && !mostly_computing();
    const double waits = rest() + (one_by_one ? std::max(w_.longest_wait_s, w_.wait_s / workers_for_compute(w_)) : w_.wait_s);
    const double share = w_.cpu_s / w_.cpus;
    assume(fmt::format("the {:.3g} s of computing divide into at least {} pieces of about the same size", w_.cpu_s, workers_for_compute(w_)));
    if (w_.python) assume("arguments and results are small (they are pickled)");
    give(w_.start_s + 0.95 * waits + 0.97 * share + 0.5 * machine(), w_.start_s + waits + w_.queue_s + share * kUneven + 1.5 * machine(),
         fmt::format("{:.3g} s of computing over {:g} CPUs", w_.cpu_s, w_.cpus));
  }

  void both() {
    const bool overlapping = w_.overlap >= 1.5 || w_.waits < 1.5;
    const double waits = overlapping ? w_.wait_s : std::min(w_.longest_wait_s * kSpread, w_.wait_s);
    const double share = w_.cpu_s / w_.cpus;
    assume("the pieces of computing are independent, and waiting and computing overlap at best and follow each other at worst");
    if (w_.python) assume("arguments and results are small (they are pickled)");
    give(w_.start_s + std::max(waits, share) + 0.5 * machine(), w_.start_s + rest() + waits + w_.queue_s + share * 1.2 + 1.5 * machine(),
         fmt::format("{:.3g} s of waiting, and {:.3g} s of computing over {:g} CPUs", waits, w_.cpu_s, w_.cpus));
  }

  /// Everything one after the other: what was overlapped adds up again.
  void synchronous() {
    const double all = w_.start_s + rest() + w_.queue_s + std::max(w_.all_waits_s, w_.wait_s) + w_.cpu_s;
    assume("one thing at a time, and as much of each");
    if (all < 1.05 * w_.wall_s) return give(0.93 * std::min(all, w_.wall_s), 1.05 * w_.wall_s, "nothing ran side by side");
    give(0.9 * all, 1.15 * all + w_.queue_s, "the sum of all waits and all computing");
  }

  void uncontended() {
    const double cores = w_.wall_s > 0 ? w_.cpu_s / w_.wall_s : 1;
    const double possible = std::min(w_.cpus, cores + w_.contention_s / std::max(w_.wall_s, 1e-9));
    const double best = w_.wall_s * std::min(1.0, cores / std::max(possible, 1e-9));
    assume("the held time shrinks or divides; what must stay under the lock bounds the gain");
    give(std::max(best, 0.5 * w_.wall_s), w_.wall_s, fmt::format("{:.2g} cores could be used instead of {:.2g}", possible, cores));
  }

  void fewer() {
    const double switching = std::min(0.3 * w_.wall_s, w_.preemptions * kSwitchCost / w_.cpus);
    assume("the same work in fewer threads");
    give(0.93 * (w_.wall_s - switching), 1.04 * w_.wall_s, fmt::format("{:.0f} preemptions cost {:.2g} s", w_.preemptions, switching));
  }

  void same() {
    assume("nothing changes");
    give(0.93 * w_.wall_s, 1.07 * w_.wall_s, "the measured run");
  }

  const Workload& w_;
  const Costs& costs_;
  Prediction out_;
};

}  // namespace

Workload workload_of(const Profile& profile, const Metrics& metrics, const Costs& costs) {
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
  w.start_s = profile.target.attached ? 0 : std::min(cpu, w.python ? costs.python_start_s : costs.native_process_s);
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
  w.all_waits_s = w.wait_s * w.overlap;
  w.blocked_loop_s = loop.blocked_s;
  w.longest_block_s = loop.longest_blocked_s;
  w.computing_loop_s = loop.computing_s;
  w.contention_s = threads.active[State::lock] + threads.active[State::gil];
  for (const Thread& thread : profile.threads) w.preemptions += static_cast<double>(thread.preemptions);
  return w;
}

int workers_for_waits(const Workload& work) { return static_cast<int>(std::clamp(work.waits, 1.0, kMostThreads)); }

int workers_for_compute(const Workload& work) { return std::max(1, static_cast<int>(std::ceil(work.cpus - 1e-9))); }

Prediction predict(const Workload& work, const std::string& model, const Costs& costs, bool attached) {
  Prediction out = Predictor(work, model, costs).run();
  if (attached) out.assumptions.push_back("the same work as was done while it was measured");
  if (!costs.measured) out.assumptions.push_back("start-up and hand-over costs of a reference machine; `concadvise calibrate` measures this one");
  return out;
}

double parallel_pays(const Workload& work, const Costs& costs) {
  return work.cpu_s / std::max(machinery(work, "parallel", costs), 1e-9);
}

}  // namespace concadvise
