// How often something may be asked that costs more the more there is of it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "profiler/procfs/task.h"

namespace concadvise {

/// Keeps asking within a share of one CPU: half a percent in the first two seconds, when a short run needs its answers, a
/// tenth of a percent after that.
class Pace {
 public:
  explicit Pace(std::uint64_t shortest_ns) : shortest_ns_(shortest_ns) {}

  bool due() const { return asked_ns_ == 0 || now_ns() - asked_ns_ >= pause_ns(); }
  void be_due() { asked_ns_ = 0; }
  bool asked_before() const { return asked_ns_ != 0; }

  /// Until the next time from the last.
  std::uint64_t pause_ns() const {
    const std::uint64_t share = asked_ns_ < first_ns_ + kSettled_ns ? kShareAtFirst : kShare;
    return std::max(shortest_ns_, cost_ns_ * share);
  }

  std::uint64_t since_asked_ns() const { return now_ns() - asked_ns_; }

  /// Calls `ask` and learns what it costs.
  template <typename Ask>
  void run(Ask ask) {
    const std::uint64_t start = own_cpu_ns();
    ask();
    cost_ns_ = own_cpu_ns() - start;
    asked_ns_ = now_ns();
    if (first_ns_ == 0) first_ns_ = asked_ns_;
  }

 private:
  static constexpr std::uint64_t kSettled_ns = 2'000'000'000;
  static constexpr std::uint64_t kShareAtFirst = 200;
  static constexpr std::uint64_t kShare = 1000;

  std::uint64_t shortest_ns_;
  std::uint64_t first_ns_ = 0;
  std::uint64_t asked_ns_ = 0;
  std::uint64_t cost_ns_ = 0;
};

}  // namespace concadvise
