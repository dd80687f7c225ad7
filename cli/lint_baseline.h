// Which findings are new: against an earlier result, or by the lines that changed since a commit.
#pragma once

#include <string>

#include "model/finding.h"
#include "model/result.h"

namespace concadvise::cli {

struct Compared {
  int known = 0;  // findings left out because they were there before
  int fixed = 0;  // findings of the baseline that are gone
};

/// Leaves out what the baseline has: the JSON of an earlier `concadvise lint --format json`. Goes by fingerprints, so lines may
/// have moved.
Result<Compared> leave_out_baseline(LintResult& result, const std::string& baseline);

/// Leaves out what does not stand on a line that is new or changed since the commit in the working folder's git repository;
/// files that git does not know are new. Sources that could not be parsed stay.
Result<void> leave_out_unchanged(LintResult& result, const std::string& commit);

}  // namespace concadvise::cli
