#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

void run(const Program& program, Findings& findings) {
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
    .summary = "await_suspend resumes its own coroutine inline.",
    .documentation = R"md(
`h.resume()` inside `await_suspend(h)` runs the rest of the coroutine on top of the current stack; after it the awaiter, which lives
in the coroutine's frame, may not exist any more.

Instead: return `false` from await_suspend, or return the handle (symmetric transfer).
)md",
    .run = run,
};

}  // namespace concadvise
