#include "profiler/timeline/switch_rate.h"

#include <algorithm>

namespace concadvise {
namespace {

constexpr std::uint64_t kFirstJudgement_ns = 20'000'000;
constexpr std::uint64_t kJudgement_ns = 100'000'000;

}  // namespace

bool SwitchRate::due(std::uint64_t now) const {
  return now - judged_ns_ >= (judged_ns_ == started_ns_ ? kFirstJudgement_ns : kJudgement_ns);
}

std::optional<double> SwitchRate::judge(const Census& census, std::uint64_t now) {
  if (!due(now)) return std::nullopt;
  std::uint64_t switches = 0;
  census.for_each_thread([&](const ThreadRecord& thread) { switches += thread.last.slices - thread.first.slices; });
  return judge(switches, now);
}

std::optional<double> SwitchRate::judge(std::uint64_t switches, std::uint64_t now) {
  if (!due(now)) return std::nullopt;
  const double rate = static_cast<double>(switches - std::min(switches, switches_)) / unanswered_s(now);
  switches_ = switches;
  judged_ns_ = now;
  return rate;
}

}  // namespace concadvise
