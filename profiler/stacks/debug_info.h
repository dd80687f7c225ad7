// Source positions from a file's DWARF: the function at an address with the calls inlined there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "profiler/stacks/elf_file.h"

namespace concadvise {

/// One function at an address: the compiled one or one inlined in it.
struct SourceFrame {
  std::string function;  // mangled where the compiler says so, else its plain name; may be empty
  std::string file;
  int line = 0;  // 0 unknown
  bool inlined = false;
};

/// Reads lazily: the list of compilation units at the first question, a unit's functions and lines when an address lies
/// in it. Depths and counts are bounded, whatever the file says.
class DebugInfo {
 public:
  /// Files with more than this much DWARF are too large to hold in memory: their symbols must do.
  static constexpr std::uint64_t kBytesMax = 512u << 20;

  /// nullptr when the file has no DWARF that can be used. `file` must outlive this.
  static std::unique_ptr<DebugInfo> of(const ElfFile& file);
  ~DebugInfo();

  /// The functions at a linked address, innermost first; empty when unknown.
  std::vector<SourceFrame> at(std::uint64_t address);

 private:
  struct State;
  explicit DebugInfo(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace concadvise
