// From facts to findings: link, run the rules that were asked for, leave out what is not to be reported.
#pragma once

#include <vector>

#include "analyzer/analyzer.h"
#include "analyzer/checks/check.h"

namespace concadvise {

/// The checks that the options ask for; a rule that there is not is an error.
Result<std::vector<const Check*>> selected_checks(const LintOptions& options);

/// Links the units and runs the checks. Findings are sorted by file, line and rule.
Result<LintResult> judge_units(std::vector<facts::Unit> units, const Knowledge& knowledge, const LintOptions& options);

}  // namespace concadvise
