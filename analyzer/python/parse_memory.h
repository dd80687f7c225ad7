// The memory that the parser works in. It asks for some ten pieces per node and gives most of them back at once; the
// general allocator was a third of its time. Everything that a parse took goes with the parse.
#pragma once

namespace concadvise::python {

/// While one exists, what the parser takes on this thread comes from it; nothing of that may be used afterwards. One at a
/// time per thread; without one the parser uses the general allocator.
class ParseMemory {
 public:
  ParseMemory();
  ~ParseMemory();
  ParseMemory(const ParseMemory&) = delete;
  ParseMemory& operator=(const ParseMemory&) = delete;
};

}  // namespace concadvise::python
