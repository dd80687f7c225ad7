#include "reports/links.h"

#include <algorithm>
#include <string_view>

namespace concadvise {
namespace {

std::string_view base_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// A compiler and a linter seldom name a file in the same way: one path must end with the other at a '/'.
bool same_file(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty() || base_of(a) != base_of(b)) return false;
  if (a.size() < b.size()) std::swap(a, b);
  while (b.starts_with("./")) b.remove_prefix(2);
  return a.ends_with(b) && (a.size() == b.size() || a[a.size() - b.size() - 1] == '/');
}

// "ns::Session::on_read(int)" and "Session.on_read" both end in on_read.
std::string_view last_name(std::string_view function) {
  function = function.substr(0, function.find('('));
  const auto at = function.find_last_of(":.");
  return at == std::string_view::npos ? function : function.substr(at + 1);
}

// The line itself, or, because optimised code moves lines, the same function in the same file within a few lines.
bool matches(const Finding& finding, const Frame& frame) {
  constexpr int kNear = 3;
  if (!same_file(finding.file, frame.file)) return false;
  if (finding.line == frame.line) return true;
  const bool same_function = !finding.function.empty() && last_name(finding.function) == last_name(frame.function);
  return same_function && std::abs(finding.line - frame.line) <= kNear;
}

bool on_stack(const Finding& finding, const std::vector<Frame>& stack) {
  return std::any_of(stack.begin(), stack.end(), [&](const Frame& frame) { return matches(finding, frame); });
}

}  // namespace

std::optional<std::size_t> spot_of(const Finding& finding, const Profile& profile) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < profile.hot_spots.size(); ++i) {
    const bool hotter = !best || profile.hot_spots[i].seconds > profile.hot_spots[*best].seconds;
    if (hotter && on_stack(finding, profile.hot_spots[i].stack)) best = i;
  }
  return best;
}

std::vector<std::size_t> findings_on(const std::vector<Frame>& stack, const LintResult& lint) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < lint.findings.size(); ++i)
    if (!lint.findings[i].suppressed && on_stack(lint.findings[i], stack)) out.push_back(i);
  return out;
}

}  // namespace concadvise
