// concadvise explain: what a word of ours means. Decides nothing.
#include <fmt/format.h>

#include <optional>

#include "analyzer/checks/check.h"
#include "cli/session_files.h"
#include "cli/options.h"
#include "cli/subcommand.h"
#include "reports/chart.h"
#include "rules/explain.h"

namespace concadvise::cli {
namespace {

/// Somebody who can explain names. One row for each room that has something to explain.
struct Explainer {
  std::vector<Topic> (*topics)();
  std::optional<std::string> (*explain)(std::string_view name);
};

std::vector<Topic> rule_topics() {
  std::vector<Topic> out;
  for (const auto* check : all_checks()) {
    Topic topic;
    topic.kind = "lint rules";
    topic.name = check->name;
    topic.summary = check->summary;
    out.push_back(std::move(topic));
  }
  return out;
}

std::optional<std::string> explain_rule(std::string_view name) {
  const auto* check = find_check(name);
  if (check == nullptr) return std::nullopt;
  return fmt::format("{}\n\n{} ({}{})\n{}", check->name, check->summary, check->severity, check->extended ? ", off by default" : "", check->documentation);
}

constexpr Explainer kExplainers[] = {
    {judgement_topics, explain_judgement},
    {rule_topics, explain_rule},
};

int list_topics() {
  std::string kind;
  for (const Explainer& each : kExplainers)
    for (const Topic& topic : each.topics()) {
      if (topic.kind != kind) fmt::print("{}{}\n", kind.empty() ? "" : "\n", topic.kind);
      kind = topic.kind;
      fmt::print("  {:<26} {}\n", topic.name, topic.summary);
    }
  fmt::print("\nflowchart\n  {:<26} the whole chart (--format text, mermaid, svg)\n", "flowchart");
  return 0;
}

int explain_chart(const std::string& format, const std::string& path) {
  std::optional<Session> session;
  if (!path.empty()) {
    auto loaded = load_session(path);
    if (!loaded) {
      print_error(loaded.error());
      return kExitUsage;
    }
    session = std::move(*loaded);
  }
  const Session* taken = session ? &*session : nullptr;
  fmt::print("{}", format == "svg" ? chart_svg(taken) : format == "mermaid" ? chart_mermaid(taken) : chart_text(taken));
  return 0;
}

int unknown(const std::string& name) {
  std::vector<Topic> all;
  for (const Explainer& each : kExplainers)
    for (Topic& topic : each.topics()) all.push_back(std::move(topic));
  std::vector<std::string_view> names = {"flowchart"};
  for (const Topic& topic : all) names.push_back(topic.name);
  const std::string_view near = nearest_name(name, names);
  print_error({Error::Kind::usage, fmt::format("nothing is called '{}'", name),
               near.empty() ? "See: concadvise explain" : fmt::format("Did you mean: concadvise explain {}", near)});
  return kExitUsage;
}

}  // namespace

int run_explain_command(const Arguments& arguments) {
  CLI::App app{"Explains a verdict, a model, a node of the flowchart, a threshold or a rule. Without a name, lists them.", "concadvise explain"};
  std::string name, format = "text", session;
  app.add_option("name", name, "what to explain");
  app.add_option("session", session, "for `flowchart`: a saved measurement whose way is marked");
  app.add_option("--format", format, "for `flowchart`: text, mermaid or svg")->check(CLI::IsMember({"text", "mermaid", "svg"}));
  if (const auto exit = read_options(app, arguments)) return *exit;
  if (name.empty()) return list_topics();
  if (name == "flowchart") return explain_chart(format, session);
  for (const Explainer& each : kExplainers)
    if (const auto text = each.explain(name)) {
      fmt::print("{}", *text);
      return 0;
    }
  return unknown(name);
}

}  // namespace concadvise::cli
