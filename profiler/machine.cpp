#include "profiler/machine.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <string>

#include "profiler/procfs/file.h"

namespace concadvise {
namespace {

// CPUs by quota of one cgroup folder (v2 cpu.max, v1 cpu.cfs_*); 0 when it has none.
double quota_of(const std::string& folder) {
  const std::string v2 = read_file(folder + "/cpu.max");
  if (!v2.empty()) {
    std::string_view rest = v2;
    const std::string_view quota = next_word(rest);
    const double period = static_cast<double>(to_number(next_word(rest)));
    return quota == "max" || period <= 0 ? 0 : static_cast<double>(to_number(quota)) / period;
  }
  const std::string quota = read_file(folder + "/cpu.cfs_quota_us");
  const std::string period = read_file(folder + "/cpu.cfs_period_us");
  if (quota.empty() || quota.front() == '-' || period.empty()) return 0;
  const double period_us = std::strtod(period.c_str(), nullptr);
  return period_us > 0 ? std::strtod(quota.c_str(), nullptr) / period_us : 0;
}

double cgroup_quota(int pid) {
  const std::string text = read_file(fmt::format("/proc/{}/cgroup", pid));
  double least = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    std::string root = "/sys/fs/cgroup";
    if (!controllers.empty()) {
      if (controllers.find("cpu") == controllers.npos || controllers.starts_with("cpuset")) continue;
      root += "/" + std::string(controllers);
    }
    for (std::string path(line.substr(second + 1));; path.resize(path.rfind('/'))) {
      const double quota = quota_of(root + path);
      if (quota > 0 && (least == 0 || quota < least)) least = quota;
      if (path.empty() || path.rfind('/') == std::string::npos) break;
    }
  }
  return least;
}

int count_bits(const std::vector<std::uint64_t>& mask) {
  int bits = 0;
  for (const std::uint64_t word : mask) bits += std::popcount(word);
  return bits;
}

double total_us(const char* path) {
  const std::string text = read_file(path);
  const std::size_t at = text.find("total=");
  return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + 6, nullptr);
}

}  // namespace

std::vector<std::uint64_t> affinity_of(int tid) {
  // The mask must be as wide as the kernel's: grow it until the call accepts it.
  for (std::size_t words = 16; words <= 1024; words *= 4) {
    std::vector<std::uint64_t> mask(words);
    if (::sched_getaffinity(tid, words * sizeof mask[0], reinterpret_cast<cpu_set_t*>(mask.data())) == 0) return mask;
  }
  return {};
}

void narrow_to(Machine& machine, const std::vector<std::uint64_t>& affinity) {
  const int allowed = count_bits(affinity);
  if (allowed == 0 || allowed >= machine.cpus_usable) return;
  machine.cpus_usable = allowed;
  machine.cpus_usable_why = fmt::format("affinity: {} of {}", allowed, machine.cpus_online);
}

Machine describe_machine(int pid) {
  Machine machine;
  utsname name{};
  if (::uname(&name) == 0) machine.kernel = fmt::format("{} {} {}", name.sysname, name.release, name.machine);
  const std::string cpuinfo = read_file("/proc/cpuinfo");
  if (const std::size_t at = cpuinfo.find("model name"); at != std::string::npos) {
    const std::size_t start = cpuinfo.find(':', at) + 2;
    machine.cpu_model = cpuinfo.substr(start, cpuinfo.find('\n', start) - start);
  }
  struct sysinfo info {};
  if (::sysinfo(&info) == 0) machine.memory_bytes = static_cast<double>(info.totalram) * info.mem_unit;
  machine.cpus_online = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  const int allowed = std::max(1, count_bits(affinity_of(pid)));
  const double quota = cgroup_quota(pid);
  machine.cpus_usable = allowed;
  machine.cpus_usable_why = allowed < machine.cpus_online ? fmt::format("affinity: {} of {}", allowed, machine.cpus_online)
                                                          : fmt::format("{} online", machine.cpus_online);
  if (quota > 0 && quota < machine.cpus_usable) {
    machine.cpus_usable = quota;
    machine.cpus_usable_why = fmt::format("cgroup quota: {:.2f} of {}", quota, machine.cpus_online);
  }
  return machine;
}

MachineCounters MachineCounters::read() {
  MachineCounters counters;
  const std::string stat = read_file("/proc/stat");
  std::string_view rest = stat;
  next_word(rest);  // "cpu"
  const double tick_s = 1.0 / static_cast<double>(::sysconf(_SC_CLK_TCK));
  // user nice system idle iowait irq softirq steal; guest time is part of user
  for (int field = 0; field < 8; ++field) {
    const double ticks = static_cast<double>(to_number(next_word(rest)));
    if (field != 3 && field != 4) counters.busy_cpu_s += ticks * tick_s;
  }
  const auto seconds_of = [](const char* path) {
    const double us = total_us(path);
    return us < 0 ? -1 : us * 1e-6;
  };
  counters.psi_cpu_s = seconds_of("/proc/pressure/cpu");
  counters.psi_io_s = seconds_of("/proc/pressure/io");
  counters.psi_memory_s = seconds_of("/proc/pressure/memory");
  return counters;
}

void fill_pressure(Machine& machine, const MachineCounters& before, const MachineCounters& after, double wall_s,
                   double target_cpu_s, double own_cpu_s) {
  if (wall_s <= 0) return;
  machine.neighbours_cores =
      std::max(0.0, after.busy_cpu_s - before.busy_cpu_s - target_cpu_s - own_cpu_s) / wall_s;
  const auto share = [&](double from, double to) {
    return from < 0 || to < 0 ? -1 : std::clamp((to - from) / wall_s, 0.0, 1.0);
  };
  machine.psi_cpu_some = share(before.psi_cpu_s, after.psi_cpu_s);
  machine.psi_io_some = share(before.psi_io_s, after.psi_io_s);
  machine.psi_memory_some = share(before.psi_memory_s, after.psi_memory_s);
}

}  // namespace concadvise
