// What a page shows beside results: what rules mean, the lines of source at hand, and this machine's figures.
#pragma once

#include "model/advice.h"
#include "reports/report.h"

namespace concadvise::cli {

/// `session` and `lint` may be null. Source files are read when they lie in the project that the working folder belongs to
/// (up to the folder with .git or .concadvise.toml) and are named like sources: a result file from elsewhere must not be able
/// to carry other files of this machine into a page that is then shared.
PageInput page_input(const Session* session, const LintResult* lint);

}  // namespace concadvise::cli
