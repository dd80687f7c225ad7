// A subcommand's options, read by CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "cli/subcommand.h"

namespace concadvise::cli {

/// Reads the arguments into what `app` names. Nothing when the subcommand is to go on; else the exit code: 0 when help was
/// asked for and printed, kExitUsage when the arguments are wrong and that was said.
std::optional<int> read_options(CLI::App& app, const Arguments& arguments);

/// What to say about a word that starts with a dash and is no option of `app`: with the nearest one that is.
Error unknown_option(const CLI::App& app, const std::string& typed);

/// Checks of values, whose complaints say in words what belongs there.
CLI::Validator whole_number(long least, long most, const std::string& what);
CLI::Validator seconds();  // 0 to 1e9 (thirty years)

}  // namespace concadvise::cli
