#include "reports/chart.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "rules/flowchart.h"
#include "rules/thresholds.h"

namespace concadvise {
namespace {

/// The steps that a session took, by node.
std::map<std::string, const Step*> taken_steps(const Session* session) {
  std::map<std::string, const Step*> out;
  if (session != nullptr)
    for (const Step& step : session->advice.path) out[step.node] = &step;
  return out;
}

std::string condition_text(const NodeCondition& condition) {
  const Threshold& threshold = Thresholds::builtin()[condition.threshold];
  return fmt::format("{} {} {:g} {}", condition.metric, condition.below ? "<" : ">=", threshold.value, threshold.unit);
}

std::string leaf_text_of(const std::string& leaf) {
  const Flowchart& chart = Flowchart::builtin();
  return chart.find(leaf) != nullptr ? leaf : fmt::format("{} ({})", leaf, chart.model_of(leaf));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

/// Mermaid reads '"' and '#' in labels as its own.
std::string mermaid_label(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '"' || c == '#' ? '\'' : c;
  return out;
}

std::string mermaid_id(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

// The layout: one row for each node; answers that skip rows run down a lane of their own at the left, leaves stand right.
constexpr int kRow = 78, kTop = 20, kNodeLeft = 190, kNodeWidth = 430, kNodeHeight = 46, kLeafLeft = 720, kLeafWidth = 250, kLane = 9;

class SvgChart {
 public:
  explicit SvgChart(const Session* session) : taken_(taken_steps(session)) {
    for (std::size_t i = 0; i < chart_.nodes().size(); ++i) row_[chart_.nodes()[i].id] = static_cast<int>(i);
  }

  std::string draw() {
    for (const Node& node : chart_.nodes()) draw_node(node);
    const int height = kTop + kRow * static_cast<int>(chart_.nodes().size()) + 10;
    return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
                       "font-family=\"sans-serif\" font-size=\"13\"><title>Decision flowchart</title>"
                       "<style>.node,.leaf{{fill:#fff;stroke:#555}}.edge{{fill:none;stroke:#777}}.taken{{stroke:#000;stroke-width:3}}text{{fill:#111}}.small{{font-size:11px}}</style>"
                       "<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>{2}{3}</svg>\n",
                       kLeafLeft + kLeafWidth + 20, height, edges_, boxes_);
  }

 private:
  static int y_of(int row) { return kTop + kRow * row; }

  void text(int x, int y, std::string_view what, const char* more = "") {
    boxes_ += fmt::format("<text x=\"{}\" y=\"{}\"{}>{}</text>", x, y, more, escaped(what));
  }

  void draw_node(const Node& node) {
    const auto step = taken_.find(node.id);
    const bool taken = step != taken_.end();
    const int row = row_[node.id], y = y_of(row);
    boxes_ += fmt::format("<rect class=\"node{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>", taken ? " taken" : "", kNodeLeft, y, kNodeWidth, kNodeHeight);
    text(kNodeLeft + 12, y + 19, node.question, taken ? " font-weight=\"bold\"" : "");
    std::string conditions;
    for (const NodeCondition& condition : node.conditions) conditions += (conditions.empty() ? "" : ", ") + condition_text(condition);
    if (conditions.size() > 74) conditions = conditions.substr(0, 71) + "...";
    text(kNodeLeft + 12, y + 36, conditions, " class=\"small\"");
    const std::string answer = taken ? step->second->answer : "";
    draw_answer(node, "yes", node.yes, answer == "yes");
    draw_answer(node, "no", node.no, answer == "no");
    if (node.unknown != node.no && node.unknown != node.yes) draw_answer(node, "unknown", node.unknown, answer == "not-enough-data");
  }

  void draw_answer(const Node& node, const char* answer, const std::string& to, bool taken) {
    const int row = row_[node.id], y = y_of(row);
    const char* more = taken ? " taken" : "";
    const auto target = row_.find(to);
    if (target == row_.end()) {
      const bool yes = std::string_view(answer) == "yes";
      const int at = yes ? y + 14 : y + 36;
      const int leaf_y = yes ? y - 4 : y + 25;
      edges_ += fmt::format("<path class=\"edge{}\" d=\"M{} {}H{}\"/>", more, kNodeLeft + kNodeWidth, at, kLeafLeft);
      boxes_ += fmt::format("<rect class=\"leaf{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"24\" rx=\"12\"/>", more, kLeafLeft, leaf_y, kLeafWidth);
      text(kLeafLeft + 12, leaf_y + 16, leaf_text_of(to), taken ? " font-weight=\"bold\"" : "");
      text(kNodeLeft + kNodeWidth + 8, at - 4, answer, " class=\"small\"");
      return;
    }
    if (target->second == row + 1) {
      const int x = kNodeLeft + 40;
      edges_ += fmt::format("<path class=\"edge{}\" d=\"M{} {}V{}\"/>", more, x, y + kNodeHeight, y_of(row + 1));
      text(x + 6, y + kNodeHeight + 20, answer, " class=\"small\"");
      return;
    }
    const int lane = kNodeLeft - 20 - kLane * (lanes_++ % 17);
    const int from = y + 30, into = y_of(target->second) + 15;
    edges_ += fmt::format("<path class=\"edge{}\" d=\"M{} {}H{}V{}H{}\"/>", more, kNodeLeft, from, lane, into, kNodeLeft);
    text(kNodeLeft - 4, from - 4, answer, " class=\"small\" text-anchor=\"end\"");
  }

  const Flowchart& chart_ = Flowchart::builtin();
  std::map<std::string, const Step*> taken_;
  std::map<std::string, int> row_;
  int lanes_ = 0;
  std::string edges_, boxes_;
};

}  // namespace

std::string chart_text(const Session* session) {
  const std::map<std::string, const Step*> taken = taken_steps(session);
  std::string out;
  for (const Node& node : Flowchart::builtin().nodes()) {
    const auto step = taken.find(node.id);
    out += fmt::format("{}{}: {}\n", step != taken.end() ? "* " : "  ", node.id, node.question);
    for (const NodeCondition& condition : node.conditions) out += fmt::format("      {}\n", condition_text(condition));
    if (step != taken.end()) out += fmt::format("      answered {}: {} is {:.3g}\n", step->second->answer, step->second->metric, step->second->measured);
    out += fmt::format("      yes -> {}\n      no  -> {}\n", leaf_text_of(node.yes), leaf_text_of(node.no));
    if (node.unknown != node.no) out += fmt::format("      not enough data -> {}\n", leaf_text_of(node.unknown));
  }
  return out;
}

std::string chart_mermaid(const Session* session) {
  const std::map<std::string, const Step*> taken = taken_steps(session);
  const Flowchart& chart = Flowchart::builtin();
  std::string out = "flowchart TD\n";
  for (const Node& node : chart.nodes()) {
    out += fmt::format("  {}{{\"{}\"}}\n", mermaid_id(node.id), mermaid_label(node.question));
    out += fmt::format("  {} -->|yes| {}\n", mermaid_id(node.id), mermaid_id(node.yes));
    out += fmt::format("  {} -->|no| {}\n", mermaid_id(node.id), mermaid_id(node.no));
    if (node.unknown != node.no && node.unknown != node.yes) out += fmt::format("  {} -.->|not enough data| {}\n", mermaid_id(node.id), mermaid_id(node.unknown));
  }
  for (const auto& [leaf, model] : chart.leaves()) out += fmt::format("  {}([\"{}: {}\"])\n", mermaid_id(leaf), mermaid_label(leaf), mermaid_label(model));
  if (!taken.empty()) {
    out += "  classDef taken stroke-width:4px,font-weight:bold\n";
    for (const auto& [node, step] : taken) out += fmt::format("  class {} taken\n", mermaid_id(node));
    out += fmt::format("  class {} taken\n", mermaid_id(session->advice.path.back().next));
  }
  return out;
}

std::string chart_svg(const Session* session) { return SvgChart(session).draw(); }

}  // namespace concadvise
