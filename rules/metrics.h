// Profile in, named numbers with intervals out: what the verdict and the flowchart decide on. Sums of waiting time over
// threads decide nothing by themselves, because parked and joining threads wait longer than the program runs; the numbers
// here look at the critical path, at the cores in use, and at the threads that do the work.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/advice.h"
#include "model/profile.h"

namespace concadvise {

/// A number with the range that the measurement allows.
struct Metric {
  double value = 0;
  Interval interval;
  std::string unit;     // "share", "cores", "threads", "s", "connections", "waits"
  bool known = false;   // false: the profile does not tell
};

/// All metrics of a profile by name. Every name that `names()` of the table lists is present; an unknown one is
/// `known == false`.
class Metrics {
 public:
  /// The metric, or an unknown one when the name was never set.
  const Metric& operator[](std::string_view name) const;

  /// The value, or `fallback` when unknown.
  double value(std::string_view name, double fallback = 0) const;

  void set(std::string name, double value, double half_width, std::string unit);
  void set_unknown(std::string name, std::string unit);

  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

 private:
  std::map<std::string, Metric, std::less<>> all_;
};

/// Measures the profile.
///
/// Shares: `path_S` is the critical path's share of state S; `work_S` is the mean over threads, weighted by each thread's
/// CPU time, of the share of its life in S ("the waits of the threads that do the work"). `compute_share`, `wait_share`
/// and `idle_share` sum to 1; run-queue delay counts as computing only when the program's own threads exceed the CPUs that
/// it may use, because otherwise it is a neighbour's doing.
///
/// Intervals: a launched run is measured whole, so its shares err only by sampling (2 standard errors over sweeps); an
/// attached run is a sample of a longer life (2 standard errors over blocks of windows). Both are widened by what was lost.
Metrics measure(const Profile& profile);

/// The compute share of one window, comparable with `compute_share`; negative when the window is empty.
double compute_share_of(const Window& window);

}  // namespace concadvise
