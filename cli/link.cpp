// concadvise link: facts of many sources to findings; with `concadvise facts` it is `concadvise lint` in two steps.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "analyzer/analyzer.h"
#include "cli/lint_output.h"
#include "cli/options.h"
#include "cli/subcommand.h"

namespace concadvise::cli {
namespace {

// `@FILE` stands for the lines of FILE: a large code base's facts don't fit on a command line.
Result<std::vector<std::string>> expand_lists(const std::vector<std::string>& arguments) {
  std::vector<std::string> files;
  for (const auto& argument : arguments) {
    if (!argument.starts_with('@')) {
      files.push_back(argument);
      continue;
    }
    std::ifstream in(argument.substr(1));
    if (!in) return fail(Error::Kind::not_found, fmt::format("can't read the list {}", argument.substr(1)));
    for (std::string line; std::getline(in, line);)
      if (!line.empty()) files.push_back(line);
  }
  return files;
}

}  // namespace

int run_link_command(const Arguments& all) {
  LintOptions options;
  LintOutput output;
  LintFilter filter;
  std::vector<std::string> arguments;
  CLI::App app{"finds what `concadvise lint` finds, from facts that `concadvise facts` wrote", "concadvise link"};
  app.add_option("facts", arguments, "files of facts; @FILE: as many as FILE has lines")->required();
  app.add_option("-j,--jobs", options.jobs, "threads (default: processors)")->check(CLI::NonNegativeNumber);
  add_rule_options(app, options);
  add_output_options(app, output);
  add_filter_options(app, filter);
  app.footer("Exit codes are those of `concadvise lint`.");
  if (const auto exit = read_options(app, all)) return *exit;
  options.process_ends = true;
  const auto files = expand_lists(arguments);
  const auto configured = files ? apply_lint_config(app, ".", options, output) : Result<void>(tl::unexpected(files.error()));
  auto result = configured ? link_facts(*files, options) : Result<LintResult>(tl::unexpected(configured.error()));
  if (const auto filtered = result ? filter_findings(*result, filter) : Result<void>(tl::unexpected(result.error())); !filtered) {
    print_error(filtered.error());
    return kExitUsage;
  }
  return print_lint_result(*result, output);
}

}  // namespace concadvise::cli
