#include "analyzer/python/suppressions.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace concadvise::python {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

facts::Texts names_in(std::string_view text) {
  facts::Texts names;
  std::string name;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_') {
      name += c;
    } else {
      if (!name.empty()) names.push_back(std::move(name));
      name.clear();
      if (c != ',' && c != ' ') break;
    }
  }
  if (!name.empty()) names.push_back(std::move(name));
  return names;
}

// `# noqa: E501` is another tool's business: of its names only those that could be a rule of ours count.
bool ours(const std::string& name) { return name.find('-') != std::string::npos; }

/// The lines of the statement that holds a line: a comment behind any part of it means all of it.
void widen(const Tree& tree, facts::Suppression& one) {
  const auto line = static_cast<std::uint32_t>(one.written_at);
  for (NodeId id = 0; id < tree.nodes.size() && tree.line(id) <= line; ++id) {
    const bool simple = tree.kind(id) == Kind::expression_statement_ || tree.kind(id) == Kind::return_statement_;
    if (!simple || tree.end_line(id) < line) continue;
    one.first_line = static_cast<int>(tree.line(id));
    one.last_line = static_cast<int>(tree.end_line(id));
  }
}

}  // namespace

std::vector<facts::Suppression> suppressions(const Tree& tree) {
  std::vector<facts::Suppression> out;
  for (const Comment& comment : tree.comments) {
    const std::string_view text = std::string_view(tree.source).substr(comment.begin, comment.end - comment.begin);
    const std::string plain = lower(text);
    facts::Suppression one;
    one.written_at = one.first_line = one.last_line = static_cast<int>(comment.line);
    if (const auto allow = plain.find("concadvise: allow("); allow != std::string::npos) {
      const auto open = allow + 18;
      const auto close = plain.find(')', open);
      if (close == std::string::npos) continue;
      one.rules = names_in(std::string_view(plain).substr(open, close - open));
      const auto reason = plain.find_first_not_of(" \t", close + 1);
      if (reason != std::string::npos) one.reason = text.substr(reason);
      // A comment on a line of its own speaks of the next one.
      const auto start = tree.source.rfind('\n', comment.begin);
      const auto before = tree.source.find_first_not_of(" \t", start == std::string::npos ? 0 : start + 1);
      if (before == comment.begin) one.first_line = one.last_line = one.written_at = one.written_at + 1;
      widen(tree, one);
      one.written_at = static_cast<int>(comment.line);
    } else if (const auto noqa = plain.find("noqa"); noqa != std::string::npos) {
      const std::string_view rest = std::string_view(plain).substr(noqa + 4);
      if (!rest.starts_with(":")) {
        // A bare noqa is meant for everyone.
      } else {
        one.rules = names_in(rest.substr(rest.find_first_not_of(": ") == std::string_view::npos ? rest.size() : rest.find_first_not_of(": ")));
        std::erase_if(one.rules, [](const std::string& name) { return !ours(name); });
        if (one.rules.empty()) continue;
      }
      widen(tree, one);
    } else {
      continue;
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace concadvise::python
