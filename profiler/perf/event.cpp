#include "profiler/perf/event.h"

#include <fmt/format.h>
#include <perfmon/pfmlib_perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace concadvise {
namespace {

bool library_ready() {
  static const bool ready = pfm_initialize() == PFM_SUCCESS;
  return ready;
}

}  // namespace

Result<perf_event_attr> event_attributes(const std::string& name, bool with_kernel) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;  // libpfm4 takes a size of 0 for the oldest layout
  pfm_perf_encode_arg_t request{};
  request.size = sizeof request;
  request.attr = &attributes;
  const int levels = with_kernel ? PFM_PLM3 | PFM_PLM0 : PFM_PLM3;
  const int error = library_ready() ? pfm_get_os_event_encoding(name.c_str(), levels, PFM_OS_PERF_EVENT_EXT, &request)
                                    : static_cast<int>(PFM_ERR_NOINIT);
  if (error != PFM_SUCCESS)
    return fail(Error::Kind::usage, fmt::format("event '{}': {}", name, pfm_strerror(error)),
                "Software events are known everywhere: cpu-clock, task-clock. Hardware ones: perf list");
  attributes.size = sizeof attributes;
  attributes.exclude_kernel = with_kernel ? 0 : 1;
  attributes.exclude_hv = 1;
  return attributes;
}

std::vector<std::string> event_names() {
  std::vector<std::string> names;
  if (!library_ready()) return names;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (int pmu = PFM_PMU_NONE; pmu < PFM_PMU_MAX; ++pmu) {
    pfm_pmu_info_t info{};
    info.size = sizeof info;
    if (pfm_get_pmu_info(static_cast<pfm_pmu_t>(pmu), &info) != PFM_SUCCESS || !info.is_present) continue;
    for (int id = info.first_event; id != -1; id = pfm_get_event_next(id)) {
      pfm_event_info_t event{};
      event.size = sizeof event;
      if (pfm_get_event_info(id, PFM_OS_PERF_EVENT_EXT, &event) != PFM_SUCCESS) continue;
      std::string name = event.name;
      std::transform(name.begin(), name.end(), name.begin(), lower);
      names.push_back(std::move(name));
    }
  }
  return names;
}

Descriptor open_event(perf_event_attr attributes, pid_t pid, int cpu, int group) {
  return Descriptor(static_cast<int>(::syscall(SYS_perf_event_open, &attributes, pid, cpu, group, PERF_FLAG_FD_CLOEXEC)));
}

// "0-3,8"
std::vector<int> online_cpus() {
  std::vector<int> cpus;
  std::string text = read_file("/sys/devices/system/cpu/online");
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view range = std::string_view(text).substr(at, end - at);
    const std::size_t dash = range.find('-');
    const auto first = static_cast<int>(to_number(range.substr(0, dash)));
    const auto last = dash == std::string_view::npos ? first : static_cast<int>(to_number(range.substr(dash + 1)));
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
    at = end + 1;
  }
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

bool disable_event(const Descriptor& event) { return ::ioctl(event.get(), PERF_EVENT_IOC_DISABLE, 0) == 0; }

bool enable_event(const Descriptor& event) { return ::ioctl(event.get(), PERF_EVENT_IOC_ENABLE, 0) == 0; }

bool share_ring(const Descriptor& event, const Descriptor& owner_of_ring) {
  return ::ioctl(event.get(), PERF_EVENT_IOC_SET_OUTPUT, owner_of_ring.get()) == 0;
}

}  // namespace concadvise
