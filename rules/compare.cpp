#include "rules/compare.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "rules/metrics.h"

namespace concadvise {
namespace {

constexpr double kSpread = 0.05;
constexpr std::array kCompared = {"cores_busy", "compute_share", "wait_share",  "idle_share", "runnable",    "blocked",
                                  "lock_share", "gil_share",     "overlap",     "wait_count", "longest_wait_s", "loop_stall_s",
                                  "threads_peak", "processes",   "connections"};

double memory_of(const Profile& profile) {
  double sum = 0;
  for (const Process& process : profile.processes) sum += process.pss_bytes > 0 ? process.pss_bytes : process.rss_bytes;
  return sum;
}

double switches_of(const Profile& profile) {
  double sum = 0;
  for (const Thread& thread : profile.threads) sum += static_cast<double>(thread.switches);
  return sum;
}

/// Reasons to doubt that both runs did the same work. Attached runs of different length are compared per second.
std::vector<std::string> doubts_about(const Session& before, const Session& after) {
  std::vector<std::string> out;
  const Target& a = before.profile.target;
  const Target& b = after.profile.target;
  if (a.attached != b.attached) out.push_back("one was launched and the other attached to: their wall times don't compare");
  if (a.attached && b.attached) out.push_back("attached runs last as long as they were told to: compare rates and shares, not wall time");
  if (a.exit_status != b.exit_status || a.exit_signal != b.exit_signal)
    out.push_back(fmt::format("they ended differently (exit status {} and {}, signal {} and {})", a.exit_status, b.exit_status, a.exit_signal, b.exit_signal));
  if (before.profile.measurement.stopped_early || after.profile.measurement.stopped_early) out.push_back("one was stopped before it ended");
  const double cpu = before.profile.measurement.cpu_s > 0 ? after.profile.measurement.cpu_s / before.profile.measurement.cpu_s : 1;
  if (cpu > 2 || cpu < 0.5) out.push_back(fmt::format("CPU time changed by a factor of {:.2g}: it may be other work", cpu));
  const double usable = before.profile.machine.cpus_usable - after.profile.machine.cpus_usable;
  if (std::abs(usable) > 0.01) out.push_back("the usable CPUs differ");
  return out;
}

void check_prediction(Comparison& out, const Session& before) {
  if (before.advice.predictions.empty()) return;
  const Prediction& predicted = before.advice.predictions.front();
  const double wall = out.changes.front().after;
  out.predicted_model = predicted.model;
  out.predicted_wall_s = predicted.wall_s;
  out.inside = wall >= predicted.wall_s.low && wall <= predicted.wall_s.high;
  const char* where = out.inside ? "inside" : wall < predicted.wall_s.low ? "faster than" : "slower than";
  out.prediction_summary = fmt::format("{}: {:.3g} to {:.3g} s were predicted, {:.3g} s were measured: {} the prediction.", predicted.model,
                                       predicted.wall_s.low, predicted.wall_s.high, wall, where);
}

}  // namespace

double Change::ratio() const {
  if (before == 0) return after == 0 ? 1 : std::numeric_limits<double>::infinity();
  return after / before;
}

Comparison compare(const Session& before, const Session& after) {
  Comparison out;
  const auto add = [&](const char* name, const char* unit, double a, double b) { out.changes.push_back({name, unit, a, b}); };
  add("wall", "s", before.profile.measurement.wall_s, after.profile.measurement.wall_s);
  add("cpu", "s", before.profile.measurement.cpu_s, after.profile.measurement.cpu_s);
  const Metrics a = measure(before.profile), b = measure(after.profile);
  for (const char* name : kCompared)
    if (a[name].known && b[name].known) add(name, a[name].unit.c_str(), a[name].value, b[name].value);
  add("switches", "switches", switches_of(before.profile), switches_of(after.profile));
  add("memory", "bytes", memory_of(before.profile), memory_of(after.profile));
  out.doubts = doubts_about(before, after);
  const double ratio = out.changes.front().ratio();
  out.outcome = ratio < 1 - kSpread ? "faster" : ratio > 1 + kSpread ? "slower" : "unchanged";
  const std::string classes = before.verdict.klass == after.verdict.klass ? fmt::format("still {}", after.verdict.klass)
                                                                          : fmt::format("{} before, {} now", before.verdict.klass, after.verdict.klass);
  out.summary = fmt::format("{:.3g} s before, {:.3g} s after: {}{}; {}.", out.changes[0].before, out.changes[0].after, out.outcome,
                            out.outcome == "unchanged" ? "" : fmt::format(" ({:.2f} times the speed)", 1 / std::max(ratio, 1e-9)), classes);
  check_prediction(out, before);
  return out;
}

Result<FailOn> parse_fail_on(const std::string& text, const Comparison& comparison) {
  const auto bad = [&](const std::string& why) {
    return fail(Error::Kind::usage, fmt::format("--fail-on '{}': {}", text, why), "Examples: wall>+5%   memory>+20%   lock_share>0.3");
  };
  const auto at = text.find_first_of("<>");
  if (at == std::string::npos || at == 0) return bad("there is no '<' or '>' after a metric");
  FailOn out;
  out.text = text;
  out.metric = text.substr(0, at);
  out.greater = text[at] == '>';
  std::string number = text.substr(at + 1);
  out.relative = !number.empty() && number.back() == '%';
  if (out.relative) number.pop_back();
  std::size_t used = 0;
  try {
    out.limit = std::stod(number, &used);
  } catch (const std::exception&) {
    return bad("what follows is not a number");
  }
  if (used != number.size()) return bad("what follows is not a number");
  if (out.relative) out.limit /= 100;
  const bool known = std::any_of(comparison.changes.begin(), comparison.changes.end(), [&](const Change& change) { return change.name == out.metric; });
  if (!known) return bad("no metric '" + out.metric + "' is in the comparison");
  return out;
}

bool triggered(const FailOn& condition, const Comparison& comparison) {
  for (const Change& change : comparison.changes) {
    if (change.name != condition.metric) continue;
    const double value = condition.relative ? change.ratio() - 1 : change.after;
    return condition.greater ? value > condition.limit : value < condition.limit;
  }
  return false;
}

}  // namespace concadvise
