// concadvise compare: what changed between two measurements. Decides nothing.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/session_files.h"
#include "cli/options.h"
#include "cli/subcommand.h"
#include "reports/report.h"
#include "rules/compare.h"

namespace concadvise::cli {
namespace {

constexpr int kExitTriggered = 1;

std::string number(const Change& change, double value) {
  if (change.unit == "share") return fmt::format("{:.1f} %", 100 * value);
  if (change.unit == "bytes") return fmt::format("{:.1f} MiB", value / 1024 / 1024);
  return fmt::format("{:.4g} {}", value, change.unit);
}

std::string factor(const Change& change) {
  const double ratio = change.ratio();
  return std::isinf(ratio) ? "new" : fmt::format("{:.2f}x", ratio);
}

void print_text(const Comparison& comparison) {
  fmt::print("{:<16} {:>16} {:>16} {:>8}\n", "", "before", "after", "");
  for (const Change& change : comparison.changes)
    fmt::print("{:<16} {:>16} {:>16} {:>8}\n", change.name, number(change, change.before), number(change, change.after), factor(change));
  for (const std::string& doubt : comparison.doubts) fmt::print("doubt: {}\n", doubt);
  if (!comparison.prediction_summary.empty()) fmt::print("{}\n", comparison.prediction_summary);
  fmt::print("{}\n", comparison.summary);
}

void print_json(const Comparison& comparison) {
  using json = nlohmann::ordered_json;
  json changes = json::array();
  for (const Change& change : comparison.changes)
    changes.push_back({{"name", change.name}, {"unit", change.unit}, {"before", change.before}, {"after", change.after}});
  json out = {{"schema", "concadvise-compare/1"}, {"outcome", comparison.outcome}, {"summary", comparison.summary}, {"doubts", comparison.doubts}, {"changes", changes}};
  if (!comparison.predicted_model.empty())
    out["prediction"] = {{"model", comparison.predicted_model},
                         {"wall_s", {comparison.predicted_wall_s.low, comparison.predicted_wall_s.high}},
                         {"inside", comparison.inside}};
  fmt::print("{}\n", out.dump(1, ' ', false, json::error_handler_t::replace));
}

int run(const std::string& before_path, const std::string& after_path, const std::string& format, const std::string& output,
        const std::vector<std::string>& conditions) {
  const auto before = load_session(before_path);
  const auto after = before ? load_session(after_path) : before;
  if (!after) {
    print_error(after.error());
    return kExitUsage;
  }
  const Comparison comparison = compare(*before, *after);
  std::vector<FailOn> fail_on;
  for (const std::string& text : conditions) {
    const auto condition = parse_fail_on(text, comparison);
    if (!condition) {
      print_error(condition.error());
      return kExitUsage;
    }
    fail_on.push_back(*condition);
  }
  if (format == "html") {
    if (const auto written = write_text(output, render_compare_html(*before, *after, comparison)); !written) {
      print_error(written.error());
      return kExitUsage;
    }
    fmt::print(stderr, "{}\n", output);
  } else if (format == "json") print_json(comparison);
  else print_text(comparison);
  int status = 0;
  for (const FailOn& condition : fail_on) {
    if (!triggered(condition, comparison)) continue;
    fmt::print(stderr, "concadvise: --fail-on {}: it is so\n", condition.text);
    status = kExitTriggered;
  }
  return status;
}

}  // namespace

int run_compare_command(const Arguments& arguments) {
  CLI::App app{"Says what changed between two measurements, and whether the change did what was predicted.", "concadvise compare"};
  std::string before, after, format = "text", output = "compare.html";
  std::vector<std::string> conditions;
  app.add_option("before", before, "saved measurement")->required();
  app.add_option("after", after, "saved measurement")->required();
  app.add_option("--format", format, "text, json or html")->check(CLI::IsMember({"text", "json", "html"}));
  app.add_option("-o,--output", output, "the page to write with --format html (default: compare.html)");
  app.add_option("--fail-on", conditions, "exit 1 when this holds: wall>+5%, memory>+20%, lock_share>0.3; may be repeated");
  app.footer("Exit status: 0, 1 when a --fail-on holds, 2 for wrong use or files that can't be read.");
  if (const auto exit = read_options(app, arguments)) return *exit;
  return run(before, after, format, output, conditions);
}

}  // namespace concadvise::cli
