// Hardware counters, where the machine has them: whether its cores compute or wait for memory while the target is on them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "profiler/collector.h"
#include "profiler/perf/event.h"
#include "profiler/timeline/switch_rate.h"

namespace concadvise {

/// perf_event_open; another one in tests.
using OpenEvent = std::function<Descriptor(const perf_event_attr&, pid_t, int cpu, int group)>;

/// Counts cycles, instructions, cache misses and stalled cycles of the target's threads and of all that they create, in user
/// code. Only ratios are made of the counts, so that a thread which is counted twice (born while the others were listed) does no
/// harm.
class HardwareCounters final : public Collector {
 public:
  explicit HardwareCounters(OpenEvent open = open_event);

  std::string level() const override { return "perf"; }
  Rung start(Census& census, bool attached) override;
  void poll(Census& census, std::uint64_t now) override;
  void stop() override;
  void contribute(Census& census, std::uint64_t start_ns, Profile& profile) override;

  /// Context switches a second of the target above which counting is given up: counters are written and read at each, which
  /// costs about as much as a CPU sample's timer (CpuSampling::kMostSwitches), more in virtual machines that pass them through.
  static constexpr double kMostSwitches = 4'000;

 private:
  struct Counter {
    std::size_t kind = 0;  // of kKinds
    Descriptor event;
  };
  struct Sum {
    double count = 0;
    bool known = false;
  };

  int open_on_thread(int tid);
  void read_and_close();

  OpenEvent open_;
  std::vector<Counter> counters_;
  std::vector<Sum> sums_;         // by kind
  double counted_s_ = 0;
  std::optional<SwitchRate> rate_;
};

}  // namespace concadvise
