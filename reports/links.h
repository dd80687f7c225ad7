// Links between lint's findings and measured call stacks, matched by place. What a finding cost is the rules' to say
// (rules/join.h); this finds the two ends of a link.
#pragma once

#include <optional>
#include <vector>

#include "model/finding.h"
#include "model/profile.h"

namespace concadvise {

/// The hottest of the profile's hot spots whose stack passes through the finding's place, as an index.
std::optional<std::size_t> spot_of(const Finding& finding, const Profile& profile);

/// The findings whose code lies on this stack, as indices. Suppressed ones are left out.
std::vector<std::size_t> findings_on(const std::vector<Frame>& stack, const LintResult& lint);

}  // namespace concadvise
