#include "reports/inert.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace concadvise {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

struct Decoded {
  std::uint32_t point = kReplacement;
  std::size_t bytes = 1;
};

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// Strict UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  std::size_t bytes = 0;
  std::uint32_t point = 0;
  if (first >= 0xC2 && first <= 0xDF) bytes = 2, point = first & 0x1FU;
  if (first >= 0xE0 && first <= 0xEF) bytes = 3, point = first & 0x0FU;
  if (first >= 0xF0 && first <= 0xF4) bytes = 4, point = first & 0x07U;
  if (bytes == 0 || text.size() < bytes) return {};
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!is_continuation(text[i])) return {};
    point = (point << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  const bool overlong = (bytes == 3 && point < 0x800) || (bytes == 4 && point < 0x10000);
  if (overlong || (point >= 0xD800 && point <= 0xDFFF) || point > 0x10FFFF) return {};
  return {point, bytes};
}

void append(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | (point >> 6U));
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | (point >> 12U));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | (point >> 18U));
    put(0x80U | ((point >> 12U) & 0x3FU));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
}

// Characters of the Unicode category Cf that reorder or hide text (Trojan Source, CVE-2021-42574), separators that end a
// line, tags, and non-characters.
bool is_deceptive(std::uint32_t point) {
  return point == 0xAD || point == 0x61C || point == 0x180E || (point >= 0x200B && point <= 0x200F) ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF ||
         (point >= 0xFFF9 && point <= 0xFFFB) || (point >= 0xFDD0 && point <= 0xFDEF) || (point & 0xFFFEU) == 0xFFFEU ||
         (point >= 0xE0000 && point <= 0xE0FFF);
}

// One shown character for one decoded one.
std::string shown(std::uint32_t point, Lines lines) {
  std::string out;
  if (lines == Lines::many && (point == '\n' || point == '\t'))
    out = static_cast<char>(point);
  else if (point < 0x20)
    append(out, 0x2400 + point);
  else if (point == 0x7F)
    append(out, 0x2421);
  else if ((point >= 0x80 && point < 0xA0) || is_deceptive(point))
    out = fmt::format("‹U+{:04X}›", point);
  else
    append(out, point);
  return out;
}

}  // namespace

std::size_t length_of(std::string_view text) {
  std::size_t count = 0;
  for (char byte : text)
    if (!is_continuation(byte)) ++count;
  return count;
}

std::string inert(std::string_view raw, std::size_t limit, Lines lines) {
  // Nearly every string is short and plain.
  if (raw.size() <= limit && std::all_of(raw.begin(), raw.end(), [](char c) { return c >= ' ' && c < '\x7f'; }))
    return std::string(raw);
  std::vector<Decoded> points;
  points.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    points.push_back(decode(raw.substr(at)));
    at += points.back().bytes;
  }
  const bool cut = points.size() > limit;
  const std::size_t head = cut ? limit * 2 / 3 : points.size();
  const std::size_t tail = cut ? limit - head : 0;
  std::string out;
  for (std::size_t i = 0; i < head; ++i) out += shown(points[i].point, lines);
  if (cut) out += fmt::format("…({} more)…", points.size() - head - tail);
  for (std::size_t i = points.size() - tail; i < points.size() && tail > 0; ++i) out += shown(points[i].point, lines);
  return out;
}

}  // namespace concadvise
