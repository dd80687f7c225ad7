#include "profiler/perf/permission.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "profiler/procfs/file.h"

namespace concadvise {
namespace {

// Bits of capability sets, linux/capability.h; perfmon and bpf exist since Linux 5.8.
constexpr unsigned kSysPtrace = 19;
constexpr unsigned kSysAdmin = 21;
constexpr unsigned kPerfmon = 38;
constexpr unsigned kBpf = 39;

int number_in(const std::string& path, int otherwise) {
  const std::string text = read_file(path);
  return text.empty() ? otherwise : static_cast<int>(std::strtol(text.c_str(), nullptr, 10));
}

std::string_view value_of(std::string_view status, std::string_view key) {
  const std::size_t at = status.find(key);
  if (at == std::string_view::npos) return {};
  std::string_view rest = status.substr(at + key.size());
  return next_word(rest);
}

// The initial user name space maps all numbers onto themselves.
bool in_user_namespace() {
  const std::string map = read_file("/proc/self/uid_map");
  std::string_view rest = map;
  next_word(rest);
  const std::uint64_t outside = to_number(next_word(rest));
  const std::uint64_t count = to_number(next_word(rest));
  return !map.empty() && (outside != 0 || count < 4294967295ULL);
}

}  // namespace

Privileges Privileges::read() {
  Privileges out;
  const std::string status = read_file("/proc/self/status");
  out.out_of_files = status.empty() && errno == EMFILE;
  const std::uint64_t capabilities = to_number(value_of(status, "\nCapEff:"), 16);
  const auto may = [&](unsigned bit) { return (capabilities >> bit & 1) != 0; };
  out.root = ::geteuid() == 0;
  out.user_namespace = in_user_namespace();
  const bool global = !out.user_namespace;
  out.perfmon = global && (may(kPerfmon) || may(kSysAdmin));
  out.bpf = global && (may(kBpf) || may(kSysAdmin));
  out.ptrace = may(kSysPtrace);
  out.seccomp = value_of(status, "\nSeccomp:") == "2";
  out.paranoid = number_in("/proc/sys/kernel/perf_event_paranoid", 2);
  out.yama = number_in("/proc/sys/kernel/yama/ptrace_scope", 0);
  out.btf = ::access("/sys/kernel/btf/vmlinux", R_OK) == 0;
  out.hidden_processes = ::access("/proc/1/stat", F_OK) != 0;
  out.program = read_link("/proc/self/exe");
  return out;
}

namespace {

constexpr const char* kMoreFiles = "raise the limit of open files in the shell that starts concadvise: ulimit -n 65536";

std::string with_capabilities(const Privileges& privileges, const char* capabilities) {
  return fmt::format("sudo setcap {}+ep {}", capabilities, privileges.program);
}

}  // namespace

Rung procfs_rung(const Privileges& privileges) {
  Rung rung{"procfs", true, "", ""};
  if (privileges.ptrace || (privileges.yama == 0 && !privileges.hidden_processes)) return rung;
  if (privileges.yama > 0) {
    rung.why_not = privileges.yama == 1
                       ? "launched commands only: kernel.yama.ptrace_scope is 1, so what running processes wait for can't be read"
                       : fmt::format("run and queue times only: kernel.yama.ptrace_scope is {}, so what threads wait for can't be "
                                     "read", privileges.yama);
    rung.command = with_capabilities(privileges, "cap_sys_ptrace");
    return rung;
  }
  rung.why_not = "own processes only: /proc hides those of others (mount option hidepid)";
  rung.command = with_capabilities(privileges, "cap_sys_ptrace");
  return rung;
}

Rung perf_refused(const Privileges& privileges, int error) {
  Rung rung{"perf", false, "", ""};
  if (error == ENOSYS) {
    rung.why_not = "this kernel is built without perf events";
  } else if ((error == EPERM || error == EACCES) && privileges.paranoid > 2 && !privileges.perfmon) {
    rung.why_not = fmt::format("kernel.perf_event_paranoid is {}: users may not open perf events (2 lets them measure their own "
                               "processes)", privileges.paranoid);
    rung.command = privileges.user_namespace ? "on the host: sudo sysctl kernel.perf_event_paranoid=2"
                                             : with_capabilities(privileges, "cap_perfmon");
  } else if ((error == EPERM || error == EACCES) && privileges.seccomp) {
    rung.why_not = "a system call filter (seccomp) refuses perf_event_open, as containers do by default";
    rung.command = "start the container with: --cap-add PERFMON --security-opt seccomp=unconfined";
  } else if (error == EPERM || error == EACCES) {
    rung.why_not = "the target is not ours to look at (another user's, or it changed its user)";
    rung.command = with_capabilities(privileges, "cap_perfmon,cap_sys_ptrace");
  } else if (error == ENOBUFS) {
    rung.why_not = "the memory that this user may lock for the kernel's records is used up (ulimit -l, kernel.perf_event_mlock_kb)";
    rung.command = with_capabilities(privileges, "cap_ipc_lock");
  } else if (error == EMFILE) {
    rung.why_not = "too many threads and CPUs for the limit of open files: one descriptor is needed for each pair";
    rung.command = privileges.perfmon || privileges.out_of_files ? kMoreFiles : with_capabilities(privileges, "cap_perfmon");
  } else {
    rung.why_not = fmt::format("perf_event_open: {}", std::strerror(error));
  }
  return rung;
}

Rung counters_refused(const Privileges& privileges, int error) {
  const bool absent = error == ENOENT || error == EOPNOTSUPP || error == ENODEV;
  Rung rung = absent ? Rung{} : perf_refused(privileges, error);
  rung.level = "perf counters";
  if (absent)
    rung.why_not = "this machine gives no hardware counters (virtual machines mostly don't): computing can't be told from waiting "
                   "for memory";
  return rung;
}

Rung sched_refused(const Privileges& privileges, const std::string& why, int error) {
  Rung rung{"sched", false, why, ""};
  if (error == EMFILE || privileges.out_of_files) return {"sched", false, "the limit of open files is reached", kMoreFiles};
  if (privileges.perfmon && privileges.bpf && error != 0) {
    rung.why_not = fmt::format("{}: {}", why, std::strerror(error));
    return rung;
  }
  if (!privileges.btf && privileges.bpf) {
    rung.why_not = "the kernel does not describe its types (no /sys/kernel/btf/vmlinux: CONFIG_DEBUG_INFO_BTF is off)";
    return rung;
  }
  if (privileges.perfmon && privileges.bpf) return rung;
  if (privileges.user_namespace) {
    rung.why_not = "seeing who wakes whom needs CAP_BPF and CAP_PERFMON outside of this user name space";
    rung.command = "run on the host, or start the container with: --cap-add BPF --cap-add PERFMON";
    return rung;
  }
  rung.why_not = fmt::format("seeing who wakes whom needs {}{}{}", privileges.bpf ? "" : "CAP_BPF",
                             privileges.bpf || privileges.perfmon ? "" : " and ", privileges.perfmon ? "" : "CAP_PERFMON");
  rung.command = with_capabilities(privileges, "cap_perfmon,cap_bpf,cap_sys_ptrace");
  return rung;
}

}  // namespace concadvise
