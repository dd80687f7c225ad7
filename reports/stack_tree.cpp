#include "reports/stack_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace concadvise {
namespace {

std::string place_of(const Frame& frame) {
  if (frame.file.empty()) return frame.module;
  return frame.line > 0 ? fmt::format("{}:{}", frame.file, frame.line) : frame.file;
}

// A stack's frames from the outermost, as numbers that sort: the name's, and in the tree of waits, where the same frames can
// wait for several things, the state's.
struct Path {
  std::vector<std::uint32_t> steps;
  double seconds = 0;
  std::size_t shared = 0;  // steps that it has in common with the one before it
};

constexpr std::uint32_t kStates = 16;  // names times this must fit into 32 bits, which many million of them do

class Names {
 public:
  explicit Names(StackTree& tree) : tree_(tree) {
    tree_.names.emplace_back("all");
    tree_.places.emplace_back();
  }

  Path path_of(const HotSpot& spot) {
    Path out;
    out.seconds = spot.seconds;
    out.steps.reserve(spot.stack.size());
    for (auto frame = spot.stack.rbegin(); frame != spot.stack.rend(); ++frame) {
      const std::uint32_t step = index_of(*frame) * kStates + static_cast<std::uint32_t>(spot.state);
      if (out.steps.empty() || out.steps.back() != step) out.steps.push_back(step);  // direct recursion is one
    }
    return out;
  }

 private:
  // The views are of the frames themselves where they have a function, which nearly all have, and of `made_` otherwise.
  std::uint32_t index_of(const Frame& frame) {
    std::string_view name = frame.function;
    if (name.empty()) name = *made_.insert(function_of(frame)).first;
    const auto [found, added] = indices_.try_emplace(name, static_cast<std::uint32_t>(tree_.names.size()));
    if (added) {
      tree_.names.emplace_back(name);
      tree_.places.push_back(place_of(frame));
    }
    return found->second;
  }

  StackTree& tree_;
  std::unordered_set<std::string> made_;
  std::unordered_map<std::string_view, std::uint32_t> indices_;
};

// Sorted, so that stacks stand beside those that they share their beginning with and no node is ever searched for.
std::vector<Path> sorted_paths(const std::vector<HotSpot>& spots, bool on_cpu, Names& names) {
  std::vector<Path> out;
  for (const HotSpot& spot : spots)
    if ((spot.state == State::on_cpu) == on_cpu && spot.seconds > 0) out.push_back(names.path_of(spot));
  std::stable_sort(out.begin(), out.end(), [](const Path& a, const Path& b) { return a.steps < b.steps; });
  for (std::size_t i = 1; i < out.size(); ++i) {
    const std::vector<std::uint32_t>& before = out[i - 1].steps;
    const std::vector<std::uint32_t>& now = out[i].steps;
    out[i].shared = static_cast<std::size_t>(std::mismatch(now.begin(), now.end(), before.begin(), before.end()).first - now.begin());
  }
  return out;
}

// Seconds below each node, in the order in which the paths meet them. A parent's are at least its child's.
std::vector<double> totals_of(const std::vector<Path>& paths) {
  std::size_t nodes = 1;
  for (const Path& path : paths) nodes += path.steps.size() - path.shared;
  std::vector<double> out(nodes, 0);
  std::vector<std::size_t> open = {0};  // the nodes of this path, from the root
  std::size_t next = 1;
  for (const Path& path : paths) {
    open.resize(path.shared + 1);
    while (open.size() <= path.steps.size()) open.push_back(next++);
    for (const std::size_t node : open) out[node] += path.seconds;
  }
  return out;
}

// The `limit` largest; of equal ones the earlier, so parents stay when their children do.
std::vector<bool> largest(const std::vector<double>& totals, std::size_t limit) {
  std::vector<bool> out(totals.size(), totals.size() <= limit);
  if (totals.size() <= limit) return out;
  std::vector<std::uint32_t> order(totals.size());
  std::iota(order.begin(), order.end(), 0U);
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(limit), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return totals[a] != totals[b] ? totals[a] > totals[b] : a < b; });
  for (std::size_t i = 0; i < limit; ++i) out[order[i]] = true;
  return out;
}

// The nodes that stay; the time of the others goes to the nearest one above them.
void grow(StackTree& tree, const std::vector<Path>& paths, std::size_t limit) {
  const std::vector<double> totals = totals_of(paths);
  const std::vector<bool> kept = largest(totals, limit);
  tree.nodes.push_back({0, 0, State::on_cpu, 0, totals[0]});
  std::vector<std::uint32_t> open = {0};
  std::size_t next = 1;
  for (const Path& path : paths) {
    open.resize(path.shared + 1);
    for (std::size_t depth = path.shared; depth < path.steps.size(); ++depth, ++next) {
      const std::uint32_t parent = open.back();
      open.push_back(kept[next] ? static_cast<std::uint32_t>(tree.nodes.size()) : parent);
      if (kept[next]) tree.nodes.push_back({parent, path.steps[depth] / kStates, static_cast<State>(path.steps[depth] % kStates), 0, totals[next]});
    }
    tree.nodes[open.back()].self_s += path.seconds;
    if (open.size() > 1 && open.back() == open[open.size() - 2]) tree.pruned_s += path.seconds;
  }
  tree.pruned = totals.size() - tree.nodes.size();
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
  StackTree tree;
  Names names(tree);
  grow(tree, sorted_paths(spots, on_cpu, names), std::max<std::size_t>(limit, 1));
  drop_unused_names(tree);
  return tree;
}

}  // namespace concadvise
