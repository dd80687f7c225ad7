#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

// Arguments of a wait that has no predicate: the lock, and for the timed ones the time.
std::size_t bare_arguments(std::string_view method) {
  if (method == "wait") return 1;
  if (method == "wait_for" || method == "wait_until") return 2;
  return 0;
}

void run(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    const auto& call = site.call;
    const std::string_view name = call.name;
    const auto at = call.arguments.empty() ? std::string_view::npos : name.rfind("::");
    const bool cpp = at != std::string_view::npos && bare_arguments(last_part(name)) == call.arguments.size() && program.knowledge().type(name.substr(0, at), "condition-variable");
    if (!cpp && call.name != "pthread_cond_wait") return;
    if (call.loop >= 0 || on_loop(program, site.id)) return;
    // A pause that may be cut short, taken only while the state says so.
    const bool timed = last_part(call.name) != "wait" && cpp;
    if (timed && call.use == facts::Use::dropped && guarded(call, "branch")) return;
    Finding finding = draft();
    finding.effect = "wait";
    finding.context = "plain";
    finding.message = fmt::format("`{}` is called outside a loop that looks at the state again: a wake-up can be spurious, and one that came earlier is lost", call.name);
    finding.fix = "pass the condition as predicate: `cv.wait(lock, [&] { return ready; })`";
    findings.add(site.id, call.place, std::move(finding));
  });
}

}  // namespace

extern const Check check_wait_without_predicate;
const Check check_wait_without_predicate = {
    .name = "wait-without-predicate",
    .severity = "warning",
    .python = false,
    .summary = "A condition variable is waited for without looking at the condition again.",
    .documentation = R"md(
A condition variable can wake without a reason, and a notification that came before the wait is lost. Only the state says whether
to go on.

    std::unique_lock lock(mutex);
    ready_cv.wait(lock);            // woken, but is it ready?

Instead: `ready_cv.wait(lock, [&] { return ready; })`.

Never flagged: the overload with a predicate, a wait inside a loop.
)md",
    .run = run,
};

}  // namespace concadvise
