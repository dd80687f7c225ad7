#include "rules/texts.h"

#include <array>
#include <toml++/toml.h>

#include "rules/embedded.h"

namespace concadvise {
namespace {

const toml::table& all_texts() {
  static const toml::table texts = [] {
    toml::table out;
    for (std::string_view file : {embedded::texts_waiting(), embedded::texts_computing(), embedded::texts_repairs()}) {
      toml::table one = toml::parse(file);
      for (auto&& [leaf, node] : one) out.insert(leaf.str(), node);
    }
    return out;
  }();
  return texts;
}

std::string without_first_newline(std::string text) {
  if (!text.empty() && text.front() == '\n') text.erase(0, 1);
  return text;
}

}  // namespace

LeafText leaf_text(std::string_view leaf, std::string_view language) {
  const toml::table* row = all_texts()[leaf].as_table();
  if (row == nullptr) return {};
  const bool is_own = language == "python" || language == "native" || row->contains(language);
  const toml::table* own = (*row)[is_own ? language : "other"].as_table();
  if (own == nullptr) own = (*row)["native"].as_table();
  const auto field = [&](std::string_view name) -> std::string {
    if (own != nullptr && own->contains(name)) return without_first_newline((*own)[name].value_or(""));
    return (*row)[name].value_or("");
  };
  return {field("title"), field("summary"), field("why"), field("implementation"), field("sketch"),
          field("risk"),  field("when_not"), field("cost"), field("effort")};
}

std::string filled(std::string_view text, const Places& places) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{');
    const auto close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    const auto place = places.find(text.substr(open + 1, close - open - 1));
    if (place == places.end()) {
      out += text.substr(0, open + 1);
      text.remove_prefix(open + 1);
      continue;
    }
    out += text.substr(0, open);
    out += place->second;
    text.remove_prefix(close + 1);
  }
  return out += text;
}

}  // namespace concadvise
