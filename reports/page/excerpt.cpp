#include "reports/page/excerpt.h"

#include <fmt/format.h>

#include <vector>

#include "reports/page/sections.h"

namespace concadvise {
namespace {

constexpr int kAround = 2;                  // lines before and after
constexpr std::size_t kLineCharacters = 140;

// Lines `first` to `last`, counted from 1; fewer where the text ends.
std::vector<std::string_view> lines_of(std::string_view text, int first, int last) {
  std::vector<std::string_view> out;
  int number = 1;
  for (std::size_t at = 0; at < text.size() && number <= last; ++number) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (number >= first) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string shown(std::string_view line) {
  std::string out;
  for (const char c : line) {
    if (c == '\t') out += "    ";
    else if (c != '\r') out += c;
  }
  return out;
}

}  // namespace

Html excerpt_of(const PageInput& input, const std::string& file, int line) {
  if (!input.read_source || line <= 0) return {};
  const auto text_of_file = input.read_source(file);
  if (!text_of_file) return {};
  const int first = std::max(line - kAround, 1);
  const std::vector<std::string_view> lines = lines_of(*text_of_file, first, line + kAround);
  if (static_cast<int>(lines.size()) <= line - first) return {};
  Html rows;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const int number = first + static_cast<int>(i);
    const Html row = join(fmt::format("{}{:>5}  ", number == line ? ">" : " ", number), text(shown(lines[i]), kLineCharacters));
    rows += join(number == line ? el("mark", {}, row) : row, text("\n", kNoLimit, Lines::many));
  }
  return el("pre", {{"class", "source"}, {"tabindex", "0"}, {"aria-label", fmt::format("Source around line {}", line)}, {"role", "group"}}, el("code", {}, rows));
}

}  // namespace concadvise
