#include "analyzer/checks/calls.h"
#include "analyzer/checks/check.h"
#include "analyzer/checks/cpp_forms.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

/// One at a time: waited for in the same round.
bool joined_at_once(const facts::Function& f, const facts::Call& made) {
  return std::any_of(f.calls.begin(), f.calls.end(), [&](const facts::Call& call) {
    return call.loop == made.loop && call.name.ends_with(".join") && call.object && !made.stored_in.empty() &&
           std::find(call.object->sources.begin(), call.object->sources.end(), made.stored_in) != call.object->sources.end();
  });
}

/// Kept in a local variable for no more than starting it: nobody can wait for it afterwards.
bool only_started(const facts::Function& f, const facts::Call& made) {
  if (made.use != facts::Use::stored || made.stored_in.find(f.key) == std::string::npos) return false;
  const auto from = [&](const facts::Value& value) { return std::find(value.sources.begin(), value.sources.end(), made.stored_in) != value.sources.end(); };
  bool started = false;
  for (const auto& call : f.calls) {
    if (call.object && from(*call.object)) {
      if (last_part(call.name) != "start") return false;
      started = true;
    }
    if (std::any_of(call.arguments.begin(), call.arguments.end(), from)) return false;
  }
  return started;
}

/// An object of a class that is a thread as well, used for other things and not started here.
bool not_started(const facts::Function& f, const facts::Call& made) {
  if (made.use != facts::Use::stored || made.stored_in.find(f.key) == std::string::npos) return false;
  const auto from = [&](const facts::Value& value) { return std::find(value.sources.begin(), value.sources.end(), made.stored_in) != value.sources.end(); };
  bool used = false;
  for (const auto& call : f.calls) {
    if (std::any_of(call.arguments.begin(), call.arguments.end(), from)) return false;
    if (!call.object || !from(*call.object)) continue;
    if (last_part(call.name) == "start") return false;
    used = true;
  }
  return used;
}

/// A caller that calls the function in a loop without a limit, -1: none. A loop that goes on until something works is often a retry.
FunctionId looping_caller(const Program& program, const Callers& callers, FunctionId id) {
  for (const auto& [caller, call] : callers[static_cast<std::size_t>(id)]) {
    const auto& by = program.function(caller).calls[static_cast<std::size_t>(call)];
    const int loop = by.loop;
    if (program.function(caller).test || by.constructs || loop < 0 || !loops_without_limit(program, caller, loop)) continue;
    const auto& one = program.function(caller).loops[static_cast<std::size_t>(loop)];
    const bool accepts = one.bound == facts::Bound::collection || one.bound == facts::Bound::constant || !one.exits;
    if (accepts) return caller;
  }
  return -1;
}

/// A pool of threads with as many workers as there are items: `max_workers=len(urls)`. Of a collection that is written out
/// the number is known.
bool worker_for_each_item(const Program& program, const facts::Function& f, int index) {
  const auto& call = f.calls[static_cast<std::size_t>(index)];
  const PoolRow* pool = program.knowledge().pool(call.name);
  if (!call.constructs || !pool || pool->role != "io" || call.arguments.empty()) return false;
  const auto workers = std::find_if(call.arguments.begin(), call.arguments.end(), [](const facts::Value& argument) {
    return argument.keyword.empty() || argument.keyword == "max_workers" || argument.keyword == "processes";
  });
  if (workers == call.arguments.end() || !workers->spelling.starts_with("len(")) return false;
  return std::any_of(f.calls.begin(), f.calls.end(), [&](const facts::Call& inner) {
    return inner.passed_to == index && inner.name == "builtins.len" && !inner.arguments.empty() && !inner.arguments.front().elements;
  });
}

void pools_of_a_worker_each(const Program& program, FunctionId id, Findings& findings) {
  const auto& f = program.function(id);
  for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
    if (!worker_for_each_item(program, f, c)) continue;
    const auto& call = f.calls[static_cast<std::size_t>(c)];
    Finding finding = draft();
    finding.context = "plain";
    finding.confidence = 0.7;
    finding.message = fmt::format("`{}` with as many workers as there are items: one thread for every item", call.name);
    finding.fix = "a number of workers that does not grow with the input";
    findings.add(id, call.place, std::move(finding));
  }
}

void run(const Program& program, Findings& findings) {
  thread_per_task_in_cpp(program, findings);
  if (!has_language(program, facts::Language::python)) return;
  const Callers callers = callers_by_name(program);
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || program.language(id) != facts::Language::python) continue;
    pools_of_a_worker_each(program, id, findings);
    for (const auto& call : f.calls) {
      const bool starts = program.knowledge().type(call.name, "starts-thread") != nullptr;
      if ((!call.constructs && !starts) || joined_at_once(f, call) || not_started(f, call)) continue;
      const auto is_thread = [&](const std::string& name) {
        return program.knowledge().type(name, "thread") || program.knowledge().type(name, "process");
      };
      if (!starts && !is_thread(call.name) && std::none_of(call.names.begin(), call.names.end(), is_thread)) continue;
      const bool here = call.loop >= 0 && loops_without_limit(program, id, call.loop);
      // Of a helper only what it starts each time, and leaves alone: what is kept or given back may be waited for by its caller.
      const bool each_time = call.loop < 0 && call.guards.empty() && f.kind == facts::FunctionKind::plain && !f.constructor &&
                             (call.use == facts::Use::chained || call.use == facts::Use::dropped || only_started(f, call));
      const FunctionId caller = !here && each_time ? looping_caller(program, callers, id) : -1;
      if (!here && caller < 0) continue;
      Finding finding = draft();
      finding.context = "plain";
      finding.confidence = here ? 0.9 : 0.8;
      finding.message = here ? fmt::format("`{}` in a loop without a limit: one thread or process for every item", call.name)
                             : fmt::format("`{}` in `{}`, which `{}` calls in a loop without a limit: one thread or process for every item",
                                           call.name, f.name, program.function(caller).name);
      finding.fix = "ThreadPoolExecutor(max_workers=...), or tasks of an event loop";
      findings.add(id, call.place, std::move(finding));
    }
  }
}

}  // namespace

extern const Check check_thread_per_task;
const Check check_thread_per_task = {
    .name = "thread-per-task",
    .severity = "warning",
    .summary = "A thread is started for every item or request, without a limit.",
    .documentation = R"md(
A thread costs a stack, a start and a place in the scheduler's queue. A loop that starts one per item works for ten and fails for
ten thousand.

    for user in users:
        threading.Thread(target=notify, args=(user,)).start()

Instead: a pool (`ThreadPoolExecutor(max_workers=n).map(notify, users)`), or tasks of an event loop.

Never flagged: a fixed small number of workers.
)md",
    .run = run,
};

}  // namespace concadvise
