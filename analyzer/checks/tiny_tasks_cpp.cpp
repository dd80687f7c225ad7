#include "analyzer/checks/cpp_forms.h"
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"
#include "analyzer/checks/pools.h"

namespace concadvise {
namespace {

// Taking an element, or an operation on an atomic: a few nanoseconds.
bool trivial(const facts::Call& call) {
  if (!call.implicit.empty()) return false;
  const auto last = last_part(call.name);
  if (call.name.starts_with("std::atomic") || call.name.starts_with("std::__atomic_base"))
    return last.starts_with("operator") || last == "load" || last == "store" || last.starts_with("fetch_") || last == "exchange";
  static const std::vector<std::string_view> containers = {"std::vector::", "std::array::", "std::span::", "std::deque::", "std::basic_string::"};
  return (last == "operator[]" || last == "at" || last == "size") &&
         std::any_of(containers.begin(), containers.end(), [&](std::string_view one) { return call.name.starts_with(one); });
}

}  // namespace

void tiny_tasks_in_cpp(const Program& program, Findings& findings) {
  for (const auto& given : pool_tasks(program)) {
    const auto& giver = program.function(given.caller);
    const auto& call = giver.calls[static_cast<std::size_t>(given.call)];
    if (giver.test || program.language(given.caller) != facts::Language::cpp || call.loop < 0) continue;
    if (given.kind != Context::Kind::pool && given.kind != Context::Kind::compute_pool) continue;
    const auto& loop = giver.loops[static_cast<std::size_t>(call.loop)];
    if (loop.bound == facts::Bound::constant && loop.trips < 1000) continue;
    // What is given is a callable, no key or other object of the project that is kept beside callables.
    if (!call.arguments.empty() && std::all_of(call.arguments.begin(), call.arguments.end(), [&](const facts::Value& value) { return program.class_of(value.type) != nullptr; })) continue;
    const auto& task = program.function(given.callee);
    if (!task.has_body || !std::all_of(task.calls.begin(), task.calls.end(), trivial) || !task.loops.empty() || !task.suspensions.empty() || task.end_line - task.place.line > 3) continue;
    Finding finding = draft();
    finding.context = given.why;
    finding.confidence = 0.7;
    finding.message = fmt::format("each task handed over here only runs a statement or two: the hand-over (about a microsecond) costs more");
    finding.fix = "give each task a range of items";
    findings.add(given.caller, call.place, std::move(finding));
  }
}

}  // namespace concadvise
