// The judgement: Profile (and Findings) in, Verdict and Advice out.
#pragma once

#include "model/advice.h"
#include "model/finding.h"

namespace concadvise {

/// Fills `verdict` and `advice` of the session from its profile. `lint` may be null.
void judge(Session& session, const LintResult* lint = nullptr);

}  // namespace concadvise
