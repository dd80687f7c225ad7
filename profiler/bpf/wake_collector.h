// The rung `sched`: exact waits and wake-ups, and the critical path from them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "profiler/bpf/wake_path.h"
#include "profiler/bpf/wakeups.h"
#include "profiler/collector.h"
#include "profiler/timeline/switch_rate.h"

namespace concadvise {

class WakeCollector final : public Collector {
 public:
  explicit WakeCollector(const ProfileOptions& options) : options_(options) {}

  std::string level() const override { return "sched"; }
  Rung start(Census& census, bool attached) override;
  void poll(Census& census, std::uint64_t now) override;
  void stop() override;
  void contribute(Census& census, std::uint64_t start_ns, Profile& profile) override;

 private:
  void watch(Census& census);
  void drain();
  void judge_cost(Census& census, std::uint64_t now);
  void give_up(std::string why);
  void fill_threads(Profile& profile) const;
  void fill_path(const Census& census, std::uint64_t start_ns, Profile& profile);
  std::vector<std::uint32_t> accounts_of(int tid) const;

  ProfileOptions options_;
  bool attached_ = false;
  std::unique_ptr<Wakeups> wakeups_;
  std::unordered_set<int> watched_;
  std::vector<ThreadLine> lines_;  // by account
  std::size_t stretches_ = 0;
  std::size_t recent_ = 0;         // since the last judgement
  std::uint64_t told_from_ns_ = 100'000;
  std::optional<SwitchRate> rate_;
  std::uint64_t stopped_ns_ = 0;
  std::uint64_t dropped_ = 0;
  std::string gave_up_;            // why
  std::string source_;             // Wakeups::source
  bool used_ = false;
};

}  // namespace concadvise
