#include "analyzer/checks/cpp_forms.h"
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

bool is_wait(const facts::Call& call) {
  const auto name = last_part(call.name);
  return name == "join" || name == "get" || name == "wait" || name == "result";
}

void tell(FunctionId id, const facts::Place& place, bool future, Findings& findings) {
  Finding finding = draft();
  finding.context = "plain";
  finding.effect = "wait";
  finding.confidence = 0.8;
  finding.message = fmt::format("{} is started and waited for at once: nothing runs at the same time", future ? "a task" : "a thread");
  finding.fix = "call the function; or do other work before waiting";
  findings.add(id, place, std::move(finding));
}

// pthread_create and pthread_join: the next call that is not written for making it waits for the same thread.
void by_handle(const Program& program, const CallSite& site, Findings& findings) {
  const auto& made = site.call;
  if (on_loop(program, site.id) || made.arguments.empty() || !made.implicit.empty()) return;
  for (int c = site.index + 1; c < static_cast<int>(site.function.calls.size()); ++c) {
    const auto& next = site.function.calls[static_cast<std::size_t>(c)];
    if (next.passed_to == site.index || !next.implicit.empty()) continue;
    const bool joins = program.knowledge().type(next.name, "joins-thread") != nullptr && !next.arguments.empty() && next.loop == made.loop;
    if (joins && next.place.line <= made.end_line + 2 && share_node(made.arguments.front().sources, next.arguments.front().sources)) tell(site.id, made.place, false, findings);
    return;
  }
}

}  // namespace

void create_then_wait_in_cpp(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    const auto& made = site.call;
    const bool future = made.name == "std::async" || made.name == "boost::async";
    if (program.language(site.id) == facts::Language::cpp && !made.object && made.arguments.size() > 2 && program.knowledge().type(made.name, "creates-thread")) return by_handle(program, site, findings);
    if (program.language(site.id) != facts::Language::cpp || (!future && !builds(program, made, "thread"))) return;
    if (on_loop(program, site.id)) return;  // there the wait itself is the finding
    if (!made.implicit.empty() || made.arguments.empty()) return;
    if (future && made.arguments.front().integer == 2) return;  // std::launch::deferred: called when it is waited for
    // The next written call that does not belong to making it.
    for (int c = site.index + 1; c < static_cast<int>(site.function.calls.size()); ++c) {
      const auto& next = site.function.calls[static_cast<std::size_t>(c)];
      if (!next.implicit.empty() || next.place == made.place) continue;
      if (!next.object || !is_wait(next) || next.loop != made.loop) return;
      const bool chained = made.use == facts::Use::chained;
      const bool same = chained || (!made.stored_in.empty() && std::find(next.object->sources.begin(), next.object->sources.end(), made.stored_in) != next.object->sources.end());
      // Anything between the two lines is work that overlaps.
      if (!same || next.place.line > made.end_line + 1) return;
      return tell(site.id, made.place, future, findings);
    }
  });
}

}  // namespace concadvise
