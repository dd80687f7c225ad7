// What a project asks of lint, from `.concadvise.toml`:
//
//     [lint]
//     disable = ["sleep-polling"]          # rules not to run
//     rules = ["blocking-in-coroutine"]    # only these
//     extended = true                      # also the rules that are off by default
//     exclude = ["third_party", "gen/*"]   # nothing is reported there; relative to the file's folder, `*` matches any text
//     knowledge = ["packs/our_rpc.toml"]   # further knowledge files, relative to the file's folder
//     fail_on = "error"                    # error, warning, note or never
//     root = "."                           # sources elsewhere are third-party
//
//     [lint.severity]
//     serial-await = "warning"             # error, warning or note
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/result.h"

namespace concadvise::cli {

struct LintConfig {
  std::string file;  // where it was read from; empty: there is none
  std::vector<std::string> rules;
  std::vector<std::string> disable;
  std::vector<std::string> exclude;    // absolute patterns
  std::vector<std::string> knowledge;  // absolute paths
  std::map<std::string, std::string> severity;
  std::string fail_on;
  std::string root;
  std::optional<bool> extended;
};

/// The nearest `.concadvise.toml` from the folder (or the file's folder) upward, else concadvise/config.toml in
/// $XDG_CONFIG_HOME or ~/.config. An unknown key or a value of the wrong kind is an error with the line.
Result<LintConfig> find_lint_config(const std::string& start);

Result<LintConfig> read_lint_config(const std::string& file);

}  // namespace concadvise::cli
