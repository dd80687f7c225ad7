#include "reports/page/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace concadvise {
namespace {

// Elements without end tag (HTML standard, 13.1.2, void elements).
constexpr std::array<std::string_view, 6> kVoid = {"meta", "link", "br", "hr", "img", "input"};

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (c == '\'') out += "&#39;";
    else out += c;
  }
  return out;
}

}  // namespace

Html Html::trusted(std::string markup) {
  Html out;
  out.markup_ = std::move(markup);
  return out;
}

Html text(std::string_view raw, std::size_t limit, Lines lines) { return Html::trusted(escaped(inert(raw, limit, lines))); }

Html element(std::string_view tag, const Attributes& attributes, const Html& inside) {
  std::string out = fmt::format("<{}", tag);
  for (const Attribute& attribute : attributes)
    if (!attribute.name.empty()) out += fmt::format(" {}=\"{}\"", attribute.name, escaped(inert(attribute.value)));
  out += '>';
  if (std::find(kVoid.begin(), kVoid.end(), tag) == kVoid.end()) {
    out += inside.markup();
    out += fmt::format("</{}>", tag);
  }
  return Html::trusted(std::move(out));
}

std::string id_of(std::string_view prefix, std::string_view raw) {
  std::string out(prefix);
  for (char c : raw.substr(0, 80)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) != 0 || c == '-')) out += c;
    else out += fmt::format("_{:02x}", byte);
  }
  return out;
}

std::string coordinate(double value) {
  std::string out = fmt::format("{:.2f}", value);
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out == "-0" ? "0" : out;
}

}  // namespace concadvise
