// How often the target switches, for collectors that cost it something each time.
#pragma once

#include <cstdint>
#include <optional>

#include "profiler/timeline/census.h"

namespace concadvise {

class SwitchRate {
 public:
  /// Counting starts now.
  explicit SwitchRate(std::uint64_t now) : started_ns_(now), judged_ns_(now) {}

  /// Context switches a second of all threads since the last answer; nothing while that is too short ago to tell. The first
  /// answer comes early: a ping-pong must not be slowed down for long.
  std::optional<double> judge(const Census& census, std::uint64_t now);

  /// The same from a count of the caller's own, which began when counting started.
  std::optional<double> judge(std::uint64_t switches, std::uint64_t now);

  /// Since the last answer.
  double unanswered_s(std::uint64_t now) const { return static_cast<double>(now - judged_ns_) * 1e-9; }

  /// Since counting started.
  double seconds(std::uint64_t now) const { return static_cast<double>(now - started_ns_) * 1e-9; }

 private:
  bool due(std::uint64_t now) const;

  std::uint64_t started_ns_;
  std::uint64_t judged_ns_;
  std::uint64_t switches_ = 0;
};

}  // namespace concadvise
