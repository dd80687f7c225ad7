// From the walk through the flowchart to advice: model, implementation, predictions, what is ruled out, what to do.
#pragma once

#include "model/advice.h"
#include "model/finding.h"
#include "rules/costs.h"
#include "rules/flowchart.h"
#include "rules/metrics.h"
#include "rules/predict.h"
#include "rules/stack.h"
#include "rules/thresholds.h"

namespace concadvise {

/// What advice is made from.
struct Facts {
  const Profile& profile;
  const Verdict& verdict;
  const Metrics& metrics;
  const Thresholds& thresholds;
  const Costs& costs;
  Workload work;
  Stack stack;
  const LintResult* lint = nullptr;
};

/// Walks the chart and composes the advice. The model is never empty.
Advice advise(const Facts& facts);

/// Advice from source alone: marked unmeasured, no predictions, ends with the command that would measure.
Advice advise_unmeasured(const LintResult& lint);

}  // namespace concadvise
