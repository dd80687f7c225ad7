#include "model/state.h"

#include <algorithm>
#include <numeric>

namespace concadvise {
namespace {

constexpr std::array<std::string_view, kStateCount> kNames = {"on_cpu", "runnable", "disk",  "network", "ipc",  "lock", "gil",
                                                              "handoff", "timer",   "child", "fault",   "idle", "other"};

}  // namespace

std::string_view name_of(State state) { return kNames[static_cast<std::size_t>(state)]; }

std::optional<State> state_named(std::string_view name) {
  const auto* found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<State>(found - kNames.begin());
}

StateTimes& StateTimes::operator+=(const StateTimes& rhs) {
  for (std::size_t i = 0; i < kStateCount; ++i) values_[i] += rhs.values_[i];
  return *this;
}

StateTimes StateTimes::scaled(double factor) const {
  StateTimes out = *this;
  for (double& value : out.values_) value *= factor;
  return out;
}

double StateTimes::sum() const { return std::accumulate(values_.begin(), values_.end(), 0.0); }

double StateTimes::blocked() const { return sum() - (*this)[State::on_cpu] - (*this)[State::runnable]; }

StateTimes StateTimes::shares() const {
  const double total = sum();
  return total > 0 ? scaled(1 / total) : StateTimes{};
}

State StateTimes::largest_wait() const {
  State best = State::other;
  for (State state : kAllStates)
    if (is_blocked(state) && (*this)[state] > (*this)[best]) best = state;
  return best;
}

}  // namespace concadvise
