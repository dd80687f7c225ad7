// Names of the kernel's own functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace concadvise {

/// The functions of /proc/kallsyms. Costs tens of milliseconds to read: ask only when there is a kernel frame to name.
/// Knows none where kernel.kptr_restrict hides the addresses.
class KernelSymbols {
 public:
  KernelSymbols();

  /// Empty when unknown.
  std::string function(std::uint64_t address) const;

 private:
  struct Symbol {
    std::uint64_t address;
    std::uint32_t name;  // offset into text_
  };
  std::string text_;
  std::vector<Symbol> symbols_;  // sorted by address
};

}  // namespace concadvise
