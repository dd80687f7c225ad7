// The rung `perf`, its second part: every switch of the target's threads, for any user.
//
// Run, queue and blocked time are in schedstat, exact and for nothing. What it does not tell is which of the times that a
// thread was given a CPU followed a wait and which a preemption: that is what is read here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "profiler/collector.h"
#include "profiler/perf/event_set.h"
#include "profiler/timeline/switch_rate.h"

namespace concadvise {

/// What the records of one thread add up to.
struct SwitchTally {
  int tid = 0;
  std::uint64_t born_ns = 0;  // or first seen
  std::uint64_t last_ns = 0;
  std::uint64_t end_ns = 0;       // 0: it has not ended
  std::uint64_t waits = 0;        // it left its CPU to wait
  std::uint64_t preemptions = 0;  // it left its CPU and wanted more
};

/// Adds records up, thread by thread, in whatever order they come.
class SwitchTallies {
 public:
  /// PERF_RECORD_SWITCH (with a sample_id of TID | TIME) and EXIT; others are passed over.
  void on_record(const PerfRecord& record);

  const std::vector<SwitchTally>& all() const { return all_; }
  std::uint64_t switches() const { return switches_; }

  /// The tally of a thread that had the number and lived at some time of [from, to]; null when there is none.
  const SwitchTally* find(int tid, std::uint64_t from_ns, std::uint64_t to_ns) const;

  /// Records of threads that there was no room for.
  std::uint64_t dropped() const { return dropped_; }

 private:
  SwitchTally* of(int tid, std::uint64_t now);

  std::vector<SwitchTally> all_;
  std::unordered_map<int, std::vector<std::size_t>> by_tid_;  // places in all_; the last one may be alive
  std::uint64_t switches_ = 0;
  std::uint64_t dropped_ = 0;
};

class SwitchRecords final : public Collector {
 public:
  std::string level() const override { return "perf"; }
  bool adds_to(const std::vector<Rung>& used) const override;
  Rung start(Census& census, bool attached) override;
  std::vector<int> descriptors() const override { return events_.descriptors(); }
  void poll(Census& census, std::uint64_t now) override;
  void stop() override { events_.disable(); }
  void settle(Census& census) override;
  void contribute(Census& census, std::uint64_t start_ns, Profile& profile) override;

  /// Context switches a second of the target above which seeing each costs it more than 1 % of a core. Measured with a
  /// dummy event and nothing else: 0.55 us each where two threads share a CPU, 0 to 2.8 us, within the noise, where they wake
  /// each other across CPUs that are idle between. At 2 us 5,000 cost 1 %.
  static constexpr double kMostSwitches = 5'000;

 private:
  void drain();
  void judge_cost(std::uint64_t now);

  EventSet events_;
  SwitchTallies tallies_;
  std::uint64_t lost_ = 0;
  std::optional<SwitchRate> rate_;
  bool used_ = false;
  std::string gave_up_;          // why
};

}  // namespace concadvise
