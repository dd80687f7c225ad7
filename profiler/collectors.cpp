#include "profiler/collector.h"

#include <fmt/format.h>

#include <cerrno>

#include "profiler/bpf/wake_collector.h"
#include "profiler/bpf/wakeups.h"
#include "profiler/perf/counters.h"
#include "profiler/perf/cpu_sampling.h"
#include "profiler/perf/permission.h"
#include "profiler/perf/switch_records.h"

namespace concadvise {

std::vector<std::unique_ptr<Collector>> make_collectors(const ProfileOptions& options, StackBook& stacks) {
  std::vector<std::unique_ptr<Collector>> collectors;
  if (options.level != LevelLimit::procfs) collectors.push_back(std::make_unique<CpuSampling>(options, stacks));
  if (options.level == LevelLimit::automatic || options.level == LevelLimit::sched)
    collectors.push_back(std::make_unique<WakeCollector>(options));
  if (options.level != LevelLimit::procfs) {
    collectors.push_back(std::make_unique<SwitchRecords>());
    collectors.push_back(std::make_unique<HardwareCounters>());
  }
  return collectors;
}

namespace {

// Opens what a measurement would open, on this process, and closes it again.
Rung try_perf(const Privileges& privileges) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_CPU_CLOCK;
  attributes.sample_period = 1'000'000'000;
  attributes.disabled = 1;
  attributes.exclude_hv = 1;
  if (privileges.whole_machine() && open_event(attributes, -1, 0)) return Rung{"perf", true, "", ""};
  attributes.exclude_kernel = privileges.paranoid >= 2 ? 1 : 0;
  if (!open_event(attributes, 0, -1)) return perf_refused(privileges, errno);
  Rung rung{"perf", true, "", ""};
  rung.why_not = fmt::format("{}only while the target switches less than {:.0f} times a second (switch records: {:.0f})",
                             attributes.exclude_kernel ? "user code only, and " : "", CpuSampling::kMostSwitches,
                             SwitchRecords::kMostSwitches);
  rung.command = fmt::format("sudo setcap cap_perfmon+ep {}", privileges.program);
  return rung;
}

Rung try_hardware_counters(const Privileges& privileges) {
  int error = ENOENT;
  if (const auto cycles = event_attributes("cycles", false)) {
    perf_event_attr attributes = *cycles;
    attributes.disabled = 1;
    if (open_event(attributes, 0, -1)) return Rung{"perf counters", true, "", ""};
    error = errno;
  }
  return counters_refused(privileges, error);
}

Rung try_sched(const Privileges& privileges) {
  std::string why;
  int error = 0;
  if (Wakeups::open(privileges, why, error)) return Rung{"sched", true, "", ""};
  return sched_refused(privileges, why, error);
}

}  // namespace

std::vector<Rung> available_levels() {
  const Privileges privileges = Privileges::read();
  return {procfs_rung(privileges), try_perf(privileges), try_hardware_counters(privileges), try_sched(privileges)};
}

}  // namespace concadvise
