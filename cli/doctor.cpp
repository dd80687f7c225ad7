// concadvise doctor: what this machine and user can measure.
#include <fmt/format.h>

#include "cli/subcommand.h"
#include "profiler/profiler.h"

namespace concadvise::cli {

int run_doctor_command(const Arguments& /*arguments*/) {
  for (const Rung& rung : available_levels()) {
    const std::string limits = rung.why_not.empty() ? "" : (rung.used ? "; " : ": ") + rung.why_not;
    fmt::print("{:<14} {}{}\n", rung.level, rung.used ? "available" : "not available", limits);
    if (!rung.command.empty()) fmt::print("{:<14} to get {}: {}\n", "", rung.used ? "more" : "it", rung.command);
  }
  return 0;
}

}  // namespace concadvise::cli
