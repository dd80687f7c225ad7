// Joins what lint found in the source with what was seen at run time.
#pragma once

#include <vector>

#include "model/finding.h"
#include "model/profile.h"

namespace concadvise {

struct Joined {
  LintResult lint;               // each finding with seen_s, seen_count, seen_longest_s; by measured cost, then as they were
  std::vector<Stall> unexplained;  // stalls of event loops that no finding explains, largest first
};

/// A finding is seen where a measured stack (of a stall, a wait, or computing) passes through its function in its file; among
/// several findings of one function the one whose line is executing wins, else those whose effect fits the thread's state.
/// What shows up both as a stall and as a wait counts once.
Joined join(const Profile& profile, const LintResult& lint);

}  // namespace concadvise
