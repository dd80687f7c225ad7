// concadvise lint: finds code that breaks its concurrency model. Exit 0 clean, 1 findings at or above --fail-on, 2 usage,
// configuration or tool failure, 3 some sources could not be parsed (and no finding counts), what could be is reported.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "analyzer/analyzer.h"
#include "analyzer/cache.h"
#include "analyzer/checks/check.h"
#include "analyzer/python/fix.h"
#include "cli/subcommand.h"
#include "model/json.h"
#include "reports/lint.h"

namespace concadvise::cli {
namespace {

constexpr int kExitFindings = 1;
constexpr int kExitUnparsed = 3;

struct Request {
  LintOptions options;
  std::string format = "text";
  std::string output;
  std::string fail_on = "warning";
  std::string color = "auto";
  bool quiet = false;
  bool no_cache = false;
  bool fix = false;
  bool unsafe = false;
  bool diff = false;
};

// One line on a terminal, once half a second has gone by.
std::function<void(int, int, const std::string&)> progress_line(bool quiet) {
  if (quiet || ::isatty(STDERR_FILENO) == 0) return {};
  const auto start = std::chrono::steady_clock::now();
  return [start](int done, int total, const std::string&) {
    if (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(500)) return;
    fmt::print(stderr, "\r\033[Kconcadvise lint: {} of {} sources", done, total);
    if (done == total) fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
  };
}

bool use_color(const Request& request) {
  if (request.color != "auto") return request.color == "always";
  if (std::getenv("NO_COLOR") != nullptr) return false;
  if (std::getenv("FORCE_COLOR") != nullptr) return true;
  return request.output.empty() && ::isatty(STDOUT_FILENO) == 1;
}

std::string render(const LintResult& result, const Request& request) {
  std::error_code ignored;
  const std::string here = std::filesystem::current_path(ignored).string();
  if (request.format == "json") return lint_to_json(result);
  if (request.format == "github") return render_lint_github(result, here);
  if (request.format == "sarif") {
    std::vector<RuleText> rules;
    for (const auto* check : all_checks())
      rules.push_back({std::string(check->name), std::string(check->severity), std::string(check->summary), std::string(check->documentation)});
    return render_lint_sarif(result, rules, CONCADVISE_VERSION);
  }
  return render_lint_text(result, {use_color(request), here});
}

// Writes the repaired files, or shows what would change.
Result<int> repair(const LintResult& result, const Request& request) {
  auto files = fix_python(result.findings, request.unsafe);
  if (!files) return tl::unexpected(files.error());
  int fixes = 0;
  for (const auto& file : *files) {
    fixes += file.fixes;
    if (request.diff) {
      fmt::print("{}", unified_diff(file));
      continue;
    }
    std::ofstream out(file.path, std::ios::binary);
    out << file.after;
    if (!out.flush()) return fail(Error::Kind::io, fmt::format("{} can't be written", file.path));
  }
  return fixes;
}

int rank(std::string_view severity) { return severity == "error" ? 3 : severity == "warning" ? 2 : severity == "note" ? 1 : 4; }

int exit_code(const LintResult& result, const std::string& fail_on) {
  const int limit = fail_on == "never" ? 9 : rank(fail_on);
  for (const auto& finding : result.findings)
    if (!finding.suppressed && finding.rule != "tu-parse-error" && rank(finding.severity) >= limit) return result.sources.failed.empty() ? kExitFindings : kExitUnparsed;
  return result.sources.failed.empty() ? 0 : kExitUnparsed;
}

}  // namespace

int run_lint_command(const Arguments& all) {
  Request request;
  auto& options = request.options;
  Arguments arguments = all;
  if (const auto dashes = std::find(arguments.begin(), arguments.end(), "--"); dashes != arguments.end()) {
    options.flags.assign(dashes + 1, arguments.end());
    arguments.erase(dashes, arguments.end());
  }
  CLI::App app{"finds code that breaks its concurrency model: C and C++ by compile_commands.json, Python by file ending", "concadvise lint"};
  app.add_option("paths", options.paths, "files and folders (default: what the compile database of this folder names)");
  app.add_option("-p,--database", options.database, "folder of compile_commands.json (default: searched upward)");
  app.add_option("--rules", options.rules, "run these rules only")->delimiter(',');
  app.add_option("--disable", options.disabled, "do not run these rules")->delimiter(',');
  app.add_flag("--extended", options.extended, "also run the rules that are off by default");
  app.add_option("--knowledge", options.packs, "further knowledge file (may be given again)");
  app.add_option("--root", options.root, "folder of the project: sources elsewhere are third-party");
  app.add_option("-j,--jobs", options.jobs, "sources at a time (default: processors)")->check(CLI::NonNegativeNumber);
  app.add_flag("--no-cache", request.no_cache, "neither use nor keep facts of earlier runs");
  app.add_option("--cache-dir", options.cache, "where facts are kept (default: concadvise/facts in the user's cache folder)");
  app.add_flag("--full", options.full_parse, "parse the bodies of system headers too");
  app.add_option("--format", request.format, "text, json, sarif or github")->check(CLI::IsMember({"text", "json", "sarif", "github"}));
  app.add_option("-o,--output", request.output, "write there instead of to standard output");
  app.add_option("--fail-on", request.fail_on, "exit 1 from this severity on: error, warning, note, never")->check(CLI::IsMember({"error", "warning", "note", "never"}));
  app.add_option("--color", request.color, "auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_flag("--fix", request.fix, "repair what can be repaired without a change of meaning (Python)");
  app.add_flag("--unsafe", request.unsafe, "with --fix: also repairs that need a look");
  app.add_flag("--diff", request.diff, "show what --fix would change instead of writing it");
  app.add_flag("-q,--quiet", request.quiet, "no progress");
  app.footer("Flags after `--` are used for C and C++ sources that no database names.");
  try {
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : (app.exit(error), kExitUsage);
  }
  if (!options.root.empty()) {
    std::error_code ignored;
    options.root = std::filesystem::weakly_canonical(options.root, ignored).string();
  }
  if (options.paths.empty() && options.database.empty()) options.paths.emplace_back(".");
  if (request.no_cache) options.cache.clear();
  else if (options.cache.empty()) options.cache = FactCache::default_folder();
  options.progress = progress_line(request.quiet);
  const auto result = lint(options);
  if (!result) {
    print_error(result.error());
    return kExitUsage;
  }
  if (request.fix || request.diff) {
    const auto fixes = repair(*result, request);
    if (!fixes) {
      print_error(fixes.error());
      return kExitUsage;
    }
    if (request.diff) return *fixes > 0 ? kExitFindings : 0;
    fmt::print(stderr, "concadvise lint: {} repairs written; run it again to see what is left\n", *fixes);
  }
  const std::string text = render(*result, request);
  if (request.output.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
  } else {
    std::ofstream out(request.output, std::ios::binary);
    out << text;
    if (!out.flush()) {
      print_error({Error::Kind::io, fmt::format("{} can't be written", request.output), {}});
      return kExitUsage;
    }
  }
  return exit_code(*result, request.fail_on);
}

}  // namespace concadvise::cli
