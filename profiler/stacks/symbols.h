// Names for places in machine code: function, source file and line, inlined calls expanded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/profile.h"
#include "profiler/stacks/code_address.h"
#include "profiler/stacks/modules.h"

namespace concadvise {

/// A mangled C++ or Rust name as people write it, without its parameter list; other names as they are.
std::string demangled(std::string_view name);

/// Resolves lazily: ask at the end, for the stacks that are reported. Takes DWARF from the file itself or from its
/// separate debug file (by build id, then by debug link, under /usr/lib/debug), else the symbol tables (.symtab, the
/// compressed mini debug info, .dynsym), else leaves the module and the offset in it. Answers are kept.
class Symbolizer {
 public:
  explicit Symbolizer(Modules& modules);
  ~Symbolizer();

  /// The frames at one address, innermost first: several when calls were inlined there, at least one always.
  /// `is_return_address`: the call before it is meant, as in all frames of a stack but the first.
  const std::vector<Frame>& frames(CodeAddress where, bool is_return_address);

  /// All frames of a stack, innermost first.
  std::vector<Frame> frames(const NativeStack& stack);

  /// Function by symbol table only, without line and inlined calls: cheap. Empty when unknown.
  std::string function(CodeAddress where);

  struct Counts {
    std::uint64_t resolved = 0;    // addresses with a function name
    std::uint64_t unresolved = 0;  // ... without
  };
  Counts counts() const { return counts_; }

 private:
  class ModuleSymbols;
  ModuleSymbols& symbols_of(std::uint32_t module);

  Modules& modules_;
  std::unordered_map<std::uint32_t, std::unique_ptr<ModuleSymbols>> per_module_;
  struct Hash {
    std::size_t operator()(const CodeAddress& where) const noexcept {
      return std::hash<std::uint64_t>{}(where.address * 31 + where.module);
    }
  };
  std::unordered_map<CodeAddress, std::vector<Frame>, Hash> answers_;
  Counts counts_;
};

}  // namespace concadvise
