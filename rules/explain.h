// What the words of the judgement mean: verdict classes, models, nodes of the flowchart, leaves, thresholds.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace concadvise {

/// Something that can be explained.
struct Topic {
  std::string name;
  std::string kind;     // verdict, model, node, leaf, threshold
  std::string summary;  // one line
};

/// All topics of the judgement; names may repeat over kinds (a leaf and a model), the first one is explained with the rest.
std::vector<Topic> judgement_topics();

/// The text for a name; nothing when it is no topic of the judgement.
std::optional<std::string> explain_judgement(std::string_view name);

/// What a model is, in one sentence; empty for an unknown one.
std::string model_summary(std::string_view model);

}  // namespace concadvise
