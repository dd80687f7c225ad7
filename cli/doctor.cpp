// concadvise doctor: what this machine and user can measure.
#include <fmt/format.h>

#include "cli/subcommand.h"
#include "profiler/profiler.h"

namespace concadvise::cli {

int run_doctor_command(const Arguments& /*arguments*/) {
  for (const Rung& rung : available_levels()) {
    fmt::print("{:<8} {}\n", rung.level, rung.used ? "available" : "not available: " + rung.why_not);
    if (!rung.command.empty()) fmt::print("         to get it: {}\n", rung.command);
  }
  return 0;
}

}  // namespace concadvise::cli
