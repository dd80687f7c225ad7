#include "analyzer/judge.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <tuple>

#include "analyzer/findings.h"
#include "analyzer/workers.h"

namespace concadvise {
namespace fs = std::filesystem;

Result<std::vector<const Check*>> selected_checks(const LintOptions& options) {
  for (const auto* list : {&options.rules, &options.disabled})
    for (const auto& name : *list)
      if (!find_check(name)) return fail(Error::Kind::usage, fmt::format("there is no rule `{}`", name), "concadvise rules list");
  std::vector<const Check*> checks;
  const auto in = [](const std::vector<std::string>& list, std::string_view name) { return std::find(list.begin(), list.end(), name) != list.end(); };
  for (const auto* check : all_checks()) {
    if (in(options.disabled, check->name)) continue;
    if (in(options.rules, check->name) || (options.rules.empty() && (!check->extended || options.extended))) checks.push_back(check);
  }
  return checks;
}

namespace {

// Copies of other people's code that lie in the project (below `root`, else below the working directory): they count for
// what the project's code calls, but their own findings are for others to mend.
bool vendored(const std::string& file, const std::string& root) {
  static const std::set<std::string, std::less<>> names = {"third_party", "third-party", "thirdparty", "3rdparty", "vendor",     "vendored",
                                                           "external",    "externals",   "_deps",      "deps",     "submodules", "node_modules"};
  std::error_code error;
  const fs::path base = root.empty() ? fs::current_path(error) : fs::path(root);
  const fs::path relative = fs::path(file).lexically_relative(base);
  if (relative.empty() || *relative.begin() == "..") return false;
  return std::any_of(relative.begin(), relative.end(), [](const fs::path& part) { return names.contains(part.string()); });
}

bool excluded(const std::string& file, const LintOptions& options) {
  return std::any_of(options.exclude.begin(), options.exclude.end(), [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), file.c_str(), 0) == 0 || ::fnmatch((pattern + "/*").c_str(), file.c_str(), 0) == 0;
  });
}

/// Keeps what a check emits, for the sink to take in the checks' order.
class Recorder final : public Findings {
 public:
  void add(FunctionId function, const facts::Place& place, Finding finding) override { list_.push_back({function, place, std::move(finding)}); }
  void replay(Findings& into) {
    for (auto& one : list_) into.add(one.function, one.place, std::move(one.finding));
  }

 private:
  struct Emitted {
    FunctionId function;
    facts::Place place;
    Finding finding;
  };
  std::vector<Emitted> list_;
};

std::vector<Finding> run_checks(const Program& program, const std::vector<const Check*>& checks, int jobs) {
  std::vector<Recorder> recorders(checks.size());
  share_out(checks.size(), jobs, [&](std::size_t i) { checks[i]->run(program, recorders[i]); });
  FindingList findings(program);
  for (std::size_t i = 0; i < checks.size(); ++i) {
    findings.begin(*checks[i]);
    recorders[i].replay(findings);
  }
  return findings.take();
}

}  // namespace

Result<LintResult> judge_units(std::vector<facts::Unit> units, const Knowledge& knowledge, const LintOptions& options) {
  auto checks = selected_checks(options);
  if (!checks) return tl::unexpected(checks.error());
  LintResult result;
  std::vector<Finding> broken;
  for (const auto& unit : units) {
    if (unit.status != facts::UnitStatus::failed) ++result.sources.analyzed;
    if (unit.status != facts::UnitStatus::clean) {
      result.sources.failed.push_back({unit.path, unit.error});
      broken.push_back(parse_failure(unit));
    }
  }
  auto program = Program::link(std::move(units), knowledge, options.jobs);
  result.findings = run_checks(*program, *checks, options.jobs);
  if (options.process_ends) {
    static auto& kept = *new std::vector<const Program*>;
    kept.push_back(program.release());
  }
  std::erase_if(result.findings, [&](const Finding& finding) { return vendored(finding.file, options.root); });
  for (auto& finding : result.findings)
    if (const auto own = options.severities.find(finding.rule); own != options.severities.end()) finding.severity = own->second;
  for (auto& finding : broken) result.findings.push_back(std::move(finding));
  std::erase_if(result.findings, [&](const Finding& finding) { return excluded(finding.file, options); });
  std::erase_if(result.sources.failed, [&](const FailedSource& source) { return excluded(source.file, options); });
  std::stable_sort(result.findings.begin(), result.findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.file, a.line, a.rule) < std::tie(b.file, b.line, b.rule);
  });
  return result;
}

LintResult lint_units(std::vector<facts::Unit> units, const Knowledge& knowledge, const LintOptions& options) {
  auto result = judge_units(std::move(units), knowledge, options);
  return result ? std::move(*result) : LintResult{};
}

}  // namespace concadvise
