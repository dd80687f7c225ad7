#include "rules/explain.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include "rules/embedded.h"
#include "rules/flowchart.h"
#include "rules/texts.h"
#include "rules/thresholds.h"

namespace concadvise {
namespace {

const toml::table& words() {
  static const toml::table table = toml::parse(embedded::texts_words());
  return table;
}

std::string explain_node(const Node& node) {
  std::string out = fmt::format("{} (a question of the flowchart)\n{}\n{}\n", node.id, node.question, node.plain);
  for (const NodeCondition& condition : node.conditions) {
    const Threshold& threshold = Thresholds::builtin()[condition.threshold];
    out += fmt::format("  {} {} {:g} {}\n    threshold '{}': {}\n    source: {}\n", condition.metric, condition.below ? "below" : "of at least", threshold.value,
                       threshold.unit, condition.threshold, threshold.text, threshold.source);
  }
  return out + fmt::format("  yes -> {}\n  no -> {}\n  not enough data -> {}\n", node.yes, node.no, node.unknown);
}

std::string explain_leaf(const std::string& leaf) {
  std::string out = fmt::format("{} (an answer of the flowchart; model {})\n", leaf, Flowchart::builtin().model_of(leaf));
  for (const char* language : {"python", "native"}) {
    const LeafText text = leaf_text(leaf, language);
    if (language == std::string_view("python")) out += fmt::format("{}\nwhen not: {}\nrisk: {}\ncost: {}\neffort: {}\n", text.summary, text.when_not, text.risk, text.cost, text.effort);
    out += fmt::format("{}: {}\n{}{}", language == std::string_view("python") ? "Python" : "C and C++", text.implementation, text.sketch, text.sketch.empty() ? "" : "\n");
  }
  return out;
}

}  // namespace

std::vector<Topic> judgement_topics() {
  std::vector<Topic> out;
  for (const char* kind : {"verdict", "model"})
    for (const auto& [name, node] : *words()[kind].as_table()) out.push_back({std::string(name.str()), kind, node.as_table()->at("summary").value_or("")});
  for (const Node& node : Flowchart::builtin().nodes()) out.push_back({node.id, "node", node.question});
  for (const auto& [leaf, model] : Flowchart::builtin().leaves()) out.push_back({leaf, "leaf", leaf_text(leaf, "native").title});
  for (const auto& [name, threshold] : Thresholds::builtin()) out.push_back({name, "threshold", threshold.text});
  return out;
}

std::string model_summary(std::string_view model) { return words()["model"][model]["summary"].value_or(std::string()); }

std::optional<std::string> explain_judgement(std::string_view name) {
  std::string out;
  for (const char* kind : {"verdict", "model"})
    if (const toml::table* row = words()[kind][name].as_table())
      out += fmt::format("{} (a {})\n{}\n{}\n", name, kind, (*row)["summary"].value_or(""), (*row)["more"].value_or(""));
  if (const Node* node = Flowchart::builtin().find(name)) out += explain_node(*node);
  if (Flowchart::builtin().leaves().count(name) != 0) out += explain_leaf(std::string(name));
  for (const auto& [id, threshold] : Thresholds::builtin())
    if (id == name)
      out += fmt::format("{} (a threshold)\n{}: {:g} {}, close within {:g}\nsource: {}\nto move it, in .concadvise.toml:\n  [thresholds]\n  {} = {:g}\n", id, threshold.text,
                         threshold.value, threshold.unit, threshold.margin, threshold.source, id, threshold.value);
  if (out.empty()) return std::nullopt;
  return out;
}

}  // namespace concadvise
