// concadvise config: what is configured for this folder, and where each value comes from.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/lint_config.h"
#include "cli/options.h"
#include "cli/session_files.h"
#include "rules/thresholds.h"

namespace concadvise::cli {
namespace {

class Listing {
 public:
  Listing(std::string file, bool origin) : file_(std::move(file)), origin_(origin) {}

  void table(std::string_view name) { fmt::print("[{}]\n", name); }
  /// `set`: by the file; else it is the value that ships.
  void row(std::string_view key, const std::string& value, bool set) {
    const std::string line = fmt::format("{} = {}", key, value);
    if (!origin_) fmt::print("{}\n", line);
    else fmt::print("{:<40} # {}\n", line, set ? file_ : "default");
  }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    row(key, values.empty() ? "[]" : fmt::format("[\"{}\"]", fmt::join(values, "\", \"")), !values.empty());
  }

 private:
  std::string file_;
  bool origin_;
};

void show(const LintConfig& lint, const Thresholds& thresholds, Listing& out) {
  out.table("lint");
  out.texts("rules", lint.rules);
  out.texts("disable", lint.disable);
  out.texts("exclude", lint.exclude);
  out.texts("knowledge", lint.knowledge);
  out.row("extended", lint.extended.value_or(false) ? "true" : "false", lint.extended.has_value());
  out.row("fail_on", fmt::format("\"{}\"", lint.fail_on.empty() ? "warning" : lint.fail_on), !lint.fail_on.empty());
  if (!lint.root.empty()) out.row("root", fmt::format("\"{}\"", lint.root), true);
  if (!lint.severity.empty()) fmt::print("\n[lint.severity]\n");
  for (const auto& [rule, severity] : lint.severity) out.row(rule, fmt::format("\"{}\"", severity), true);
  fmt::print("\n");
  out.table("thresholds");
  for (const auto& [name, threshold] : thresholds) out.row(name, fmt::format("{:g}", threshold.value), threshold.adjusted);
}

}  // namespace

int run_config_command(const Arguments& arguments) {
  CLI::App app("Shows the configuration of this folder: the nearest .concadvise.toml, else that of the user.", "concadvise config");
  std::string what;
  bool origin = false;
  app.add_option("what", what, "show")->required()->check(CLI::IsMember({"show"}));
  app.add_flag("--origin", origin, "say where each value comes from");
  if (const auto exit = read_options(app, arguments)) return *exit;
  const auto lint = find_lint_config(".");
  if (!lint) {
    print_error(lint.error());
    return kExitUsage;
  }
  Thresholds thresholds = Thresholds::builtin();
  if (!lint->file.empty()) {
    const auto text = read_text(lint->file);
    const auto adjusted = text ? thresholds.adjust_from(*text, lint->file) : Result<void>(tl::unexpected(text.error()));
    if (!adjusted) {
      print_error(adjusted.error());
      return kExitUsage;
    }
  }
  Listing out(lint->file, origin);
  show(*lint, thresholds, out);
  return 0;
}

}  // namespace concadvise::cli
