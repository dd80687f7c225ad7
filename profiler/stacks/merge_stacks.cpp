#include "profiler/stacks/python_frames.h"

namespace concadvise {
namespace {

/// The interpreter's loop: one native frame of it per entry from C. Names over the versions and the pieces that compilers
/// split off (symbol tables name those too).
bool is_interpreter_loop(const Frame& frame) {
  return frame.kind == "native" && frame.function == "_PyEval_EvalFrameDefault";
}

}  // namespace

std::vector<Frame> merge_stacks(const std::vector<Frame>& native, const std::vector<Frame>& python,
                                const std::vector<std::uint32_t>& entries) {
  std::vector<Frame> merged;
  std::size_t next_python = 0;
  std::size_t next_entry = 0;
  // From the outside in, so that a native stack which is cut short at its outer end is matched from the inner: count first.
  for (const Frame& frame : native) {
    if (!is_interpreter_loop(frame) || next_entry >= entries.size()) {
      merged.push_back(frame);
      continue;
    }
    for (std::uint32_t i = 0; i < entries[next_entry] && next_python < python.size(); ++i) merged.push_back(python[next_python++]);
    ++next_entry;
  }
  return merged;
}

}  // namespace concadvise
