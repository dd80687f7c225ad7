// The table of subcommands: one row here, one file each.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/result.h"

namespace concadvise::cli {

using Arguments = std::vector<std::string>;  // those after the subcommand's name

struct Subcommand {
  std::string_view name;
  std::string_view summary;         // one line for the help
  int (*run)(const Arguments& arguments);  // returns the exit code
};

/// All of them, in the order of the help.
std::span<const Subcommand> subcommands();

/// The exit codes that are ours (profile passes the command's own through instead, see cli/profile.cpp).
inline constexpr int kExitUsage = 2;
inline constexpr int kExitFailure = 125;

/// Prints to stderr. Where that is closed or full nothing can be said, and that changes nothing.
void say(const std::string& text);

/// Prints cause and next step to stderr: "concadvise: CAUSE" and, indented, the next step.
void print_error(const Error& error);

/// The name in `known` that is nearest to `typed`, or empty when none is near: for "did you mean".
std::string_view nearest_name(std::string_view typed, std::span<const std::string_view> known);

int run_profile_command(const Arguments& arguments);
int run_lint_command(const Arguments& arguments);
int run_facts_command(const Arguments& arguments);
int run_link_command(const Arguments& arguments);
int run_rules_command(const Arguments& arguments);
int run_report_command(const Arguments& arguments);
int run_doctor_command(const Arguments& arguments);
int run_calibrate_command(const Arguments& arguments);
int run_compare_command(const Arguments& arguments);
int run_verify_command(const Arguments& arguments);
int run_history_command(const Arguments& arguments);
int run_explain_command(const Arguments& arguments);
int run_config_command(const Arguments& arguments);
int run_completions_command(const Arguments& arguments);

}  // namespace concadvise::cli
