#include "reports/links.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
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

std::optional<SourcePlace> place_in(std::string_view words) {
  while (!words.empty() && (words.back() == ')' || words.back() == ' ')) words.remove_suffix(1);
  const auto colon = words.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  int line = 0;
  const auto [end, error] = std::from_chars(words.data() + colon + 1, words.data() + words.size(), line);
  if (error != std::errc{} || end != words.data() + words.size() || line <= 0) return std::nullopt;
  std::string_view file = words.substr(0, colon);
  if (const auto open = file.rfind('('); open != std::string_view::npos) file.remove_prefix(open + 1);
  if (file.empty()) return std::nullopt;
  return SourcePlace{std::string(file), line};
}

std::optional<std::size_t> spot_at(const SourcePlace& place, const Profile& profile) {
  Finding finding;
  finding.file = place.file;
  finding.line = place.line;
  return spot_of(finding, profile);
}

std::vector<std::size_t> spots_shown(const Profile& profile, bool on_cpu) {
  constexpr std::size_t kShown = 20;
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < profile.hot_spots.size(); ++i)
    if ((profile.hot_spots[i].state == State::on_cpu) == on_cpu) out.push_back(i);
  std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) { return profile.hot_spots[a].seconds > profile.hot_spots[b].seconds; });
  if (out.size() > kShown) out.resize(kShown);
  return out;
}

bool is_shown(std::size_t spot, const Profile& profile) {
  const std::vector<std::size_t> shown = spots_shown(profile, profile.hot_spots[spot].state == State::on_cpu);
  return std::find(shown.begin(), shown.end(), spot) != shown.end();
}

std::vector<std::size_t> actions_on(const std::vector<Frame>& stack, const Advice& advice) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < advice.actions.size(); ++i) {
    const auto place = place_in(advice.actions[i].where);
    if (!place) continue;
    Finding finding;
    finding.file = place->file;
    finding.line = place->line;
    if (on_stack(finding, stack)) out.push_back(i);
  }
  return out;
}

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
