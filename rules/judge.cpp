#include "rules/judge.h"

#include "rules/metrics.h"
#include "rules/thresholds.h"
#include "rules/verdict.h"

namespace concadvise {

void judge(Session& session, const LintResult* /*lint*/) {
  const Metrics metrics = measure(session.profile);
  session.verdict = decide(session.profile, metrics, Thresholds::builtin());
}

}  // namespace concadvise
