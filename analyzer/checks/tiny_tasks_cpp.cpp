#include "analyzer/checks/cpp_forms.h"
#include <fmt/format.h>

#include "analyzer/checks/calls.h"

namespace concadvise {
void tiny_tasks_in_cpp(const Program& program, Findings& findings) {
  for (const auto& given : program.handovers()) {
    const auto& giver = program.function(given.caller);
    const auto& call = giver.calls[static_cast<std::size_t>(given.call)];
    if (giver.test || program.language(given.caller) != facts::Language::cpp || call.loop < 0) continue;
    if (given.kind != Context::Kind::pool && given.kind != Context::Kind::compute_pool) continue;
    const auto& loop = giver.loops[static_cast<std::size_t>(call.loop)];
    if (loop.bound == facts::Bound::constant && loop.trips < 1000) continue;
    const auto& task = program.function(given.callee);
    if (!task.has_body || !task.calls.empty() || !task.loops.empty() || !task.suspensions.empty() || task.end_line - task.place.line > 3) continue;
    Finding finding = draft();
    finding.context = given.why;
    finding.confidence = 0.7;
    finding.message = fmt::format("each task handed over here only runs a statement or two: the hand-over (about a microsecond) costs more");
    finding.fix = "give each task a range of items";
    findings.add(given.caller, call.place, std::move(finding));
  }
}

}  // namespace concadvise
