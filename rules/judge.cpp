#include "rules/judge.h"

#include "rules/advise.h"
#include "rules/metrics.h"
#include "rules/verdict.h"

namespace concadvise {

void judge(Session& session, const JudgeOptions& options) {
  const Profile& profile = session.profile;
  Metrics metrics = measure(profile);
  session.verdict = decide(profile, metrics, options.thresholds);
  const std::string& resource = session.verdict.resource;
  Stack stack = stack_of(profile, options.lint, resource == "disk" || resource == "network" ? resource : "network");
  if (stack.known) metrics.set("async_compatible", stack.async_share, 0, "share");
  else metrics.set_unknown("async_compatible", "share");
  const Workload work = workload_of(profile, metrics, options.costs, options.thresholds);
  metrics.set("parallel_pays", parallel_pays(work, options.costs), 0, "times");
  metrics.set("own_work_pays", own_work_pays(work, options.costs), 0, "times");
  session.advice = advise({profile, session.verdict, metrics, options.thresholds, options.costs, work, std::move(stack), options.lint});
}

void judge(Session& session, const LintResult* lint) {
  JudgeOptions options;
  options.lint = lint;
  judge(session, options);
}

}  // namespace concadvise
