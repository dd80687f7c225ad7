// Lint's findings and what was seen at run time, matched by place: a finding's line, or a function on its chain, that lies
// on a measured call stack.
#pragma once

#include <string>
#include <vector>

#include "model/advice.h"
#include "model/finding.h"

namespace concadvise {

/// What was seen of one finding.
struct Seen {
  double seconds = 0;        // on the stacks that pass through it, in any state
  double count = 0;          // samples or waits of those
  double stall_s = 0;        // of that, seconds in which it stopped an event loop
  double stalls = 0;         // ... times
  double longest_stall_s = 0;
  std::vector<std::size_t> spots;  // indices of the profile's hot spots
  bool any() const { return seconds > 0 || stalls > 0; }
};

/// One entry a finding, in their order. Suppressed findings are matched too.
std::vector<Seen> seen_findings(const LintResult& lint, const Profile& profile);

/// The findings whose code lies on this stack, as indices.
std::vector<std::size_t> findings_on(const std::vector<Frame>& stack, const LintResult& lint);

}  // namespace concadvise
