#include "rules/flowchart.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <toml++/toml.h>

#include "rules/embedded.h"
#include "rules/wording.h"

namespace concadvise {
namespace {

enum class Answer { no, unknown, yes };

constexpr std::size_t kLongestWalk = 64;  // the chart has no circle; a damaged one must still end

/// One condition as it was measured.
struct Measured {
  const NodeCondition* condition = nullptr;
  const Metric* metric = nullptr;
  const Threshold* threshold = nullptr;

  double distance() const {
    const double over = metric->value - threshold->value;
    return condition->below ? -over : over;
  }
  Answer answer() const {
    if (!metric->known) return Answer::unknown;
    if (condition->below) return metric->value < threshold->value ? Answer::yes : Answer::no;
    return metric->value >= threshold->value ? Answer::yes : Answer::no;
  }
  /// Distance in units of the zone in which the answer is called close.
  double certainty() const {
    const double zone = std::max({threshold->margin, (metric->interval.high - metric->interval.low) / 2, 1e-9});
    return std::abs(distance()) / zone;
  }
  std::string sentence() const {
    const std::string words = words_of(condition->metric);
    if (!metric->known) return fmt::format("{} is not known", words);
    const std::string low = value_words(metric->interval.low, metric->unit);
    const std::string high = value_words(metric->interval.high, metric->unit);
    const std::string range = low == high ? "" : fmt::format(" ({} to {})", low, high);
    return fmt::format("{} is {}{}, threshold {}", words, value_words(metric->value, metric->unit), range, value_words(threshold->value, metric->unit));
  }
};

/// The conditions of a node with their conjunction and the condition that decides it: of those that give the node's
/// answer, the one that would change it most easily. A no needs only one failing condition, the surest; a yes all.
struct Evaluation {
  std::vector<Measured> all;
  Answer answer = Answer::yes;
  const Measured* deciding = nullptr;
};

Evaluation evaluate(const Node& node, const Metrics& metrics, const Thresholds& thresholds) {
  Evaluation out;
  for (const NodeCondition& condition : node.conditions) {
    out.all.push_back({&condition, &metrics[condition.metric], &thresholds[condition.threshold]});
    out.answer = std::min(out.answer, out.all.back().answer());
  }
  for (const Measured& one : out.all) {
    if (one.answer() != out.answer) continue;
    const bool better = out.deciding == nullptr || (out.answer == Answer::yes ? one.certainty() < out.deciding->certainty()
                                                                              : one.certainty() > out.deciding->certainty());
    if (better) out.deciding = &one;
  }
  return out;
}

std::string flip_sentence(const Measured& one) {
  if (!one.metric->known) return "if " + words_of(one.condition->metric) + " were known";
  const bool is_above = one.metric->value >= one.threshold->value;
  return fmt::format("if {} were {} {}", words_of(one.condition->metric), is_above ? "below" : "at least", value_words(one.threshold->value, one.metric->unit));
}

Step record(const Node& node, const Evaluation& evaluation, const std::string& next) {
  const Measured& one = *evaluation.deciding;
  Step step;
  step.node = node.id;
  step.question = node.question;
  step.metric = one.condition->metric;
  step.measured = one.metric->value;
  step.interval = one.metric->interval;
  step.threshold = one.threshold->value;
  step.unit = one.metric->unit.empty() ? one.threshold->unit : one.metric->unit;  // a threshold can serve several metrics
  step.answer = evaluation.answer == Answer::yes ? "yes" : evaluation.answer == Answer::no ? "no" : "not-enough-data";
  step.distance = one.metric->known ? one.distance() : 0;
  step.flips = flip_sentence(one);
  step.source = one.threshold->source + (one.threshold->adjusted ? " (moved by the project's configuration)" : "");
  step.next = next;
  for (const Measured& each : evaluation.all) step.evidence.push_back(each.sentence());
  if (one.metric->known && one.certainty() < 1) step.evidence.push_back("close: the other answer is possible");
  return step;
}

const std::string& follow(const Node& node, Answer answer) {
  return answer == Answer::yes ? node.yes : answer == Answer::no ? node.no : node.unknown;
}

std::vector<NodeCondition> conditions_of(const toml::table& row) {
  std::vector<NodeCondition> out;
  if (const toml::array* list = row["conditions"].as_array())
    for (const toml::node& item : *list) {
      const toml::table& one = *item.as_table();
      out.push_back({one["metric"].value_or(""), one["threshold"].value_or(""), one["below"].value_or(false)});
    }
  return out;
}

}  // namespace

Flowchart Flowchart::parse(std::string_view text) {
  Flowchart chart;
  const toml::table table = toml::parse(text);
  chart.start_ = table["start"].value_or("");
  for (const toml::node& item : *table["node"].as_array()) {
    const toml::table& row = *item.as_table();
    chart.nodes_.push_back({row["id"].value_or(""), row["question"].value_or(""), row["plain"].value_or(""), conditions_of(row),
                            row["yes"].value_or(""), row["no"].value_or(""), row["unknown"].value_or("")});
  }
  for (const auto& [leaf, model] : *table["leaves"].as_table()) chart.leaves_[std::string(leaf.str())] = model.value_or("");
  return chart;
}

const Flowchart& Flowchart::builtin() {
  static const Flowchart chart = parse(embedded::flowchart());
  return chart;
}

const Node* Flowchart::find(std::string_view id) const {
  const auto found = std::find_if(nodes_.begin(), nodes_.end(), [id](const Node& node) { return node.id == id; });
  return found == nodes_.end() ? nullptr : &*found;
}

std::string Flowchart::model_of(std::string_view leaf) const {
  const auto found = leaves_.find(leaf);
  return found == leaves_.end() ? "keep" : found->second;
}

Walk Flowchart::walk_from(std::string_view start, const Metrics& metrics, const Thresholds& thresholds) const {
  Walk out;
  double closest = 1;
  std::string detour;
  const Node* node = find(start);
  for (std::size_t i = 0; node != nullptr && i < kLongestWalk; ++i) {
    const Evaluation evaluation = evaluate(*node, metrics, thresholds);
    const std::string& next = follow(*node, evaluation.answer);
    out.path.push_back(record(*node, evaluation, next));
    if (evaluation.answer != Answer::unknown && evaluation.deciding->certainty() < closest) {
      closest = evaluation.deciding->certainty();
      out.other_node = node->id;
      detour = follow(*node, evaluation.answer == Answer::yes ? Answer::no : Answer::yes);
    }
    out.leaf = next;
    node = find(next);
  }
  for (std::size_t i = 0; const Node* other = find(detour); ++i) {
    if (i >= kLongestWalk) break;
    detour = follow(*other, evaluate(*other, metrics, thresholds).answer);
  }
  if (model_of(detour) != model_of(out.leaf) && !detour.empty()) out.other_leaf = detour;
  return out;
}

}  // namespace concadvise
