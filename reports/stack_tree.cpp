#include "reports/stack_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace concadvise {
namespace {

std::string place_of(const Frame& frame) {
  if (frame.file.empty()) return frame.module;
  return frame.line > 0 ? fmt::format("{}:{}", frame.file, frame.line) : frame.file;
}

class Builder {
 public:
  Builder() {
    tree_.names.emplace_back("all");
    tree_.places.emplace_back();
    tree_.nodes.emplace_back();
  }

  void add(const HotSpot& spot) {
    std::uint32_t at = 0;
    tree_.nodes[0].total_s += spot.seconds;
    for (auto frame = spot.stack.rbegin(); frame != spot.stack.rend(); ++frame) {
      const std::uint32_t name = name_of(*frame);
      if (at != 0 && tree_.nodes[at].name == name) continue;  // direct recursion
      at = child_of(at, name, spot.state);
      tree_.nodes[at].total_s += spot.seconds;
    }
    tree_.nodes[at].self_s += spot.seconds;
  }

  StackTree take() { return std::move(tree_); }

 private:
  std::uint32_t name_of(const Frame& frame) {
    const auto [found, added] = name_index_.try_emplace(function_of(frame), static_cast<std::uint32_t>(tree_.names.size()));
    if (added) {
      tree_.names.push_back(found->first);
      tree_.places.push_back(place_of(frame));
    }
    return found->second;
  }

  // A node's state is part of its identity only in the tree of waits, where the same frames can wait for several things.
  std::uint32_t child_of(std::uint32_t parent, std::uint32_t name, State state) {
    const std::uint64_t key = (std::uint64_t{parent} << 32U) | (std::uint64_t{name} << 4U) | static_cast<std::uint64_t>(state);
    const auto [found, added] = children_.try_emplace(key, static_cast<std::uint32_t>(tree_.nodes.size()));
    if (added) tree_.nodes.push_back({parent, name, state, 0, 0});
    return found->second;
  }

  StackTree tree_;
  std::unordered_map<std::string, std::uint32_t> name_index_;
  std::unordered_map<std::uint64_t, std::uint32_t> children_;
};

// Keeps the `limit` nodes with the largest totals. A parent's total is at least its child's, and equal ones keep their
// order, so parents stay when their children do.
void prune(StackTree& tree, std::size_t limit) {
  if (tree.nodes.size() <= limit) return;
  std::vector<std::uint32_t> order(tree.nodes.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return tree.nodes[a].total_s > tree.nodes[b].total_s; });
  std::vector<bool> kept(tree.nodes.size(), false);
  for (std::size_t i = 0; i < limit; ++i) kept[order[i]] = true;
  std::vector<std::uint32_t> moved(tree.nodes.size(), 0);
  std::vector<StackTree::Node> nodes;
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const StackTree::Node node = tree.nodes[i];
    moved[i] = moved[node.parent];
    if (kept[i]) {
      moved[i] = static_cast<std::uint32_t>(nodes.size());
      nodes.push_back({i == 0 ? 0 : moved[node.parent], node.name, node.state, node.self_s, node.total_s});
    } else {
      nodes[moved[i]].self_s += node.self_s;
      tree.pruned_s += node.self_s;
    }
  }
  tree.pruned = tree.nodes.size() - nodes.size();
  tree.nodes = std::move(nodes);
}

// Names that no node has any more.
void drop_unused_names(StackTree& tree) {
  constexpr auto kUnused = static_cast<std::uint32_t>(-1);
  std::vector<std::uint32_t> moved(tree.names.size(), kUnused);
  std::vector<std::string> names;
  std::vector<std::string> places;
  for (StackTree::Node& node : tree.nodes) {
    if (moved[node.name] == kUnused) {
      moved[node.name] = static_cast<std::uint32_t>(names.size());
      names.push_back(tree.names[node.name]);
      places.push_back(tree.places[node.name]);
    }
    node.name = moved[node.name];
  }
  tree.names = std::move(names);
  tree.places = std::move(places);
}

}  // namespace

std::string function_of(const Frame& frame) {
  if (!frame.function.empty()) return frame.function;
  return frame.module.empty() ? "(unknown)" : fmt::format("{}+0x{:x}", frame.module, frame.offset);
}

StackTree stack_tree(const std::vector<HotSpot>& spots, bool on_cpu, std::size_t limit) {
  Builder builder;
  for (const HotSpot& spot : spots)
    if ((spot.state == State::on_cpu) == on_cpu && spot.seconds > 0) builder.add(spot);
  StackTree tree = builder.take();
  prune(tree, std::max<std::size_t>(limit, 1));
  drop_unused_names(tree);
  return tree;
}

}  // namespace concadvise
