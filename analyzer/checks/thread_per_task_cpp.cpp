#include "analyzer/checks/cpp_forms.h"
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

bool starts_thread(const Program& program, FunctionId id, int index) {
  const auto& call = program.function(id).calls[static_cast<std::size_t>(index)];
  if (call.constructs) return !call.arguments.empty() && builds(program, call, "thread");
  if (call.name == "std::async" || call.name == "boost::async") {
    // A dropped future waits for its task at once, so they run one at a time.
    if (call.use == facts::Use::dropped || call.use == facts::Use::voided) return false;
    return !call.arguments.empty() && call.arguments.front().integer != 2;  // launch::deferred
  }
  const auto* row = program.receiver(id, index);
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

bool limited(const facts::Call& call) { return guarded(call, "limited"); }

// A container that lives on after the function takes the thread: by emplace, or by a push of what was made.
bool kept_in_container(const CallSite& site) {
  // The nodes of local variables end in their line and column.
  const auto outlives = [](const std::string& node) {
    const auto at = node.rfind('@');
    return !node.empty() && (at == std::string::npos || at + 1 == node.size() || node.find_first_not_of("0123456789:", at + 1) != std::string::npos);
  };
  const auto& calls = site.function.calls;
  int from = site.index;
  if (!site.call.implicit.empty()) {
    if (outlives(site.call.stored_in)) return true;
    while (from >= 0 && !(calls[static_cast<std::size_t>(from)].implicit.empty() && calls[static_cast<std::size_t>(from)].place == site.call.place)) --from;
  }
  for (int depth = 0; from >= 0 && depth < 4; ++depth, from = calls[static_cast<std::size_t>(from)].passed_to) {
    const auto& call = calls[static_cast<std::size_t>(from)];
    const auto last = last_part(call.name);
    if ((last == "push_back" || last == "push_front" || last == "insert" || last == "emplace_back" || last == "emplace" || last == "push") && call.object)
      return std::any_of(call.object->sources.begin(), call.object->sources.end(), outlives);
  }
  return false;
}

// A loop that has a round for each item, or for each thing that comes in; not one that counts up to a number of workers.
bool loops_over_items(const Program& program, const CallSite& caller) {
  if (caller.call.loop < 0 || limited(caller.call) || !loops_without_limit(program, caller.id, caller.call.loop)) return false;
  const auto& loop = caller.function.loops[static_cast<std::size_t>(caller.call.loop)];
  return loop.bound != facts::Bound::condition || loop.over.type.empty() || loop.over.integer;
}

// A C++ thread made for an item: in a loop over items that is not over the threads themselves, or detached or kept by a
// function that such a loop calls.
bool per_item(const Program& program, const CallSite& site) {
  if (site.call.loop >= 0) {
    if (!loops_without_limit(program, site.id, site.call.loop)) return false;
    const auto& over = site.function.loops[static_cast<std::size_t>(site.call.loop)].over;
    return !site.call.implicit.empty() || site.call.stored_in.empty() || !share_node(program.upstream({site.call.stored_in}), over.sources);
  }
  const auto detached = std::any_of(site.function.calls.begin(), site.function.calls.end(), [&](const facts::Call& later) {
    return last_part(later.name) == "detach" && later.object && later.place.line >= site.call.place.line;
  });
  if (!detached && !kept_in_container(site)) return false;
  bool per_round = false;
  each_call(program, [&](const CallSite& caller) {
    if (per_round || !loops_over_items(program, caller)) return;
    const auto& targets = program.callees(caller.id, caller.index);
    per_round = std::any_of(targets.begin(), targets.end(), [&](const Resolved& r) { return r.callee == site.id; });
  });
  return per_round;
}

}  // namespace

void thread_per_task_in_cpp(const Program& program, Findings& findings) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || program.language(id) != facts::Language::cpp) continue;
    for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
      const auto& call = f.calls[static_cast<std::size_t>(c)];
      if (!starts_thread(program, id, c) || limited(call) || !per_item(program, {id, f, c, call}) || runs_loop(program, call)) continue;
      Finding finding = draft();
      finding.context = "plain";
      finding.confidence = 0.9;
      finding.message = fmt::format("`{}` in a {}loop without a limit: one thread for every item", call.name, call.loop >= 0 ? "" : "function that is called in a ");
      finding.fix = "a pool with a fixed number of threads, or tasks of an event loop";
      findings.add(id, call.place, std::move(finding));
    }
  }
}

}  // namespace concadvise
