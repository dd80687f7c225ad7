#include "rules/join.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

namespace concadvise {
namespace {

/// Something that was measured at a place.
struct Site {
  State state = State::other;
  double seconds = 0;
  double count = 0;
  double longest_s = 0;
  const std::vector<Frame>* stack = nullptr;
};

/// What one finding was seen to cost, by kind of site: a stall is a wait too, so kinds are not added up.
struct Cost {
  double seconds = 0;
  double count = 0;
  double longest_s = 0;
};

std::string_view base_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// "app::Server::handle(int)" and "Server.handle" -> "handle".
std::string_view last_name(std::string_view function) {
  function = function.substr(0, function.find('('));
  const auto cut = function.find_last_of(":. ");
  return cut == std::string_view::npos ? function : function.substr(cut + 1);
}

/// Whether the tail of one path is the other: compile databases and interpreters root paths differently.
bool same_file(std::string_view a, std::string_view b) {
  for (std::string_view* path : {&a, &b})  // relative to a build folder: its tail is what both have
    while (path->starts_with("./") || path->starts_with("../")) path->remove_prefix(path->find('/') + 1);
  if (a.empty() || b.empty()) return false;
  if (a.size() > b.size()) std::swap(a, b);
  if (!b.ends_with(a)) return base_of(a) == base_of(b) && a.find('/') == std::string_view::npos;
  return a.size() == b.size() || a.front() == '/' || b[b.size() - a.size() - 1] == '/';
}

/// How well a frame fits a finding: 0 not, 1 same function and file, 2 and the line is executing.
int fit(const Frame& frame, const Finding& finding) {
  if (!same_file(frame.file, finding.file)) return 0;
  const bool on_line = frame.line > 0 && std::abs(frame.line - finding.line) <= 1;
  if (on_line) return 2;
  return !finding.function.empty() && last_name(frame.function) == last_name(finding.function) ? 1 : 0;
}

bool effect_fits(const std::string& effect, State state) {
  switch (state) {
    case State::on_cpu:
    case State::runnable:
    case State::gil: return effect == "compute";
    case State::timer: return effect == "sleep" || effect == "wait";
    case State::network: return effect == "network" || effect == "dns" || effect == "database" || effect == "wait";
    case State::disk:
    case State::fault: return effect == "file" || effect == "database";
    case State::child: return effect == "process" || effect == "wait";
    case State::lock: return effect == "lock";
    case State::handoff: return effect == "wait" || effect == "lock";
    case State::ipc: return effect == "wait" || effect == "process" || effect == "stdin" || effect == "network";
    default: return true;
  }
}

/// The findings that a site belongs to.
std::vector<std::size_t> owners(const Site& site, const std::vector<Finding>& findings) {
  std::vector<std::size_t> out;
  int best = 0;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    int score = 0;
    for (const Frame& frame : *site.stack) score = std::max(score, fit(frame, findings[i]));
    if (score == 1 && !effect_fits(findings[i].effect, site.state)) score = 0;
    if (score == 0 || score < best) continue;
    if (score > best) out.clear();
    best = score;
    out.push_back(i);
  }
  return out;
}

std::vector<Site> stall_sites(const Profile& profile) {
  std::vector<Site> out;
  for (const Loop& loop : profile.loops)
    for (const Stall& stall : loop.stalls) out.push_back({stall.state, stall.seconds, stall.count, stall.longest_s, &stall.stack});
  return out;
}

std::vector<Site> wait_sites(const Profile& profile) {
  std::vector<Site> out;
  for (const Wait& wait : profile.waits) out.push_back({wait.state, wait.seconds, wait.count, wait.longest_s, &wait.stack});
  return out;
}

std::vector<Site> computing_sites(const Profile& profile) {
  std::vector<Site> out;
  for (const HotSpot& spot : profile.hot_spots)
    if (spot.state == State::on_cpu) out.push_back({spot.state, spot.seconds, spot.count, 0, &spot.stack});
  return out;
}

void add_costs(std::vector<Finding>& findings, const std::vector<Site>& sites) {
  std::vector<Cost> costs(findings.size());
  for (const Site& site : sites) {
    const std::vector<std::size_t> to = owners(site, findings);
    for (const std::size_t i : to) {
      const double part = 1.0 / static_cast<double>(to.size());
      costs[i].seconds += part * site.seconds;
      costs[i].count += part * site.count;
      costs[i].longest_s = std::max(costs[i].longest_s, site.longest_s);
    }
  }
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (costs[i].seconds <= findings[i].seen_s) continue;
    findings[i].seen_s = costs[i].seconds;
    findings[i].seen_count = costs[i].count;
    findings[i].seen_longest_s = std::max(costs[i].longest_s, costs[i].count >= 1 ? costs[i].seconds / costs[i].count : 0);  // at least the mean
  }
}

}  // namespace

Joined join(const Profile& profile, const LintResult& lint) {
  Joined out;
  out.lint = lint;
  std::vector<Finding>& findings = out.lint.findings;
  for (Finding& finding : findings) finding.seen_s = 0;
  add_costs(findings, stall_sites(profile));
  add_costs(findings, wait_sites(profile));
  add_costs(findings, computing_sites(profile));
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) { return a.seen_s > b.seen_s; });
  for (const Loop& loop : profile.loops)
    for (const Stall& stall : loop.stalls)
      if (owners({stall.state, stall.seconds, stall.count, stall.longest_s, &stall.stack}, findings).empty()) out.unexplained.push_back(stall);
  std::stable_sort(out.unexplained.begin(), out.unexplained.end(), [](const Stall& a, const Stall& b) { return a.seconds > b.seconds; });
  return out;
}

}  // namespace concadvise
