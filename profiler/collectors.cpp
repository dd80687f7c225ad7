#include "profiler/collector.h"

#include "profiler/bpf/wake_collector.h"
#include "profiler/perf/cpu_sampling.h"
#include "profiler/perf/permission.h"

namespace concadvise {

std::vector<std::unique_ptr<Collector>> make_collectors(const ProfileOptions& options, StackBook& stacks) {
  std::vector<std::unique_ptr<Collector>> collectors;
  if (options.level != LevelLimit::procfs) collectors.push_back(std::make_unique<CpuSampling>(options, stacks));
  if (options.level == LevelLimit::automatic || options.level == LevelLimit::sched)
    collectors.push_back(std::make_unique<WakeCollector>(options));
  return collectors;
}

std::vector<Rung> available_levels() {
  return {Rung{"procfs", true, "", ""},
          Rung{"perf", false, "not built yet", ""},
          Rung{"sched", false, "not built yet", ""}};
}

}  // namespace concadvise
