#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

void run(const Program& program, Findings& findings) {
  for (const auto& given : program.handovers()) {
    const auto& giver = program.function(given.caller);
    if (giver.test || given.kind != Context::Kind::compute_pool) continue;
    const auto& contexts = program.contexts(given.caller);
    const bool nested = std::any_of(contexts.begin(), contexts.end(), [](const Context& c) {
      return c.kind == Context::Kind::compute_pool || c.kind == Context::Kind::pool || c.kind == Context::Kind::process;
    });
    if (!nested) continue;
    Finding finding = draft();
    finding.context = given.why;
    finding.message = "a task of a pool starts parallel work itself: together they want more threads than there are cores";
    finding.fix = "make one of the two levels sequential, or let both share one scheduler";
    findings.add(given.caller, giver.calls[static_cast<std::size_t>(given.call)].place, std::move(finding));
  }
}

}  // namespace

extern const Check check_nested_parallelism;
const Check check_nested_parallelism = {
    .name = "nested-parallelism",
    .severity = "note",
    .extended = true,
    .summary = "Parallel work is started inside the tasks of a pool.",
    .documentation = R"md(
A pool that fills the cores leaves none for parallel regions inside its tasks: threads multiply and take turns.

Instead: parallelize the outer level only, or use one scheduler for both (oneTBB nests well).
)md",
    .run = run,
};

}  // namespace concadvise
