#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

void uses_after_hand_over(const Program& program, Findings& findings) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || last_part(f.name) != "await_suspend") continue;
    for (const auto& access : f.accesses) {
      if (access.node != facts::node::trait("handed-over")) continue;
      Finding finding = draft();
      finding.context = "coroutine";
      finding.confidence = 0.8;
      finding.message = "await_suspend uses its awaiter after it has given the coroutine away: that may be resumed by now, and its frame with the awaiter gone";
      finding.fix = "do it before the hand-over, or keep what is needed in a local";
      findings.add(id, access.place, std::move(finding));
    }
  }
}

void run(const Program& program, Findings& findings) {
  uses_after_hand_over(program, findings);
  each_call(program, [&](const CallSite& site) {
    if (last_part(site.function.name) != "await_suspend" || !site.call.object) return;
    if (site.call.name != "std::coroutine_handle::resume" && site.call.name != "std::coroutine_handle::operator()") return;
    const std::string own = facts::node::parameter(site.function.key, 0);
    if (std::find(site.call.object->sources.begin(), site.call.object->sources.end(), own) == site.call.object->sources.end()) return;
    Finding finding = draft();
    finding.context = "coroutine";
    finding.message = "await_suspend resumes the coroutine that it was called for: the stack grows with every await, and the awaiter may be gone when resume() returns";
    finding.fix = "return false (or the handle to go on with) from await_suspend";
    findings.add(site.id, site.call.place, std::move(finding));
  });
}

}  // namespace

extern const Check check_resume_in_await_suspend;
const Check check_resume_in_await_suspend = {
    .name = "resume-in-await-suspend",
    .severity = "warning",
    .python = false,
    .extended = true,
    .summary = "await_suspend resumes its own coroutine inline, or uses its awaiter after it gave the coroutine away.",
    .documentation = R"md(
`h.resume()` inside `await_suspend(h)` runs the rest of the coroutine on top of the current stack; after it the awaiter, which lives
in the coroutine's frame, may not exist any more.

So may it be gone once another thread or loop has the handle: what comes after `pool.post(h)` must not touch the awaiter.

Instead: return `false` from await_suspend, or return the handle (symmetric transfer).
)md",
    .run = run,
};

}  // namespace concadvise
