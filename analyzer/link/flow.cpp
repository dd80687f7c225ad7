// What may flow where: one node per variable, field, parameter and result, known by name.
#include <algorithm>
#include <charconv>
#include <utility>

#include "analyzer/link/linked.h"
#include "analyzer/workers.h"

namespace concadvise {
namespace {

// Lists up to this long are searched, longer ones are hashed: nearly all are short.
constexpr int kShort = 32;

}  // namespace

int FlowGraph::intern(facts::Text name) {
  if (ids_.size() <= name.number()) ids_.resize(std::max(ids_.size() * 2, facts::Text::numbers()), -1);
  int& id = ids_[name.number()];
  if (id >= 0) return id;
  id = static_cast<int>(nodes_.size());
  auto& node = nodes_.emplace_back();
  node.name = name;
  const std::string_view text = name;
  if (text.starts_with("fn:")) node.kind = Kind::function;
  else if (text.starts_with("ret:")) node.kind = Kind::result;
  else if (text.starts_with("new:")) node.kind = Kind::object;
  else if (const auto hash = text.rfind('#'); text.starts_with("param:") && hash != std::string_view::npos) {
    node.kind = Kind::parameter;
    node.owner_length = static_cast<std::uint32_t>(hash - 6);
    std::from_chars(text.data() + hash + 1, text.data() + text.size(), node.number);
  }
  if (by_key_) set_functions(node);
  return id;
}

int FlowGraph::find(facts::Text node) const {
  return node.number() < ids_.size() ? ids_[node.number()] : -1;
}

void FlowGraph::set_functions(Node& node) const {
  const std::size_t prefix = node.kind == Kind::function ? 3 : node.kind == Kind::result ? 4 : 0;
  if (prefix == 0) return;
  node.functions = by_key_->find(std::string_view(node.name).substr(prefix));
}

void FlowGraph::index(const FunctionsByKey& functions, int jobs) {
  by_key_ = &functions;
  share_out_many(nodes_.size(), jobs, [this](std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) set_functions(nodes_[i]);
  });
}

int FlowGraph::parameter_of(int id, const std::string* own) const {
  const auto& node = nodes_[static_cast<std::size_t>(id)];
  if (!own || node.kind != Kind::parameter || node.owner_length != own->size()) return -1;
  return std::string_view(node.name).substr(6, node.owner_length) == *own ? node.number : -1;
}

void FlowGraph::add(int from, int to) {
  if (from == to) return;
  auto& node = nodes_[static_cast<std::size_t>(to)];
  const auto pair = [&](int source) { return (static_cast<std::uint64_t>(source) << 32U) | static_cast<std::uint32_t>(to); };
  if (node.count < kShort) {
    bool there = false;
    each_incoming(to, [&](int source) { there = there || source == from; });
    if (there) return;
  } else {
    if (node.count == kShort) each_incoming(to, [&](int source) { known_.insert(pair(source)); });
    if (!known_.insert(pair(from)).second) return;
  }
  const int edge = static_cast<int>(edges_.size());
  edges_.push_back({from, -1});
  (node.last < 0 ? node.first : edges_[static_cast<std::size_t>(node.last)].next) = edge;
  node.last = edge;
  ++node.count;
  node.changed = edges();
}

// Breadth first, each node once. `stop` is asked of each when its turn comes: 1 does not go past it, 2 ends the walk.
template <typename Stop>
void FlowGraph::walk(std::span<const int> nodes, std::vector<int>& order, const Stop& stop) const {
  // Long walks mark what they have seen; a mark of an earlier walk is another number.
  thread_local std::vector<std::uint32_t> marks;
  thread_local std::uint32_t mark = 0;
  bool marking = false;
  const auto visit = [&](int id) {
    if (!marking && order.size() < static_cast<std::size_t>(kShort)) {
      if (std::find(order.begin(), order.end(), id) == order.end()) order.push_back(id);
      return;
    }
    if (!marking) {
      marking = true;
      if (marks.size() < nodes_.size()) marks.resize(nodes_.size());
      if (++mark == 0) {
        std::fill(marks.begin(), marks.end(), 0);
        mark = 1;
      }
      for (const int seen : order) marks[static_cast<std::size_t>(seen)] = mark;
    }
    if (std::exchange(marks[static_cast<std::size_t>(id)], mark) != mark) order.push_back(id);
  };
  for (const int id : nodes) visit(id);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const int stopped = stop(order[i]);
    if (stopped == 2) return;
    if (stopped == 0) each_incoming(order[i], visit);
  }
}

std::vector<int> FlowGraph::upstream(std::span<const int> nodes, const std::string* own) const {
  std::vector<int> order;
  walk(nodes, order, [&](int id) { return parameter_of(id, own) >= 0 ? 1 : 0; });
  return order;
}

bool FlowGraph::changed_upstream(std::span<const int> nodes, std::uint32_t edges) const {
  thread_local std::vector<int> order;
  order.clear();
  bool changed = false;
  walk(nodes, order, [&](int id) {
    changed = nodes_[static_cast<std::size_t>(id)].changed > edges;
    return changed ? 2 : 0;
  });
  return changed;
}

}  // namespace concadvise
