#include "profiler/stacks/python_lines.h"

namespace concadvise {
namespace {

int valid_line(std::int64_t line) { return line > 0 && line <= INT32_MAX ? static_cast<int>(line) : 0; }

// co_lnotab: pairs of unsigned steps in bytecode and signed steps in lines.
int line_by_pairs(std::span<const std::byte> table, std::int64_t line, std::int64_t offset) {
  std::int64_t at = 0;
  for (std::size_t i = 0; i + 1 < table.size(); i += 2) {
    at += static_cast<std::uint8_t>(table[i]);
    if (at > offset) break;
    line += static_cast<std::int8_t>(table[i + 1]);
  }
  return valid_line(line);
}

// 3.10: each pair is a range of bytecode and the step to its line; -128 for a range without one.
int line_by_ranges(std::span<const std::byte> table, std::int64_t line, std::int64_t offset) {
  constexpr std::int8_t kNoLine = -128;
  std::int64_t end = 0;
  for (std::size_t i = 0; i + 1 < table.size(); i += 2) {
    end += static_cast<std::uint8_t>(table[i]);
    const auto step = static_cast<std::int8_t>(table[i + 1]);
    if (step != kNoLine) line += step;
    if (offset < end) return step == kNoLine ? 0 : valid_line(line);
  }
  return 0;
}

/// Numbers of 6 bits a byte, least first, bit 6 set on all but the last.
class LocationReader {
 public:
  explicit LocationReader(std::span<const std::byte> table) : table_(table) {}

  bool at_end() const { return at_ >= table_.size(); }
  std::uint8_t byte() { return at_end() ? 0 : static_cast<std::uint8_t>(table_[at_++]); }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 60; shift += 6) {
      const std::uint8_t next = byte();
      value |= std::uint64_t{next & 63u} << shift;
      if ((next & 64) == 0) break;
    }
    return value;
  }
  std::int64_t signed_number() {
    const std::uint64_t value = number();
    const auto size = static_cast<std::int64_t>(value >> 1);
    return (value & 1) != 0 ? -size : size;
  }

 private:
  std::span<const std::byte> table_;
  std::size_t at_ = 0;
};

// 3.11 on: entries of a kind and a length in units of two bytes, followed by what the kind needs.
int line_by_locations(std::span<const std::byte> table, std::int64_t line, std::int64_t offset) {
  constexpr int kOneLine = 10;    // 10, 11, 12: line + 0, 1, 2 and two columns
  constexpr int kNoColumns = 13;
  constexpr int kLong = 14;
  constexpr int kNone = 15;
  LocationReader reader(table);
  std::int64_t end = 0;
  while (!reader.at_end()) {
    const std::uint8_t head = reader.byte();
    const int kind = head >> 3 & 15;
    end += ((head & 7) + 1) * 2;
    if (kind == kLong || kind == kNoColumns) {
      line += reader.signed_number();
      for (int i = 0; kind == kLong && i < 3; ++i) reader.number();  // last line and two columns
    } else if (kind >= kOneLine && kind < kNoColumns) {
      line += kind - kOneLine;
      reader.byte();
      reader.byte();
    } else if (kind < kOneLine) {
      reader.byte();
    }
    if (offset < end) return kind == kNone ? 0 : valid_line(line);
  }
  return 0;
}

}  // namespace

int python_line(PythonLayout::Lines format, std::span<const std::byte> table, int first_line, std::int64_t offset) {
  if (offset < 0) return valid_line(first_line);
  switch (format) {
    case PythonLayout::Lines::pairs: return line_by_pairs(table, first_line, offset);
    case PythonLayout::Lines::ranges: return line_by_ranges(table, first_line, offset);
    case PythonLayout::Lines::locations: return line_by_locations(table, first_line, offset);
  }
  return 0;
}

}  // namespace concadvise
