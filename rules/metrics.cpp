#include "rules/metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "rules/cpu_use.h"
#include "rules/work.h"

namespace concadvise {
namespace {

constexpr double kTiny = 1e-9;
constexpr double kHardlyBusyCores = 0.03;  // below it an attached program's own timers are no work
constexpr double kThroughout = 0.9;           // of the run: what a thread did but for its start and end
constexpr double kFewSamples = 20;            // below them a share of one half is not known to a quarter
constexpr double kWorthOverlapping_s = 0.01;  // shorter waits are bound by how fast the other side serves, not by waiting
constexpr double kMissCycles = 240;           // of one access to memory: 80 ns, usual for servers' DRAM, at 3 GHz
constexpr double kCountedLongEnough = 0.5;    // of the CPU time: ratios of less may be those of the start only
constexpr std::array kOutside = {State::disk, State::network, State::ipc, State::timer, State::child, State::fault};

double ratio(double part, double whole) { return whole > kTiny ? part / whole : 0; }

/// Two standard errors of the mean of `value` over windows, grouped into at most 20 blocks of neighbours so that
/// correlation between neighbours does not pass for certainty. 0 with fewer than four windows.
double window_error(const std::vector<Window>& windows, const std::function<double(const Window&)>& value) {
  const std::size_t blocks = std::min<std::size_t>(20, windows.size() / 2);
  if (blocks < 2) return 0;
  std::vector<double> means(blocks, 0);
  std::vector<double> counts(blocks, 0);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const std::size_t block = i * blocks / windows.size();
    means[block] += value(windows[i]);
    counts[block] += 1;
  }
  for (std::size_t i = 0; i < blocks; ++i) means[i] /= counts[i];
  const double n = static_cast<double>(blocks);
  const double mean = std::accumulate(means.begin(), means.end(), 0.0) / n;
  const double squares = std::accumulate(means.begin(), means.end(), 0.0,
                                         [mean](double sum, double x) { return sum + (x - mean) * (x - mean); });
  return 2 * std::sqrt(squares / (n - 1) / n);
}

/// Measures one profile: keeps what several metrics need.
class Measurer {
 public:
  explicit Measurer(const Profile& profile)
      : profile_(profile), work_(work_of(profile)), wall_(std::max(profile.measurement.wall_s, kTiny)),
        cpus_(profile.machine.cpus_usable > 0 ? profile.machine.cpus_usable : std::max(1, profile.machine.cpus_online)) {}

  Metrics run() {
    sampling();
    cores();
    path();
    work();
    bottleneck();
    locks();
    waits();
    loops();
    shape();
    computing();
    memory();
    pools();
    return std::move(out_);
  }

 private:
  /// Half width of the interval of a share.
  double share_error(double share, const std::function<double(const Window&)>& of_window) const {
    const double sweeps = std::max<double>(1, static_cast<double>(profile_.measurement.sweeps));
    const double clipped = std::clamp(share, 0.0, 1.0);
    const double sampled = 2 * std::sqrt(clipped * (1 - clipped) / sweeps) + 1 / sweeps;
    const double windows = profile_.target.attached || profile_.measurement.stopped_early ? window_error(profile_.windows, of_window) : 0;
    return std::max(sampled, windows) + profile_.measurement.lost / 2;
  }

  void share(const std::string& name, double value, const std::function<double(const Window&)>& of_window) {
    out_.set(name, value, share_error(value, of_window), "share");
  }

  void sampling() {
    const Measurement& m = profile_.measurement;
    out_.set("wall_s", m.wall_s, 0, "s");
    out_.set("sweeps", static_cast<double>(m.sweeps), 0, "samples");
    // A run that the kernel accounted as computing through and through needs no sampling of waits.
    const bool computed = m.cpu_s / wall_ > 0.9 && m.wall_s > 0.02;
    out_.set("looks", static_cast<double>(m.sweeps) + (computed ? 40 : 0), 0, "samples");
    out_.set("lost", m.lost, 0, "share");
    out_.set("cpus_usable", cpus_, 0, "cores");
    out_.set("unattributed_share", ratio(m.unattributed_cpu_s, m.cpu_s), 0, "share");
    if (profile_.machine.neighbours_cores >= 0) out_.set("neighbours", profile_.machine.neighbours_cores, 0, "cores");
    else out_.set_unknown("neighbours", "cores");
  }

  /// How long the thread would have computed in its life, had it never stood in the queue for a CPU.
  static double wants_cpu_s(const Thread& thread) {
    const double life = thread.states.sum();
    return ratio(thread.states[State::on_cpu], life - thread.states[State::runnable]) * life;
  }

  /// The part of its threads' run-queue time that the program would still want CPUs for, were it alone on the machine. Who
  /// holds the CPUs makes others queue, in proportion; behind neighbours it queues for what it wants, which is known from
  /// its threads' lives without the queue: one that only computes wants a CPU throughout, one that mostly waits hardly.
  double own_part_of_queue(double busy, double runnable) const {
    const double neighbours = std::max(0.0, profile_.machine.neighbours_cores);
    if (neighbours < kTiny || runnable < kTiny) return 1;
    double wanted = 0;
    for (const Thread& thread : profile_.threads) wanted += wants_cpu_s(thread) / wall_;
    const double own = ratio(busy, busy + neighbours);
    return own + (1 - own) * std::clamp((wanted - busy) / runnable, 0.0, 1.0);
  }

  void cores() {
    const double busy = profile_.measurement.cpu_s / wall_;
    const double error = profile_.target.attached ? window_error(profile_.windows, [](const Window& w) { return w.cores; }) : 0;
    const double runnable = work_.seconds[State::runnable] / wall_;
    out_.set("cores_busy", busy, error, "cores");
    out_.set("cores_busy_share", busy / cpus_, error / cpus_, "share");
    out_.set("runnable", runnable, window_error(profile_.windows, [](const Window& w) { return w.runnable; }), "threads");
    const double own_part = own_part_of_queue(busy, runnable);
    const double demand = busy + own_part * runnable;
    out_.set("demand", demand, error, "threads");
    out_.set("demand_per_cpu", demand / cpus_, error / cpus_, "threads per CPU");
    double computing = 0, weight = 0;
    for (const Window& w : profile_.windows) {
      const double cpu = w.path[State::on_cpu] + w.path[State::runnable];
      computing += cpu * std::min(cpus_, w.cores + own_part * w.runnable);  // what it would use without neighbours
      weight += cpu;
    }
    out_.set("cores_computing", weight > kTiny ? computing / weight : std::min(cpus_, demand), error, "cores");
    out_.set("cores_computing_share", out_.value("cores_computing") / cpus_, error / cpus_, "share");
  }

  void path() {
    for (State state : kAllStates)
      share("path_" + std::string(name_of(state)), profile_.shares[state],
            [state](const Window& w) { return w.path.shares()[state]; });
  }

  void work() {
    for (State state : kAllStates)
      share("work_" + std::string(name_of(state)), work_.weighted[state],
            [state](const Window& w) { return w.path.shares()[state]; });
    out_.set("largest_thread_share", ratio(work_.largest_cpu_s, work_.seconds[State::on_cpu]), 0, "share");
    out_.set("largest_thread_cores", work_.largest_cpu_s / wall_, 0, "cores");
    double largest = 0;
    for (const Thread& thread : profile_.threads) largest = std::max(largest, wants_cpu_s(thread));
    out_.set("largest_thread_share_of_run", std::min(1.0, largest / wall_), 0, "share");
  }

  /// Whether run-queue delay is the program's own doing: more of its threads want a CPU than it may use.
  bool own_queue() const { return out_.value("demand") > cpus_ * 1.1; }

  /// The part of the path's run-queue time that is the program's own doing: whoever holds the CPUs makes others queue, in
  /// proportion, and for how many of them it held is known window by window. A pool's two workers on two CPUs hold up the
  /// thread that feeds them, however little the program computed before.
  double own_share_of_queue() const {
    if (own_queue()) return 1;
    if (profile_.target.attached) return 0;
    double own = 0, all = 0;
    for (const Window& window : profile_.windows) {
      const double by_others = window.cores - ratio(window.path[State::on_cpu], window.end_s - window.start_s);  // it does not hold itself up
      own += window.path[State::runnable] * std::clamp(by_others / cpus_, 0.0, 1.0);
      all += window.path[State::runnable];
    }
    return ratio(own, all);
  }

  /// Splits shares into computing, waiting and idle. Unresolved waits for children whose CPU time the kernel accounts to
  /// the tree but that were too short-lived to be seen are computing.
  struct Split { double compute = 0, idle = 0; };
  Split split(StateTimes shares, double unseen_cpu) const {
    const double moved = std::min(shares[State::child], unseen_cpu);
    shares[State::child] -= moved;
    shares[State::on_cpu] += moved;
    shares[State::on_cpu] += own_share_of_queue() * shares[State::runnable];
    shares[State::runnable] = 0;
    const double whole = shares.sum();
    return {ratio(shares[State::on_cpu], whole), ratio(shares[State::idle], whole)};
  }

  void bottleneck() {
    const double unseen = profile_.measurement.unattributed_cpu_s / wall_;
    Split parts = split(profile_.target.attached ? work_.attached_view() : profile_.shares, unseen);
    const double path_compute = parts.compute;
    // A loop that waits for its clients while its workers wait for what the clients want is not idle.
    if (profile_.target.attached) parts.idle *= 1 - std::min(1.0, work_.served_s / wall_);
    // Two threads that wake each other over a pipe leave a path on which somebody always computes, while each of them
    // waits most of the time: the hand-over is the bottleneck and not the computing.
    StateTimes mine = work_.weighted;
    mine[State::handoff] = mine[State::idle] = 0;
    const double handed_over = ratio(mine[State::ipc], mine.sum());
    const bool saturated = out_.value("cores_busy_share") > 0.85;
    if (!profile_.target.attached && !saturated) parts.compute = std::min(parts.compute, 1 - handed_over);
    const auto of_window = [](const Window& w) { return std::max(0.0, compute_share_of(w)); };
    parts.compute *= 1 - ratio(work_.fine_cpu_s, std::max(work_.seconds[State::on_cpu], profile_.measurement.cpu_s));
    share("compute_share", parts.compute, of_window);
    share("idle_share", parts.idle, [](const Window& w) { return w.path.shares()[State::idle]; });
    share("wait_share", std::max(0.0, 1 - parts.compute - parts.idle), of_window);
    share("self_wait_share", std::max(0.0, path_compute - parts.compute), of_window);
    share("both_share", std::min(out_.value("compute_share"), out_.value("wait_share")), of_window);
    idleness(of_window);
    share("runnable_share", profile_.target.attached ? work_.weighted[State::runnable] : profile_.shares[State::runnable],
          [](const Window& w) { return w.path.shares()[State::runnable]; });
    out_.set("neighbours_queue", (1 - own_share_of_queue()) * out_.value("runnable_share"), 0, "share");
  }

  bool nobody_connected() const {
    return std::none_of(profile_.processes.begin(), profile_.processes.end(), [](const Process& process) { return process.connections_peak > 0; });
  }

  double longest_idle_share() const {
    double longest = 0;
    for (const Thread& thread : profile_.threads) longest = std::max(longest, thread.states[State::idle]);
    return longest / wall_;
  }

  /// An attached program that uses next to no CPU is as idle as the share of its waits that are for work to be given:
  /// a store with a slow timer beside its quiet sockets is idle, one that waits for its disk is not.
  void idleness(const std::function<double(const Window&)>& of_window) {
    const double idle = out_.value("idle_share");
    double value = idle;
    if (profile_.target.attached && out_.value("cores_busy") < kHardlyBusyCores) {
      const StateTimes view = work_.attached_view();
      const double asked = view[State::disk] + view[State::network] + view[State::child] + view[State::fault] +
                           view[State::lock] + view[State::gil];
      value = std::max(idle, ratio(idle, idle + asked + 0.5 * view[State::timer]));
      // A thread that stood waiting for clients throughout, with none connected: what its fellows' timers do is housekeeping.
      const double served = nobody_connected() ? longest_idle_share() : 0;
      if (served > kThroughout) value = std::max(value, ratio(served, served + asked));
    }
    share("idleness", value, of_window);
    const double neighbours = std::max(0.0, profile_.machine.neighbours_cores);
    out_.set("cpus_taken", out_.value("cores_busy_share") + neighbours / cpus_, 0, "share");
    out_.set("lock_cpus_busy", out_.value("cores_busy_share"), 0, "share");
  }

  /// Hand-over waits of working threads that hardly stand behind a lock: parked. One that does both waits for its turn in
  /// both, and if most of that is hand-over, the lock is not what limits it.
  double handed_over_without_locks() const {
    double sum = 0;
    for (const Thread* thread : work_.threads)
      if (!stands_behind_lock(*thread, wall_)) sum += thread->states[State::handoff];
    return sum;
  }

  void locks() {
    const double wall = wall_;
    const StateTimes& active = work_.active;
    const double whole = active.sum() - active[State::idle] - active[State::other] - handed_over_without_locks();
    const auto locked = [](const Window& w) { return ratio(w.locked, w.locked + w.cores + w.runnable + w.waits); };
    const double lock = active[State::lock], gil = active[State::gil];
    share("lock_share", ratio(lock, whole), locked);
    share("gil_share", ratio(gil, whole), locked);
    share("contention_share", ratio(lock + gil, whole), locked);
    const double error = window_error(profile_.windows, [](const Window& w) { return w.locked; });
    out_.set("blocked_on_lock", lock / wall, error, "threads");
    out_.set("blocked_on_gil", gil / wall, error, "threads");
    out_.set("blocked", (lock + gil) / wall, error, "threads");
    const double busy = out_.value("cores_busy");
    out_.set("lock_headroom", ratio(std::min(cpus_, busy + (lock + gil) / wall), busy), 0, "times");
  }

  void waits() {
    double outside = 0;
    for (State state : kOutside) outside += work_.seconds[state];
    out_.set("waits_in_flight", outside / wall_, window_error(profile_.windows, [](const Window& w) { return w.waits; }), "threads");
    for (const char* name : {"overlap", "wait_count", "longest_wait_s"}) out_.set_unknown(name, "waits");
    const Waiting waiting = waiting_of(profile_, work_);
    if (waiting.site == nullptr) return;
    out_.set("overlap", waiting.overlap, 0.1, "waits");
    out_.set("wait_count", waiting.count, waiting.site->count_is_estimate ? waiting.count * 0.3 : 0, "waits");
    out_.set("longest_wait_s", waiting.longest_s, profile_.measurement.interval_s, "s");
  }

  /// How long an event waits on average for a loop that such stalls stop: Pollaczek and Khinchine's formula for the M/G/1
  /// queue with all stalls of the mean length, the least that they can cause; all that is not the loop's own wait is use. Many
  /// short stalls hold events up as one long does.
  double mean_delay_s(const LoopTrouble& trouble) const {
    if (trouble.blocked_stalls < 1) return 0;
    const double use = std::clamp(1 - trouble.loop->waiting_s / wall_, 0.0, 0.99);
    return trouble.blocked_s / wall_ * (trouble.blocked_s / trouble.blocked_stalls) / (2 * (1 - use));
  }

  void loops() {
    const LoopTrouble trouble = loop_trouble(profile_);
    double outbound = 0, inbound = 0, waiting = 0;
    for (const Loop& loop : profile_.loops) {
      outbound += loop.connections_outbound;
      inbound += loop.connections_inbound;
      waiting = std::max(waiting, loop.waiting_s);
    }
    out_.set("loops", static_cast<double>(profile_.loops.size()), 0, "loops");
    out_.set("loop_outbound", outbound, 0, "connections");
    out_.set("loop_inbound", inbound, 0, "connections");
    for (const char* name : {"loop_blocked_share", "loop_stall_s", "loop_delay_s", "loop_compute_stalled_share", "loop_compute_stall_s", "loop_timer_share", "loop_waits_share",
                             "loop_waits_mean_s"})
      out_.set_unknown(name, "share");
    if (profile_.loops.empty()) return;
    out_.set("loop_blocked_share", trouble.blocked_s / wall_, 0, "share");
    out_.set("loop_stall_s", trouble.longest_blocked_s, profile_.measurement.interval_s, "s");
    out_.set("loop_delay_s", std::max(trouble.longest_blocked_s, mean_delay_s(trouble)), profile_.measurement.interval_s, "s");
    out_.set("loop_waits_share", trouble.outside_s / wall_, 0, "share");
    out_.set("loop_waits_mean_s", trouble.outside_stalls > 0 ? trouble.outside_s / trouble.outside_stalls : 0, 0, "s");
    out_.set("loop_compute_stalled_share", trouble.computing_s / wall_, 0, "share");
    out_.set("loop_compute_stall_s", trouble.longest_computing_s, profile_.measurement.interval_s, "s");
    // A single task can only sleep one time after the other.
    const bool one_task = std::all_of(profile_.loops.begin(), profile_.loops.end(), [](const Loop& loop) { return loop.tasks_most == 1; });
    out_.set("loop_timer_share", outbound < 0.5 && !one_task ? std::min(waiting / wall_, out_.value("path_timer")) : 0, 0, "share");
  }

  void shape() {
    double connections = 0, threads = 0, pools = 0;
    for (const Process& process : profile_.processes) {
      connections += process.connections_peak;
      threads = std::max<double>(threads, process.threads_peak);
    }
    for (const Pool& pool : profile_.pools) pools = std::max<double>(pools, pool.size);
    out_.set("connections", connections, 0, "connections");
    out_.set("threads_peak", threads, 0, "threads");
    out_.set("pool_size", pools, 0, "threads");
    out_.set("processes", static_cast<double>(profile_.processes.size()), 0, "processes");
  }

  /// What the CPU time was for. A share of few samples is no share: unknown below the samples that a share of a half needs.
  void computing() {
    const CpuUse use = cpu_use_of(profile_);
    if (use.samples < kFewSamples) {
      out_.set_unknown("machinery_share", "share");
      out_.set_unknown("released_share", "share");
      return;
    }
    const auto error = [&](double share) { return 2 * std::sqrt(share * (1 - share) / use.samples); };
    out_.set("machinery_share", use.machinery, error(use.machinery), "share");
    out_.set("released_share", use.released, error(use.released), "share");
  }

  /// Instructions per cycle, and the largest share of its cycles that a core can have been waiting for memory: the cycles that
  /// its cache misses would take one after the other, and no more than those that the back end stood still where that is counted.
  void memory() {
    out_.set_unknown("ipc", "instructions per cycle");
    out_.set_unknown("cache_misses", "cache misses per 1000 instructions");
    out_.set_unknown("memory_stalled", "share");
    const Counters& c = profile_.counters;
    if (c.cycles <= 0 || c.instructions <= 0 || c.counted_s < kCountedLongEnough * profile_.measurement.cpu_s) return;
    out_.set("ipc", c.instructions / c.cycles, 0, "instructions per cycle");
    if (c.cache_misses < 0) return;
    out_.set("cache_misses", 1000 * c.cache_misses / c.instructions, 0, "cache misses per 1000 instructions");
    const double missing = std::min(1.0, c.cache_misses * kMissCycles / c.cycles);
    out_.set("memory_stalled", c.stalled_cycles < 0 ? missing : std::min(missing, c.stalled_cycles / c.cycles), 0, "share");
  }

  /// How many waits each worker of a pool worked off that never ran out of them; 0 where workers were parked meanwhile, where the
  /// waits are short, or where the disk decides how many it serves at once.
  void pools() {
    double rounds = 0;
    const Waiting waiting = waiting_of(profile_, work_);
    const bool served_outside = waiting.state == State::network || waiting.state == State::timer || waiting.state == State::child;
    for (const Pool& pool : profile_.pools) {
      const bool waits = pool.kind == "threads" && pool.size >= 2 && pool.waiting_mean > 0.6 * pool.size && pool.parked_mean < 0.1 * pool.size;
      if (waits && served_outside && waiting.path_s > kWorthOverlapping_s * waiting.count / pool.size) rounds = std::max(rounds, waiting.count / pool.size);
    }
    out_.set("worker_rounds", rounds, 0.3 * rounds, "waits per worker");
  }

  const Profile& profile_;
  const Work work_;
  const double wall_;
  const double cpus_;
  Metrics out_;
};

}  // namespace

const Metric& Metrics::operator[](std::string_view name) const {
  static const Metric unknown;
  const auto found = all_.find(name);
  return found == all_.end() ? unknown : found->second;
}

double Metrics::value(std::string_view name, double fallback) const {
  const Metric& metric = (*this)[name];
  return metric.known ? metric.value : fallback;
}

void Metrics::set(std::string name, double value, double half_width, std::string unit) {
  Interval interval{value - half_width, value + half_width};
  if (value >= 0) interval.low = std::max(0.0, interval.low);
  if (unit == "share" && value <= 1) interval.high = std::min(1.0, interval.high);
  all_[std::move(name)] = Metric{value, interval, std::move(unit), true};
}

void Metrics::set_unknown(std::string name, std::string unit) { all_[std::move(name)] = Metric{0, {}, std::move(unit), false}; }

Metrics measure(const Profile& profile) { return Measurer(profile).run(); }

double compute_share_of(const Window& window) {
  const double whole = window.path.sum() - window.path[State::runnable];
  return whole > kTiny ? window.path[State::on_cpu] / whole : -1;
}

}  // namespace concadvise
