// What this user may measure on this machine, and the least that would have to be allowed.
#pragma once

#include <string>

#include "model/profile.h"

namespace concadvise {

/// What decides about perf events and BPF programs, as read from /proc and /sys.
struct Privileges {
  int paranoid = 2;            // kernel.perf_event_paranoid: 2 and below let users measure their own processes
  int yama = 0;                // kernel.yama.ptrace_scope; 0 where there is no Yama
  bool root = false;
  bool perfmon = false;        // CAP_PERFMON or CAP_SYS_ADMIN
  bool bpf = false;            // CAP_BPF or CAP_SYS_ADMIN
  bool ptrace = false;         // CAP_SYS_PTRACE
  bool seccomp = false;        // a system call filter is on us: usual in containers
  bool user_namespace = false; // capabilities count only inside of it
  bool btf = false;            // the kernel describes its own types: needed by BPF
  bool hidden_processes = false;  // /proc is mounted with hidepid
  bool out_of_files = false;   // the limit of open files is reached: nothing of the above could be read
  std::string program;         // path of ours, for setcap

  /// Of this process, now.
  static Privileges read();

  /// Everything that runs on a CPU may be sampled, the kernel's code too.
  bool whole_machine() const { return perfmon || paranoid <= 0; }
};

/// What reading /proc of other processes is restricted by, with the command that lifts it; `used` is always true: the base
/// needs no privilege for the user's own processes.
Rung procfs_rung(const Privileges& privileges);

/// The rung `perf` after perf_event_open was refused with that errno.
Rung perf_refused(const Privileges& privileges, int error);

/// The part of the rung `perf` that needs hardware counters, after perf_event_open was refused with that errno.
Rung counters_refused(const Privileges& privileges, int error);

/// The rung `sched` when it can't be had: `why` names the step that failed, `error` its errno (0: not tried).
Rung sched_refused(const Privileges& privileges, const std::string& why, int error);

}  // namespace concadvise
