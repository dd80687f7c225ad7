// concadvise lint: finds code that breaks its concurrency model. Exit 0 clean, 1 findings at or above --fail-on, 2 usage,
// configuration or tool failure, 3 some sources could not be parsed (and no finding counts), what could be is reported.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "analyzer/analyzer.h"
#include "analyzer/cache.h"
#include "analyzer/python/fix.h"
#include "cli/lint_output.h"
#include "cli/options.h"
#include "cli/subcommand.h"

namespace concadvise::cli {
namespace {

struct Request {
  LintOptions options;
  LintOutput output;
  LintFilter filter;
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

}  // namespace

int run_lint_command(const Arguments& all) {
  Request request;
  auto& options = request.options;
  Arguments arguments = all;
  if (const auto dashes = std::find(arguments.begin(), arguments.end(), "--"); dashes != arguments.end()) {
    options.flags.assign(dashes + 1, arguments.end());
    arguments.erase(dashes, arguments.end());
  }
  for (auto& argument : arguments)
    if (argument.starts_with("--diff=")) argument.replace(0, 7, "--since=");
  CLI::App app{"finds code that breaks its concurrency model: C and C++ by compile_commands.json, Python by file ending", "concadvise lint"};
  app.add_option("paths", options.paths, "files and folders (default: what the compile database of this folder names)");
  app.add_option("-p,--database", options.database, "folder of compile_commands.json (default: searched upward)");
  add_rule_options(app, options);
  app.add_option("--root", options.root, "folder of the project: sources elsewhere are third-party");
  app.add_option("-j,--jobs", options.jobs, "sources at a time (default: processors)")->check(CLI::NonNegativeNumber);
  app.add_flag("--no-cache", request.no_cache, "neither use nor keep facts of earlier runs");
  app.add_option("--cache-dir", options.cache, "where facts are kept (default: concadvise/facts in the user's cache folder)");
  app.add_flag("--full", options.full_parse, "parse the bodies of system headers too");
  add_output_options(app, request.output);
  add_filter_options(app, request.filter);
  app.add_flag("--fix", request.fix, "repair what can be repaired without a change of meaning (Python)");
  app.add_flag("--unsafe", request.unsafe, "with --fix: also repairs that need a look");
  app.add_flag("--diff", request.diff, "show what --fix would change instead of writing it");
  app.add_flag("-q,--quiet", request.quiet, "no progress");
  app.footer("Flags after `--` are used for C and C++ sources that no database names.");
  if (const auto exit = read_options(app, arguments)) return *exit;
  if (!options.root.empty()) {
    std::error_code ignored;
    options.root = std::filesystem::weakly_canonical(options.root, ignored).string();
  }
  if (options.paths.empty() && options.database.empty()) options.paths.emplace_back(".");
  if (request.no_cache) options.cache.clear();
  else if (options.cache.empty()) options.cache = FactCache::default_folder();
  options.process_ends = true;
  options.progress = progress_line(request.quiet);
  const auto configured = apply_lint_config(app, options.paths.empty() ? options.database : options.paths.front(), options, request.output);
  if (!configured) {
    print_error(configured.error());
    return kExitUsage;
  }
  auto result = lint(options);
  if (const auto filtered = result ? filter_findings(*result, request.filter) : Result<void>(tl::unexpected(result.error())); !filtered) {
    print_error(filtered.error());
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
  return print_lint_result(*result, request.output);
}

}  // namespace concadvise::cli
