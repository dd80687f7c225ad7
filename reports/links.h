// Links between lint's findings and measured call stacks, matched by place. What a finding cost is the rules' to say
// (rules/join.h); this finds the two ends of a link.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/advice.h"
#include "model/finding.h"
#include "model/profile.h"

namespace concadvise {

/// The hottest of the profile's hot spots whose stack passes through the finding's place, as an index.
std::optional<std::size_t> spot_of(const Finding& finding, const Profile& profile);

/// Findings that the page lists one by one.
inline constexpr std::size_t kFindingsShown = 300;

/// A place in a source file.
struct SourcePlace {
  std::string file;
  int line = 0;
};

/// The place that words end with: "work (src/a.cpp:12)", "src/a.cpp:12", or nothing.
std::optional<SourcePlace> place_in(std::string_view words);

/// The hottest of the hot spots whose stack passes through that line.
std::optional<std::size_t> spot_at(const SourcePlace& place, const Profile& profile);

/// The hot spots that the page lists, on CPU or all others, hottest first, as indices: only they can be linked to.
std::vector<std::size_t> spots_shown(const Profile& profile, bool on_cpu);

/// True when the page lists the hot spot.
bool is_shown(std::size_t spot, const Profile& profile);

/// The actions of the advice whose place lies on this stack, as indices.
std::vector<std::size_t> actions_on(const std::vector<Frame>& stack, const Advice& advice);

/// The findings whose code lies on this stack, as indices. Suppressed ones are left out.
std::vector<std::size_t> findings_on(const std::vector<Frame>& stack, const LintResult& lint);

}  // namespace concadvise
