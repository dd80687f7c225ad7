// How to get from a function's registers to its caller's: the call frame information of one file, per address.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "profiler/stacks/elf_file.h"

namespace concadvise {

/// Registers by DWARF number (x86-64: rax rdx rcx rbx rsi rdi rbp rsp r8-r15, return address), known or not.
struct Registers {
  static constexpr std::size_t kCount = 17;
  static constexpr std::size_t kFramePointer = 6;
  static constexpr std::size_t kStackPointer = 7;
  static constexpr std::size_t kProgramCounter = 16;

  std::array<std::optional<std::uint64_t>, kCount> values;

  std::optional<std::uint64_t>& operator[](std::size_t number) { return values[number]; }
  const std::optional<std::uint64_t>& operator[](std::size_t number) const { return values[number]; }
};

/// A step of a DWARF expression.
struct FrameOperation {
  std::uint8_t atom = 0;
  std::uint64_t number = 0;
  std::uint64_t number2 = 0;
};

/// Where one value of the caller is.
struct FrameRule {
  enum class Kind : std::uint8_t {
    undefined,       // not to be had
    same,            // unchanged
    saved,           // in memory at CFA + offset
    offset_from,     // register + offset
    cfa_offset,      // CFA + offset itself
    expression,      // computed: address in memory where it is
    value_expression  // computed: the value
  };
  Kind kind = Kind::undefined;
  std::uint8_t register_number = 0;
  std::int32_t offset = 0;  // for expressions their index in FrameRules
};

/// The rules at one address.
struct FrameRow {
  FrameRule cfa;
  std::array<FrameRule, Registers::kCount> registers;
  bool signal_frame = false;
};

/// Reads a word of the stack; nothing when it isn't there.
using WordReader = std::function<std::optional<std::uint64_t>(std::uint64_t address)>;

class FrameRules {
 public:
  /// `file` must outlive this.
  explicit FrameRules(const ElfFile& file);
  ~FrameRules();

  /// The rules at a linked address; nullptr where the file says nothing. Kept per address.
  const FrameRow* at(std::uint64_t address);

  /// First address of the function that contains `address`, by the search table of .eh_frame_hdr; 0 unknown.
  std::uint64_t function_start(std::uint64_t address) const;

  /// The canonical frame address; nothing when it needs a register or word that isn't known.
  std::optional<std::uint64_t> cfa(const FrameRow& row, const Registers& registers, const WordReader& word) const;

  /// The caller's value of a register.
  std::optional<std::uint64_t> value(const FrameRule& rule, std::size_t number, std::uint64_t cfa,
                                     const Registers& registers, const WordReader& word) const;

 private:
  struct Handles;
  void load_search_table(const ElfFile& file);
  FrameRule compile(const std::vector<FrameOperation>& operations, bool is_cfa);
  std::optional<std::uint64_t> evaluate(const std::vector<FrameOperation>& operations, std::optional<std::uint64_t> cfa,
                                        const Registers& registers, const WordReader& word) const;

  const ElfFile& file_;
  std::unique_ptr<Handles> handles_;
  std::unordered_map<std::uint64_t, std::optional<FrameRow>> rows_;
  std::vector<std::vector<FrameOperation>> expressions_;
  std::vector<std::uint64_t> starts_;  // of functions, sorted
};

}  // namespace concadvise
