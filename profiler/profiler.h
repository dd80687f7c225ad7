// A target in, a Profile out.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/profile.h"
#include "model/result.h"

namespace concadvise {

/// The highest level of measurement that may be used; `automatic` takes the best one that is available and cheap enough.
enum class LevelLimit { automatic, procfs, perf, sched };

struct ProfileOptions {
  std::vector<std::string> command;  // to launch; or
  std::vector<int> pids;             // to attach to, with all their descendants
  double duration_s = 0;             // stop measuring after this; 0 = until the target ends
  LevelLimit level = LevelLimit::automatic;
  std::string cpu_event = "cpu-clock";  // what samples the CPU, a libpfm4 event name
  int frequency_hz = 99;                // CPU samples per second and CPU
  double daemon_wait_s = 10;            // how long to go on when the command ends at once and leaves a daemon
  std::function<void(const std::string&)> notice;  // told what the user should know while it goes on; may be empty
  // Given what is known by then, every now and again, so that it is not lost when we are killed; may be empty. Such a
  // profile has no stacks and no wake-ups: those are put together at the end.
  std::function<void(Profile)> checkpoint;
};

/// Measures one target.
/// Launched: the command runs with our environment, terminal and signals, from its first instruction to its end; the
/// measurement never outlives it. A command that can't be started gives Kind::not_found or Kind::not_executable.
/// Attached: the processes are only looked at. Kind::not_found when there is none, Kind::permission when they may not be
/// read.
/// `stop_requested` is polled at every sweep: true ends the measurement and keeps what was measured.
Result<Profile> run_profile(const ProfileOptions& options, const std::function<bool()>& stop_requested);

/// What this machine and user can measure: the ladder without a target, for `doctor`.
std::vector<Rung> available_levels();

}  // namespace concadvise
