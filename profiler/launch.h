// Starting a command so that it can be looked at from its first instruction, and its end.
#pragma once

#include <string>
#include <vector>

#include "model/result.h"
#include "profiler/procfs/file.h"

namespace concadvise {

/// A command that has been started and is held just before its exec, then released.
class LaunchedCommand {
 public:
  /// Forks; the child keeps our environment, terminal, process group, signal dispositions and limits of before us, and
  /// waits. Kind::internal when there can be no process.
  static Result<LaunchedCommand> start_suspended(const std::vector<std::string>& command);

  int pid() const { return pid_; }

  /// Lets it go. Kind::not_found or not_executable when the exec failed; the child is gone then.
  Result<bool> release();

  /// A descriptor that becomes readable when it ends; -1 where the kernel has none.
  int exit_descriptor() const { return pidfd_.get(); }

  /// True once it has ended; it stays a zombie, whose account can still be read, until `reap`.
  bool has_ended() const;

  /// Collects its status (see waitpid) and the CPU seconds of it and of all descendants that were waited for.
  int reap(double& cpu_s, double& user_s);

 private:
  int pid_ = -1;
  Descriptor go_;       // we write to release
  Descriptor failure_;  // errno of a failed exec comes back
  Descriptor pidfd_;
  std::string name_;
  double children_before_s_ = 0;  // CPU of what this process had waited for already
  double children_user_before_s_ = 0;
};

/// Remembers this process's limit of open files and raises it to the hard limit; launched commands get the old one back.
void raise_open_file_limit();

}  // namespace concadvise
