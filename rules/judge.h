// The judgement: Profile (and Findings) in, Verdict and Advice out.
#pragma once

#include "model/advice.h"
#include "model/finding.h"
#include "rules/costs.h"
#include "rules/thresholds.h"

namespace concadvise {

struct JudgeOptions {
  const LintResult* lint = nullptr;                    // findings on the same program's source
  Costs costs;                                         // of this machine, or the defaults
  Thresholds thresholds = Thresholds::builtin();       // as adjusted by the project
};

/// Fills `verdict` and `advice` of the session from its profile.
void judge(Session& session, const JudgeOptions& options);

/// The same with everything as shipped. `lint` may be null.
void judge(Session& session, const LintResult* lint = nullptr);

}  // namespace concadvise
