#include "analyzer/checks/cpp_forms.h"
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

bool starts_thread(const Program& program, const facts::Call& call) {
  if (call.constructs) return !call.arguments.empty() && builds(program, call, "thread");
  if (call.name == "std::async" || call.name == "boost::async") return !call.arguments.empty() && call.arguments.front().integer != 2;  // launch::deferred
  const auto* row = program.knowledge().receiver(call);
  return row && row->context == "thread";
}

// A thread that runs an event loop is a worker, one per loop.
bool runs_loop(const Program& program, const facts::Call& call) {
  return std::any_of(call.arguments.begin(), call.arguments.end(), [&](const facts::Value& argument) {
    const auto given = program.callables(argument);
    return std::any_of(given.begin(), given.end(), [&](FunctionId f) {
      const auto& effects = program.effects(f);
      return std::any_of(effects.begin(), effects.end(), [](const Effect& e) { return e.row && e.row->rule == "sync-over-async"; });
    });
  });
}

// A C++ thread made for an item: in a loop over items that is not over the threads themselves, or detached by a function
// that an endless loop calls.
bool per_item(const Program& program, const CallSite& site) {
  if (site.call.loop >= 0) {
    if (!loops_without_limit(program, site.id, site.call.loop)) return false;
    const auto& over = site.function.loops[static_cast<std::size_t>(site.call.loop)].over;
    return !site.call.implicit.empty() || site.call.stored_in.empty() || !share_node(program.upstream({site.call.stored_in}), over.sources);
  }
  const auto detached = std::any_of(site.function.calls.begin(), site.function.calls.end(), [&](const facts::Call& later) {
    return last_part(later.name) == "detach" && later.object && later.place.line >= site.call.place.line;
  });
  if (!detached) return false;
  bool endless = false;
  each_call(program, [&](const CallSite& caller) {
    if (caller.call.loop < 0 || endless) return;
    const auto& targets = program.callees(caller.id, caller.index);
    if (std::none_of(targets.begin(), targets.end(), [&](const Resolved& r) { return r.callee == site.id; })) return;
    const auto bound = caller.function.loops[static_cast<std::size_t>(caller.call.loop)].bound;
    endless = bound == facts::Bound::endless || bound == facts::Bound::condition;
  });
  return endless;
}

}  // namespace

void thread_per_task_in_cpp(const Program& program, Findings& findings) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || program.language(id) != facts::Language::cpp) continue;
    for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
      const auto& call = f.calls[static_cast<std::size_t>(c)];
      if (std::find(call.guards.begin(), call.guards.end(), "limited") != call.guards.end()) continue;
      if (!starts_thread(program, call) || !per_item(program, {id, f, c, call}) || runs_loop(program, call)) continue;
      Finding finding = draft();
      finding.context = "plain";
      finding.confidence = 0.9;
      finding.message = fmt::format("`{}` in a loop without a limit: one thread for every item", call.name);
      finding.fix = "a pool with a fixed number of threads, or tasks of an event loop";
      findings.add(id, call.place, std::move(finding));
    }
  }
}

}  // namespace concadvise
