// Call stacks as a tree, outermost frame at the root: what flame graphs draw. Callers that call themselves are joined, so
// that a recursion is one node however deep it went.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/profile.h"

namespace concadvise {

struct StackTree {
  struct Node {
    std::uint32_t parent = 0;  // index; the root is its own parent
    std::uint32_t name = 0;    // index into `names`
    State state = State::on_cpu;
    double self_s = 0;         // seconds that ended here
    double total_s = 0;        // ... and below
  };
  std::vector<std::string> names;  // "function" or "module+0x12"; 0 is the root's
  std::vector<std::string> places; // of the names: "file:line" of the function's first sight, or the module
  std::vector<Node> nodes;         // parents before children; 0 is the root
  std::size_t pruned = 0;          // nodes left out: their time is in their parents' `self_s`
  double pruned_s = 0;             // seconds whose innermost frames were left out
};

/// The tree of the hot spots on CPU, or of all others. Of more than `limit` nodes the largest are kept.
StackTree stack_tree(const std::vector<HotSpot>& spots, bool on_cpu, std::size_t limit);

/// The function of a frame, or its module and offset.
std::string function_of(const Frame& frame);

}  // namespace concadvise
