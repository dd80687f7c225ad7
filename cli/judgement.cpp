#include "cli/judgement.h"

#include <filesystem>
#include <fmt/format.h>

#include "analyzer/analyzer.h"
#include "cli/calibration.h"
#include "cli/session_files.h"
#include "cli/subcommand.h"
#include "model/json.h"
#include "rules/judge.h"

namespace concadvise::cli {
namespace {

Costs costs_for(const Profile& profile) {
  const std::string python = interpreter_of(profile);
  // Measuring takes the machine for a second or two: not while somebody else's process is being looked at.
  return python.empty() || profile.target.attached ? cached_costs(python) : machine_costs(python);
}

std::string nearest_configuration() {
  std::error_code failed;
  for (std::filesystem::path folder = std::filesystem::current_path(failed); !failed; folder = folder.parent_path()) {
    const std::filesystem::path file = folder / ".concadvise.toml";
    if (std::filesystem::is_regular_file(file, failed)) return file.string();
    if (folder == folder.parent_path()) break;
  }
  return {};
}

}  // namespace

std::string interpreter_of(const Profile& profile) {
  for (const Process& process : profile.processes)
    if (process.language == "python" && !process.exe.empty()) return process.exe;
  return {};
}

void judge_here(Session& session, const LintResult* lint) {
  JudgeOptions options;
  options.lint = lint;
  options.costs = costs_for(session.profile);
  if (const std::string file = nearest_configuration(); !file.empty()) {
    const auto text = read_text(file);
    const auto adjusted = text ? options.thresholds.adjust_from(*text, file) : Result<void>(tl::unexpected(text.error()));
    if (!adjusted) print_error(adjusted.error());
  }
  judge(session, options);
}

void name_saved_file(Advice& advice, const std::string& path) {
  constexpr std::string_view kDefault = "concadvise.json";
  const auto rename = [&](std::string& command) {
    const auto at = command.rfind("compare " + std::string(kDefault));
    if (at != std::string::npos && path.find_first_of(" '\"\\$`") == std::string::npos) command.replace(at + 8, kDefault.size(), path);
  };
  for (Prediction& one : advice.predictions) rename(one.verify);
  for (Action& one : advice.actions) rename(one.verify);
}

Result<LintResult> lint_or_saved(const std::string& path) {
  if (!path.ends_with(".json")) {
    LintOptions options;
    options.paths.push_back(path);
    return lint(options);
  }
  const auto text = read_text(path);
  if (!text) return tl::unexpected(text.error());
  return lint_from_json(*text, path);
}

}  // namespace concadvise::cli
