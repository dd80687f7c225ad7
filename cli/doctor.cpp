// concadvise doctor: what this machine and user can measure.
#include <fmt/format.h>

#include "cli/options.h"
#include "cli/subcommand.h"
#include "profiler/profiler.h"

namespace concadvise::cli {

int run_doctor_command(const Arguments& arguments) {
  CLI::App app("Says what this machine and user can measure, and how to get more.", "concadvise doctor");
  if (const auto exit = read_options(app, arguments)) return *exit;
  for (const Rung& rung : available_levels()) {
    const std::string limits = rung.why_not.empty() ? "" : (rung.used ? "; " : ": ") + rung.why_not;
    fmt::print("{:<14} {}{}\n", rung.level, rung.used ? "available" : "not available", limits);
    if (!rung.command.empty()) fmt::print("{:<14} to get {}: {}\n", "", rung.used ? "more" : "it", rung.command);
  }
  return 0;
}

}  // namespace concadvise::cli
