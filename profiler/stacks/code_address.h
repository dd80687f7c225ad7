// Places in machine code that outlive the process they were seen in, and stacks of them.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace concadvise {

/// A place in a mapped file, independent of where a process mapped it: all processes with the file share it, and it stays
/// good when they end. Modules::locate makes them.
struct CodeAddress {
  std::uint32_t module = 0;   // of Modules; 0 is the module of code without a file (JIT, unknown)
  std::uint64_t address = 0;  // as linked; in the file when that can't be read; in module 0 the raw program counter

  auto operator<=>(const CodeAddress&) const = default;
};

/// A call stack, innermost first. frames[0] is the program counter, the others are return addresses.
struct NativeStack {
  std::vector<CodeAddress> frames;
  bool truncated = false;  // stopped before the thread's first function
  bool torn = false;       // the thread ran meanwhile: drop it

  auto operator<=>(const NativeStack&) const = default;
};

}  // namespace concadvise
