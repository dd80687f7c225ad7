#include "rules/judge.h"

namespace concadvise {

void judge(Session& session, const LintResult* /*lint*/) { session.verdict.summary = "not judged yet"; }

}  // namespace concadvise
