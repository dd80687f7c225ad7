// The judgement with what this machine and project add to it: measured costs and adjusted thresholds.
#pragma once

#include <string>

#include "model/advice.h"
#include "model/finding.h"
#include "model/result.h"

namespace concadvise::cli {

/// The interpreter that the target's working processes run; empty for other programs.
std::string interpreter_of(const Profile& profile);

/// Judges the session. Costs come from the cache; for a Python program that was launched they are measured when they are
/// missing. Thresholds come from `[thresholds]` in the nearest .concadvise.toml from the working folder upward; an unknown
/// name there is an error that is printed, and the shipped value stays.
void judge_here(Session& session, const LintResult* lint = nullptr);

/// The commands of the advice that compare with this measurement name the file that it is saved as.
void name_saved_file(Advice& advice, const std::string& path);

/// What lint finds in a source file or folder, or a result that it saved (--format json).
Result<LintResult> lint_or_saved(const std::string& path);

}  // namespace concadvise::cli
