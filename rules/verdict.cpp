#include "rules/verdict.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <fmt/format.h>
#include <optional>

#include "rules/wording.h"

namespace concadvise {
namespace {

/// A comparison that took part in the decision.
struct Border {
  const char* metric;
  const char* threshold;
  const char* crossing;  // what the program would be on the other side
};

class Judge {
 public:
  Judge(const Profile& profile, const Metrics& metrics, const Thresholds& thresholds)
      : profile_(profile), metrics_(metrics), thresholds_(thresholds) {}

  Verdict run() {
    classify();
    rule_out();
    rate();
    return std::move(verdict_);
  }

 private:
  double m(const char* name) const { return metrics_.value(name); }
  double t(const char* name) const { return thresholds_.value(name); }

  /// Compares and remembers the comparison, so that confidence and "what would change our mind" know what was close.
  bool above(const char* metric, const char* threshold, const char* crossing) {
    const Metric& found = metrics_[metric];
    if (!found.known) return false;
    borders_.push_back({metric, threshold, crossing});
    return found.value >= t(threshold);
  }

  void classify() {
    if (!enough()) return set("insufficient-data", "", fmt::format("Too little was seen to judge: {:.0f} samples of its threads in {:.3f} s{}.", m("sweeps"), m("wall_s"),
                              m("lost") >= t("too_much_lost") ? fmt::format(", {:.0f} % of the data lost", 100 * m("lost")) : ""));
    if (idle()) return set("idle", "", fmt::format("It waits for work: {:.2f} cores in use, {:.0f} % of the time idle{}.", m("cores_busy"), 100 * m("idle_share"), whole()));
    if (gil()) return set("lock-bound", "gil", fmt::format("{:.1f} threads at a time want the GIL that another one holds; {:.2f} of {:g} cores are used.", m("blocked_on_gil"), m("cores_busy"), m("cpus_usable")));
    if (lock()) return set("lock-bound", "mutex", fmt::format("{:.1f} threads at a time stand behind a lock while {:.2f} of {:g} cores are used.", m("blocked_on_lock"), m("cores_busy"), m("cpus_usable")));
    if (oversubscribed()) return set("oversubscribed", "all-cores", fmt::format("{:.1f} of its threads want a CPU at a time, {:g} can have one.", m("demand"), m("cpus_usable")));
    waiting_or_computing();
  }

  bool enough() { return above("looks", "enough_sweeps", "judged") && m("lost") < t("too_much_lost"); }

  bool idle() { return above("idleness", "idle_share", "idle"); }

  bool gil() {
    if (m("gil_share") <= 0) return false;  // nothing near that border, and mostly no GIL at all
    return above("gil_share", "gil_contended", "lock-bound/gil") && above("blocked_on_gil", "blocked_threads", "lock-bound/gil");
  }

  bool lock() {
    if (m("lock_share") <= 0) return false;
    return above("lock_share", "lock_contended", "lock-bound/mutex") && above("blocked_on_lock", "blocked_threads", "lock-bound/mutex") &&
           !above("lock_cpus_busy", "cpus_free", "lock-bound/mutex");
  }

  bool oversubscribed() {
    return above("demand_per_cpu", "oversubscribed", "oversubscribed") && above("cpus_taken", "all_cores", "oversubscribed");
  }

  void waiting_or_computing() {
    const double compute = m("compute_share"), wait = m("wait_share");
    const std::string waits(wait_resource());
    if (above("compute_share", "compute_bound", "cpu-bound"))
      return set_computing();
    const bool waiting = above("wait_share", "io_bound", "io-bound");
    if (waiting && computes_beside())
      return set("mixed", waits, fmt::format("It waits {:.0f} % of the time{}, mostly for {}, while one of its threads computes, or wants to, {:.0f} % of the time beside that.", 100 * wait, whole(), described(waits),
                                             100 * m("largest_thread_share_of_run")));
    if (waiting)
      return set("io-bound", waits, fmt::format("It waits {:.0f} % of the time{}, mostly for {}, and computes {:.0f} %.", 100 * wait, whole(), described(waits), 100 * compute));
    const std::string cores = core_resource();  // how many cores compute decides nothing about what waits
    const bool hard_limit = cores == "all-cores" && compute > t("both_large");
    const bool python = m("gil_share") > t("gil_contended") / 2 && m("work_gil") > m(("work_" + waits).c_str());
    set("mixed", python ? "gil" : hard_limit || compute >= wait ? cores : waits,
        fmt::format("It computes {:.0f} % and waits {:.0f} % of the time{}, mostly for {}.", 100 * compute, 100 * wait, whole(), described(waits)));
  }

  /// Two roles, each of which alone lasts about as long as the run: without its waits it would hardly end sooner.
  bool computes_beside() { return !profile_.target.attached && above("largest_thread_share_of_run", "computes_beside", "mixed"); }

  void set_computing() {
    std::string summary = fmt::format("It computes {:.0f} % of the time{}, on {:.2f} of {:g} cores.", 100 * m("compute_share"), whole(), m("cores_computing"), m("cpus_usable"));
    std::string resource = core_resource();
    if (memory()) {
      resource = "memory";
      summary += fmt::format(" They wait for memory in up to {:.0f} % of their cycles: {:.2g} instructions per cycle, {:.3g} cache misses per 1000 instructions.",
                             100 * m("memory_stalled"), m("ipc"), m("cache_misses"));
    }
    set("cpu-bound", std::move(resource), std::move(summary));
  }

  /// Few instructions per cycle alone can be divisions or wrong guesses at branches, and many misses alone can overlap with work.
  bool memory() {
    return above("memory_stalled", "memory_stalled", "cpu-bound/memory") && !above("ipc", "memory_ipc", "cpu-bound/memory");
  }

  /// What the shares are of, where that differs visibly from the run: time in which it stood waiting for a CPU says nothing
  /// about what it would do with one, and is left out.
  std::string whole() const {
    constexpr double kVisible = 0.005;  // in whole percents
    const double queued = m("neighbours_queue");
    return queued < kVisible ? "" : fmt::format(" (not counting {} in which it wanted a CPU and had none)", value_words(queued, "share"));
  }

  std::string core_resource() {
    return above("cores_computing_share", "all_cores", "all-cores") ? "all-cores" : "one-core";
  }

  /// The largest wait of the critical path. Where the path holds none (its threads wait for each other's messages), the
  /// largest one of the working threads.
  std::string wait_resource() const {
    const char* view = m("self_wait_share") > 0.5 * m("wait_share") || profile_.target.attached ? "work_" : "path_";
    std::string best;
    double most = 0;
    for (const char* name : {"disk", "network", "ipc", "timer", "child"}) {
      double share = m((std::string(view) + name).c_str());
      if (std::string_view(name) == "disk") share += m((std::string(view) + "fault").c_str());
      if (share > most) most = share, best = name;
    }
    return best.empty() ? "ipc" : best;
  }

  static std::string described(const std::string& resource) {
    if (resource == "disk") return "the disk";
    if (resource == "network") return "the network";
    if (resource == "ipc") return "other processes or threads (pipes, local sockets)";
    if (resource == "timer") return "timers";
    return "child processes";
  }

  void set(std::string klass, std::string resource, std::string summary) {
    verdict_.klass = std::move(klass);
    verdict_.resource = std::move(resource);
    verdict_.summary = std::move(summary);
  }

  void rule_out() {
    const auto add = [this](const char* what, std::string reason) {
      if (verdict_.klass != what) verdict_.ruled_out.push_back({what, std::move(reason)});
    };
    if (verdict_.klass == "insufficient-data") return;
    add("idle", fmt::format("{:.2f} cores in use and {:.0f} % of the time waiting for work", m("cores_busy"), 100 * m("idle_share")));
    add("lock-bound", fmt::format("{:.2f} threads at a time blocked on locks or the GIL, {:.0f} % of the working threads' time", m("blocked"), 100 * m("contention_share")));
    add("oversubscribed", fmt::format("{:.2f} threads want a CPU at a time and {:g} can have one", m("demand"), m("cpus_usable")));
    add("cpu-bound", fmt::format("it computes {:.0f} % of the time", 100 * m("compute_share")));
    add("io-bound", fmt::format("it waits {:.0f} % of the time", 100 * m("wait_share")));
    add("mixed", fmt::format("computing {:.0f} % and waiting {:.0f} % are not both large", 100 * m("compute_share"), 100 * m("wait_share")));
  }

  /// Distance of the closest comparison that decided, in margins; fills `nearest`.
  double closest() {
    double best = 10;
    for (const Border& border : borders_) {
      if (std::string_view(border.metric) == "looks") continue;
      const Threshold& threshold = thresholds_[border.threshold];
      const Metric& metric = metrics_[border.metric];
      const double width = threshold.margin + (metric.interval.high - metric.interval.low) / 2;
      const double distance = std::abs(metric.value - threshold.value) / std::max(width, 1e-6);
      if (distance >= best) continue;
      best = distance;
      const bool is_above = metric.value >= threshold.value;
      verdict_.nearest = fmt::format("{} is {}; {} {} it would be {}.", words_of(border.metric), value_words(metric.value, metric.unit),
                                     is_above ? "below" : "from", value_words(threshold.value, metric.unit), other_side(border, is_above));
      verdict_.nearest.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(verdict_.nearest.front())));
    }
    return best;
  }

  std::string other_side(const Border& border, bool is_above) const {
    if (border.metric == std::string_view("cores_computing_share")) return is_above ? "cpu-bound/one-core" : "cpu-bound/all-cores";
    const bool counters = border.metric == std::string_view("memory_stalled") || border.metric == std::string_view("ipc");
    if (counters) return verdict_.resource == "memory" ? "held up by its cores and not by memory" : "cpu-bound/memory";
    if (!is_above) return border.crossing;
    return verdict_.klass == std::string_view(border.crossing).substr(0, verdict_.klass.size()) ? "something else" : std::string("not ") + border.crossing;
  }

  /// Share of the judged windows, weighted by length, whose own computing and waiting give the class of the whole.
  std::optional<double> agreement() const {
    if (verdict_.klass != "cpu-bound" && verdict_.klass != "io-bound") return std::nullopt;
    double agree = 0, whole = 0;
    for (const Window& window : profile_.windows) {
      const double compute = compute_share_of(window);
      if (compute < 0) continue;
      const double length = window.end_s - window.start_s;
      whole += length;
      if ((compute >= 0.5) == (verdict_.klass == "cpu-bound")) agree += length;
    }
    if (whole <= 0) return std::nullopt;
    return agree / whole;
  }

  void lower(double factor, const std::string& why) {
    factor = std::clamp(factor, 0.05, 1.0);
    verdict_.confidence *= factor;
    if (factor < 0.95) verdict_.confidence_why.push_back(why);
  }

  void rate() {
    verdict_.confidence = 0.99;
    if (verdict_.klass == "insufficient-data") {
      verdict_.confidence = 0;
      verdict_.confidence_why = {verdict_.summary};
      return;
    }
    const double distance = closest();
    lower(0.55 + 0.45 * std::min(1.0, distance / 1.5), "another verdict is close, see what would change it");
    if (const auto agree = agreement())
      lower(0.6 + 0.4 * *agree, fmt::format("the run has phases: {:.0f} % of it looks like the whole", 100 * *agree));
    const double n = m("sweeps");
    lower((n + 1) / (n + 20), fmt::format("short: {:.0f} samples of its threads", n));
    lower(1 - m("lost"), fmt::format("{:.0f} % of the data was lost", 100 * m("lost")));
    lower(1 - 0.6 * m("path_other"), fmt::format("{:.0f} % of the time is in waits of unknown kind", 100 * m("path_other")));
    lower(1 - 0.5 * m("unattributed_share"), fmt::format("{:.0f} % of the CPU time was used by threads too short-lived to be seen", 100 * m("unattributed_share")));
    lower(1 - 0.6 * m("neighbours_queue"), fmt::format("other programs held the CPUs: {:.0f} % of the time it wanted one in vain", 100 * m("neighbours_queue")));
  }

  const Profile& profile_;
  const Metrics& metrics_;
  const Thresholds& thresholds_;
  Verdict verdict_;
  std::vector<Border> borders_;
};

}  // namespace

Verdict decide(const Profile& profile, const Metrics& metrics, const Thresholds& thresholds) {
  return Judge(profile, metrics, thresholds).run();
}

}  // namespace concadvise
