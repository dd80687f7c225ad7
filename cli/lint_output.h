// What `lint` and `link` have in common: the options that say what to look for and how to print it, and the printing.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "analyzer/analyzer.h"
#include "model/finding.h"
#include "model/result.h"

namespace concadvise::cli {

inline constexpr int kExitFindings = 1;
inline constexpr int kExitUnparsed = 3;

struct LintOutput {
  std::string format = "text";
  std::string output;
  std::string fail_on = "warning";
  std::string color = "auto";
};

/// --rules, --disable, --extended, --knowledge.
void add_rule_options(CLI::App& app, LintOptions& options);

/// --format, -o, --fail-on, --color.
void add_output_options(CLI::App& app, LintOutput& output);

/// What the project's configuration says, where the command line is silent.
Result<void> apply_lint_config(const CLI::App& app, const std::string& start, LintOptions& options, LintOutput& output);

/// --baseline, --diff=COMMIT.
struct LintFilter {
  std::string baseline;
  std::string since;
};
void add_filter_options(CLI::App& app, LintFilter& filter);
Result<void> filter_findings(LintResult& result, const LintFilter& filter);

/// Prints or writes the result. Returns the exit code: 0, kExitFindings, kExitUnparsed, or kExitUsage when it can't be written.
int print_lint_result(const LintResult& result, const LintOutput& output);

}  // namespace concadvise::cli
