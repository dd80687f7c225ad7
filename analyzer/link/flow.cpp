// What may flow where: one node per variable, field, parameter and result, known by name.
#include <algorithm>
#include <charconv>

#include "analyzer/link/linked.h"

namespace concadvise {
namespace {

// Lists up to this long are searched, longer ones are hashed: nearly all are short.
constexpr std::size_t kShort = 32;

}  // namespace

int FlowGraph::intern(std::string_view text) {
  if (const auto at = ids_.find(text); at != ids_.end()) return at->second;
  const auto at = ids_.try_emplace(std::string(text), static_cast<int>(nodes_.size())).first;
  auto& node = nodes_.emplace_back();
  incoming_.emplace_back();
  node.name = &at->first;
  if (text.starts_with("fn:")) node.kind = Kind::function;
  else if (text.starts_with("ret:")) node.kind = Kind::result;
  else if (text.starts_with("new:")) node.kind = Kind::object;
  else if (const auto hash = text.rfind('#'); text.starts_with("param:") && hash != std::string_view::npos) {
    node.kind = Kind::parameter;
    node.owner_length = static_cast<std::uint32_t>(hash - 6);
    std::from_chars(text.data() + hash + 1, text.data() + text.size(), node.number);
  }
  if (by_key_) set_functions(node);
  return at->second;
}

int FlowGraph::find(std::string_view node) const {
  const auto at = ids_.find(node);
  return at == ids_.end() ? -1 : at->second;
}

void FlowGraph::set_functions(Node& node) const {
  const std::size_t prefix = node.kind == Kind::function ? 3 : node.kind == Kind::result ? 4 : 0;
  if (prefix == 0) return;
  const auto at = by_key_->find(std::string_view(*node.name).substr(prefix));
  if (at != by_key_->end()) node.functions = &at->second;
}

void FlowGraph::index(const ByKey& functions) {
  by_key_ = &functions;
  for (auto& node : nodes_) set_functions(node);
}

int FlowGraph::parameter_of(int id, const std::string* own) const {
  const auto& node = nodes_[static_cast<std::size_t>(id)];
  if (!own || node.kind != Kind::parameter || node.owner_length != own->size()) return -1;
  return std::string_view(*node.name).substr(6, node.owner_length) == *own ? node.number : -1;
}

void FlowGraph::add(int from, int to) {
  if (from == to) return;
  auto& incoming = incoming_[static_cast<std::size_t>(to)];
  const auto edge = [&](int source) { return (static_cast<std::uint64_t>(source) << 32U) | static_cast<std::uint32_t>(to); };
  if (incoming.size() < kShort) {
    if (std::find(incoming.begin(), incoming.end(), from) != incoming.end()) return;
  } else {
    if (incoming.size() == kShort)
      for (const int source : incoming) known_.insert(edge(source));
    if (!known_.insert(edge(from)).second) return;
  }
  incoming.push_back(from);
  nodes_[static_cast<std::size_t>(to)].changed = ++edges_;
}

std::vector<int> FlowGraph::upstream(std::span<const int> nodes, const std::string* own) const {
  std::vector<int> order;
  std::unordered_set<int> seen;
  const auto visit = [&](int id) {
    if (order.size() < kShort) {
      if (std::find(order.begin(), order.end(), id) != order.end()) return;
    } else {
      if (seen.empty()) seen.insert(order.begin(), order.end());
      if (!seen.insert(id).second) return;
    }
    order.push_back(id);
  };
  for (const int id : nodes) visit(id);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (parameter_of(order[i], own) >= 0) continue;
    for (const int from : incoming_[static_cast<std::size_t>(order[i])]) visit(from);
  }
  return order;
}

}  // namespace concadvise
