#include "cli/lint_output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "analyzer/checks/check.h"
#include "cli/lint_baseline.h"
#include "cli/lint_config.h"
#include "cli/subcommand.h"
#include "model/json.h"
#include "reports/lint.h"
#include "rules/advise.h"

namespace concadvise::cli {
namespace {

bool use_color(const LintOutput& output) {
  if (output.color != "auto") return output.color == "always";
  if (std::getenv("NO_COLOR") != nullptr) return false;
  if (std::getenv("FORCE_COLOR") != nullptr) return true;
  return output.output.empty() && ::isatty(STDOUT_FILENO) == 1;
}

std::string render(const LintResult& result, const LintOutput& output) {
  std::error_code ignored;
  const std::string here = std::filesystem::current_path(ignored).string();
  if (output.format == "json") return lint_to_json(result);
  if (output.format == "github") return render_lint_github(result, here);
  if (output.format == "sarif") {
    std::vector<RuleText> rules;
    for (const auto* check : all_checks())
      rules.push_back({std::string(check->name), std::string(check->severity), std::string(check->summary), std::string(check->documentation)});
    return render_lint_sarif(result, rules, CONCADVISE_VERSION);
  }
  const std::string text = render_lint_text(result, {use_color(output), here});
  // Source alone can't say what matters: the last line says how to find out.
  return result.findings.empty() ? text : text + advise_unmeasured(result).summary + "\n";
}

int rank(std::string_view severity) { return severity == "error" ? 3 : severity == "warning" ? 2 : severity == "note" ? 1 : 4; }

int exit_code(const LintResult& result, const std::string& fail_on) {
  const int limit = fail_on == "never" ? 9 : rank(fail_on);
  for (const auto& finding : result.findings)
    if (!finding.suppressed && finding.rule != "tu-parse-error" && rank(finding.severity) >= limit) return result.sources.failed.empty() ? kExitFindings : kExitUnparsed;
  return result.sources.failed.empty() ? 0 : kExitUnparsed;
}

}  // namespace

void add_rule_options(CLI::App& app, LintOptions& options) {
  app.add_option("--rules", options.rules, "run these rules only (may be given again)")->delimiter(',')->allow_extra_args(false);
  app.add_option("--disable", options.disabled, "do not run these rules (may be given again)")->delimiter(',')->allow_extra_args(false);
  app.add_flag("--extended", options.extended, "also run the rules that are off by default");
  app.add_option("--knowledge", options.packs, "further knowledge file (may be given again)")->allow_extra_args(false);
}

void add_output_options(CLI::App& app, LintOutput& output) {
  app.add_option("--format", output.format, "text, json, sarif or github")->check(CLI::IsMember({"text", "json", "sarif", "github"}));
  app.add_option("-o,--output", output.output, "write there instead of to standard output");
  app.add_option("--fail-on", output.fail_on, "exit 1 from this severity on: error, warning, note, never")->check(CLI::IsMember({"error", "warning", "note", "never"}));
  app.add_option("--color", output.color, "auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}));
}

Result<void> apply_lint_config(const CLI::App& app, const std::string& start, LintOptions& options, LintOutput& output) {
  const auto config = find_lint_config(start);
  if (!config) return tl::unexpected(config.error());
  if (app.count("--rules") == 0) options.rules = config->rules;
  options.disabled.insert(options.disabled.end(), config->disable.begin(), config->disable.end());
  // A rule that the command line asks for runs.
  std::erase_if(options.disabled, [&](const std::string& name) {
    return app.count("--rules") > 0 && app.count("--disable") == 0 && std::find(options.rules.begin(), options.rules.end(), name) != options.rules.end();
  });
  if (app.count("--extended") == 0 && config->extended) options.extended = *config->extended;
  options.packs.insert(options.packs.begin(), config->knowledge.begin(), config->knowledge.end());
  options.exclude = config->exclude;
  options.severities = config->severity;
  if (app.count("--fail-on") == 0 && !config->fail_on.empty()) output.fail_on = config->fail_on;
  if (options.root.empty()) options.root = config->root;
  return {};
}

void add_filter_options(CLI::App& app, LintFilter& filter) {
  app.add_option("--baseline", filter.baseline, "leave out what this earlier result (--format json) has");
  app.add_option("--since", filter.since, "only findings on lines changed since this commit; also written --diff=COMMIT");
}

Result<void> filter_findings(LintResult& result, const LintFilter& filter) {
  if (!filter.baseline.empty()) {
    const auto compared = leave_out_baseline(result, filter.baseline);
    if (!compared) return tl::unexpected(compared.error());
    fmt::print(stderr, "concadvise: against the baseline: {} introduced, {} pre-existing, {} fixed\n", result.findings.size(), compared->known, compared->fixed);
  }
  if (!filter.since.empty()) return leave_out_unchanged(result, filter.since);
  return {};
}

int print_lint_result(const LintResult& result, const LintOutput& output) {
  const std::string text = render(result, output);
  if (output.output.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
  } else {
    std::ofstream out(output.output, std::ios::binary);
    out << text;
    if (!out.flush()) {
      print_error({Error::Kind::io, fmt::format("{} can't be written", output.output), {}});
      return kExitUsage;
    }
  }
  return exit_code(result, output.fail_on);
}

}  // namespace concadvise::cli
