// The rung `perf`: where the target computes, by sampling the CPUs.
//
// An event on a thread costs the target 0.4 to 3 us at each switch of it by merely being there; an event on a whole CPU
// costs nothing there, but needs a privilege and sees everybody. So: whole CPUs where that is allowed, keeping only the
// target's samples; otherwise events on the target's threads, inherited by what they create, and closed for good when the
// target switches so often that they would be felt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "profiler/collector.h"
#include "profiler/perf/event_set.h"
#include "profiler/timeline/switch_rate.h"
#include "profiler/where/stack_book.h"

namespace concadvise {

class CpuSampling final : public Collector {
 public:
  CpuSampling(const ProfileOptions& options, StackBook& book);

  std::string level() const override { return "perf"; }
  Rung start(Census& census, bool attached) override;
  std::vector<int> descriptors() const override;
  void poll(Census& census, std::uint64_t now) override;
  void stop() override;
  void contribute(Census& census, std::uint64_t start_ns, Profile& profile) override;

  /// Context switches a second of the target from which events on its threads are given up. Measured: 0.4 us each in a
  /// ping-pong of two threads, 3 us where the CPU is idle between (redis at 17,000 switches a second: 10 % of its CPU time,
  /// as the clock's timer is set anew each time). At 3 us 4,000 cost 1.2 % of one core.
  static constexpr double kMostSwitches = 4'000;

 private:
  enum class Scope { none, cpus, threads };
  struct Copy {
    PerfSample sample;
    std::vector<std::byte> stack;
    std::uint16_t misc = 0;
  };

  bool select_event();
  void on_record(Census& census, const PerfRecord& record, std::uint64_t now);
  void on_sample(Census& census, const PerfRecord& record, std::uint64_t now);
  void on_task(Census& census, const PerfRecord& record);
  bool is_ours(Census& census, int pid) const;
  void add(const PerfSample& sample, std::uint16_t misc, std::uint64_t now);
  void judge_cost(Census& census, std::uint64_t now);
  double cpu_so_far(Census& census) const;

  ProfileOptions options_;
  StackBook& book_;
  perf_event_attr attributes_{};
  std::string event_;          // in use
  std::string event_refused_;  // asked for but not to be had here, and why
  bool with_kernel_ = true;
  Scope scope_ = Scope::none;
  EventSet events_;
  Descriptor timer_;

  // Processes, from the records of their births and ends
  std::unordered_set<int> children_;   // ours, perhaps too short-lived to be seen in /proc
  std::unordered_set<int> strangers_;
  std::unordered_map<int, std::uint64_t> born_ns_;
  std::vector<int> ended_;
  std::uint64_t children_seen_ = 0;
  double children_life_s_ = 0;
  std::uint64_t children_ended_ = 0;
  std::vector<Copy> undecided_;

  std::uint64_t samples_ = 0;
  double sampled_s_ = 0;
  std::uint64_t read_ = 0;  // samples that arrived, of whomever
  std::uint64_t lost_ = 0;
  std::uint64_t broken_ = 0;

  // Back-off
  std::optional<SwitchRate> rate_;
  double covered_cpu_s_ = 0;
  double gave_up_at_s_ = -1;
  double gave_up_rate_ = 0;
};

}  // namespace concadvise
