// Which Python function a word points into the bytecode of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>

namespace concadvise {

/// The bytecode of functions that were seen in one process, by address.
class BytecodeMap {
 public:
  /// `code`: address of the code object; its bytecode begins at `start` and has `units` of two bytes.
  void add(std::uint64_t code, std::uint64_t start, std::int64_t units);

  struct Place {
    std::uint64_t code = 0;
    std::int64_t offset = 0;  // in bytes, of the instruction before the one pointed to: the one that is executed
  };

  /// Where the interpreter was, by what registers and stack held then: its pointer to the next instruction is in a register that
  /// functions which it calls leave alone, or saved by one of them near the top of the stack. Old values lie about there as well, so
  /// the function `expected` is believed wherever it is found, and another one where it is found first and that one is not.
  /// Nothing when no known function is.
  std::optional<Place> found_in(std::span<const std::uint64_t> registers, std::span<const std::byte> stack, std::uint64_t expected) const;

 private:
  struct Range {
    std::uint64_t end = 0;
    std::uint64_t code = 0;
  };
  std::optional<Place> of(std::uint64_t word) const;

  std::map<std::uint64_t, Range> ranges_;  // by start
};

}  // namespace concadvise
