// The decision flowchart: data (flowchart.toml) and the engine that walks it with what was measured.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/advice.h"
#include "rules/metrics.h"
#include "rules/thresholds.h"

namespace concadvise {

/// A metric compared with a threshold: at least it, or below it.
struct NodeCondition {
  std::string metric;
  std::string threshold;
  bool below = false;
};

/// A question of the chart. It is answered yes when all conditions hold, no when one fails, and otherwise, when a metric
/// is missing, not-enough-data (Kleene's logic).
struct Node {
  std::string id;
  std::string question;
  std::string plain;
  std::vector<NodeCondition> conditions;
  std::string yes;
  std::string no;
  std::string unknown;
};

/// Where a walk ended and how.
struct Walk {
  std::string leaf;
  std::vector<Step> path;
  std::string other_leaf;   // where it would have ended had the closest answer been the other one; empty when none is close
  std::string other_node;   // the node of that answer
};

class Flowchart {
 public:
  static const Flowchart& builtin();

  const std::vector<Node>& nodes() const { return nodes_; }
  const Node* find(std::string_view id) const;
  const std::string& start() const { return start_; }

  /// Leaf name -> model.
  const std::map<std::string, std::string, std::less<>>& leaves() const { return leaves_; }
  std::string model_of(std::string_view leaf) const;

  /// Walks from the start to a leaf; records each step with value, interval, threshold, signed distance and what would
  /// flip it. An answer is close when the metric's interval or the threshold's margin reaches across the border.
  Walk walk(const Metrics& metrics, const Thresholds& thresholds) const { return walk_from(start_, metrics, thresholds); }

  /// The same from any node; no node of that name gives an empty walk.
  Walk walk_from(std::string_view node, const Metrics& metrics, const Thresholds& thresholds) const;

 private:
  static Flowchart parse(std::string_view text);

  std::string start_;
  std::vector<Node> nodes_;
  std::map<std::string, std::string, std::less<>> leaves_;
};

}  // namespace concadvise
