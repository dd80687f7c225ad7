#include <fmt/format.h>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

void run(const Program& program, Findings& findings) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.kind != facts::FunctionKind::coroutine || f.test) continue;
    for (const auto& loop : f.loops) {
      if (loop.suspends || loop.exits || loop.bound != facts::Bound::endless) continue;
      Finding finding = draft();
      finding.context = "coroutine";
      finding.effect = "compute";
      finding.message = fmt::format("this loop of the coroutine `{}` never ends and never suspends: nothing else on the loop runs again", f.name);
      finding.fix = "suspend in every turn, or move the loop to a thread";
      findings.add(id, loop.place, std::move(finding));
    }
  }
}

}  // namespace

extern const Check check_loop_without_suspension;
const Check check_loop_without_suspension = {
    .name = "loop-without-suspension",
    .severity = "warning",
    .extended = true,
    .summary = "An unbounded loop in a coroutine that never suspends.",
    .documentation = R"md(
A coroutine gives the thread back only where it suspends. A loop without end and without a suspension keeps it for good.

Instead: await something in every turn (a timer, `yield`), or run the loop on a thread of its own.
)md",
    .run = run,
};

}  // namespace concadvise
