// What was found for nodes, such as the values of expressions: asked for so often that a hash table is a good part of the
// time. Per module one number for each of its nodes, and the entries in one row.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "analyzer/python/syntax.h"

namespace concadvise::python {

template <typename Entry>
class NodeCache {
 public:
  /// The entry of a node, or null. It stays where it is until `clear`.
  Entry* find(std::size_t module, NodeId node) {
    if (module >= numbers_.size() || numbers_[module].empty()) return nullptr;
    const std::uint32_t number = numbers_[module][node];
    return number == 0 ? nullptr : &entries_[number - 1];
  }
  /// A new entry for a node that has none. `nodes`: how many the module has.
  Entry& add(std::size_t module, NodeId node, std::size_t nodes) {
    if (module >= numbers_.size()) numbers_.resize(module + 1);
    if (numbers_[module].empty()) numbers_[module].resize(nodes);
    entries_.emplace_back();
    numbers_[module][node] = static_cast<std::uint32_t>(entries_.size());
    return entries_.back();
  }
  std::size_t size() const { return entries_.size(); }
  void clear() {
    std::vector<std::vector<std::uint32_t>>().swap(numbers_);
    std::deque<Entry>().swap(entries_);
  }

 private:
  std::vector<std::vector<std::uint32_t>> numbers_;  // from 1; 0: none
  std::deque<Entry> entries_;
};

}  // namespace concadvise::python
