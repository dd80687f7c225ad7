#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

bool in_a_pool(const Program& program, FunctionId id) {
  const auto& contexts = program.contexts(id);
  return std::any_of(contexts.begin(), contexts.end(), [](const Context& c) {
    return c.kind == Context::Kind::compute_pool || c.kind == Context::Kind::pool || c.kind == Context::Kind::process;
  });
}

/// A task that makes a pool of processes of its own, in Python.
void pools_in_tasks(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    if (program.language(site.id) != facts::Language::python || !site.call.constructs || !in_a_pool(program, site.id)) return;
    const PoolRow* pool = program.knowledge().pool(site.call.name);
    if (pool == nullptr || (pool->role != "compute" && pool->role != "process")) return;
    Finding finding = draft();
    finding.context = "a task of a pool";
    finding.message = fmt::format("a task of a pool makes a `{}` of its own: together they want more workers than there are cores", site.call.name);
    finding.fix = "make one of the two levels sequential, or let both share one pool";
    findings.add(site.id, site.call.place, std::move(finding));
  });
}

void run(const Program& program, Findings& findings) {
  pools_in_tasks(program, findings);
  for (const auto& given : program.handovers()) {
    const auto& giver = program.function(given.caller);
    if (giver.test || given.kind != Context::Kind::compute_pool) continue;
    // A task goes to the team that is there already.
    if (giver.calls[static_cast<std::size_t>(given.call)].name == "omp task") continue;
    if (!in_a_pool(program, given.caller)) continue;
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
