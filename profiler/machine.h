// The machine as the target sees it: CPUs that it may use, pressure, neighbours.
#pragma once

#include <cstdint>
#include <vector>

#include "model/profile.h"

namespace concadvise {

/// The CPUs that a thread may run on, a bit each; empty when it has ended.
std::vector<std::uint64_t> affinity_of(int tid);

/// A target can bind itself: what its working processes were seen to be allowed replaces what it started with.
void narrow_to(Machine& machine, const std::vector<std::uint64_t>& affinity);

/// Kernel, CPU, memory, and how many CPUs the process may use: its affinity, cut by the CPU quotas of its cgroup and of
/// all above it.
Machine describe_machine(int pid);

/// Counters of the whole machine that are read at the start and at the end.
struct MachineCounters {
  double busy_cpu_s = 0;        // of all CPUs
  double psi_cpu_s = -1;        // time in which some task waited for a CPU; -1 where the kernel does not tell
  double psi_io_s = -1;
  double psi_memory_s = -1;

  static MachineCounters read();
};

/// Fills the neighbours' cores and the pressure shares from the counters around the run.
void fill_pressure(Machine& machine, const MachineCounters& before, const MachineCounters& after, double wall_s,
                   double target_cpu_s, double own_cpu_s);

}  // namespace concadvise
