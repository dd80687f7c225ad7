// A subcommand's options, read by CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>

#include "cli/subcommand.h"

namespace concadvise::cli {

/// Reads the arguments into what `app` names. Nothing when the subcommand is to go on; else the exit code: 0 when help was
/// asked for and printed, kExitUsage when the arguments are wrong and that was said.
std::optional<int> read_options(CLI::App& app, const Arguments& arguments);

}  // namespace concadvise::cli
