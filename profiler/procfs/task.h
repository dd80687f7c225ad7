// One process and one thread as /proc shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "profiler/procfs/file.h"

namespace concadvise {

/// The scheduler's account of a thread, /proc/PID/task/TID/schedstat.
struct SchedStat {
  std::uint64_t run_ns = 0;    // on a CPU
  std::uint64_t queue_ns = 0;  // wanting one
  std::uint64_t slices = 0;    // times it was given one
};

/// What a thread is doing at the system call boundary, /proc/PID/task/TID/syscall.
struct SyscallState {
  enum class Kind { running, in_syscall, outside_syscall, ended, forbidden };
  Kind kind = Kind::ended;
  int number = -1;
  std::uint64_t args[6] = {};
  std::uint64_t sp = 0;
  std::uint64_t pc = 0;
};

/// The kept-open files of one thread. Near the limit of open files, as it was at the first use, they are opened at each read.
class TaskFiles {
 public:
  TaskFiles(int pid, int tid);

  /// Nothing when the thread has ended.
  std::optional<SchedStat> schedstat() const;
  SyscallState syscall() const;

  /// As the thread or its program set it; empty when it has ended.
  std::string name() const;

  /// It has, or waits for its parent to ask how.
  bool has_ended() const;

  void close();

 private:
  int pid_;
  int tid_;
  Descriptor schedstat_;
  Descriptor syscall_;
};

/// Of /proc/PID/status and stat.
struct TaskStatus {
  int tgid = 0;
  int ppid = 0;
  char state = '?';
  std::string name;
};

/// Nothing when there is no such task.
std::optional<TaskStatus> read_status(int tid);

struct TaskStat {
  char state = '?';
  int ppid = 0;
  int session = 0;
  double user_s = 0;
  double system_s = 0;
  double children_s = 0;              // user and system of children that were waited for
  std::uint64_t major_faults = 0;
  std::uint64_t start_ticks = 0;
};

std::optional<TaskStat> read_stat(const std::string& path);

/// CPU time of a process with all its threads, the ended ones too, in nanoseconds; nothing when it has ended.
std::optional<std::uint64_t> process_cpu_ns(int pid);

/// What a process has read and written by system calls, files, pipes and sockets alike, in bytes: it and the children that it
/// waited for (/proc/PID/io). Nothing when it has ended or may not be read.
struct IoBytes {
  std::uint64_t read = 0;
  std::uint64_t written = 0;
};
std::optional<IoBytes> process_io(int pid);

/// Links of the process's task folder: 2 and one for each thread; 0 when it is gone.
unsigned long links_of_task_folder(int pid);

/// The arguments of a process.
std::vector<std::string> read_command(int pid);

/// File names of the objects mapped executable into a process, each once.
std::vector<std::string> mapped_objects(int pid);

/// CPU time of the calling thread in nanoseconds.
std::uint64_t own_cpu_ns();

/// CLOCK_MONOTONIC in nanoseconds.
std::uint64_t now_ns();

}  // namespace concadvise
