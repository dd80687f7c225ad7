// Perf events: names to attributes, and opening them.
#pragma once

#include <linux/perf_event.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "model/result.h"
#include "profiler/procfs/file.h"

namespace concadvise {

/// The attributes that select the event of that name (libpfm4's, "cycles", "cpu-clock"; also "LLC-LOAD-MISSES:u" ...),
/// counting user and, where `with_kernel`, kernel code. Only what selects the event is set. Kind::usage for a name that
/// libpfm4 does not know on this machine.
Result<perf_event_attr> event_attributes(const std::string& name, bool with_kernel);

/// The names that libpfm4 has for events of this machine, in lower case: the kernel's generic ones (whether or not there is
/// hardware for them) and those of its CPU.
std::vector<std::string> event_names();

/// perf_event_open, close-on-exec. `pid` -1: everything on `cpu`; `cpu` -1: the thread `pid` on any CPU; `group`: the event
/// that it is counted together with. An empty Descriptor when the kernel refuses; errno says why.
Descriptor open_event(perf_event_attr attributes, pid_t pid, int cpu, int group = -1);

/// The numbers of the CPUs that are online; never empty.
std::vector<int> online_cpus();

/// Tells the kernel to stop, to go on, or to write the event's records where another one's go (its ring).
bool disable_event(const Descriptor& event);
bool enable_event(const Descriptor& event);
bool share_ring(const Descriptor& event, const Descriptor& owner_of_ring);

}  // namespace concadvise
