#include "analyzer/checks/check.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

// Functions that start a task and give back the only strong reference to it.
bool starts_task(const facts::Call& call) {
  static const std::vector<std::string> names = {"asyncio.create_task", "asyncio.ensure_future",
                                                 "asyncio.AbstractEventLoop.create_task"};
  return std::find(names.begin(), names.end(), call.name) != names.end();
}

bool makes_coroutine(const Program& program, const facts::Call& call, std::uint32_t file) {
  if (call.result_type == "awaitable") return true;
  if (call.result_type == "maybe-awaitable") return false;
  if (program.knowledge().type(call.result_type, "lazy-awaitable")) return !call.constructs;
  if (const auto* klass = call.constructs ? nullptr : program.class_of(call.result_type); klass && klass->lazy) return true;
  if (call.targets.empty()) return false;
  return std::all_of(call.targets.begin(), call.targets.end(), [&](const facts::Text& key) {
    const FunctionId target = program.find(key, file);
    return target >= 0 && program.function(target).lazy;
  });
}

/// An `async def` given to a thread, an executor or call_soon: these call it, get a coroutine, and that is all.
void given_as_plain_functions(const Program& program, FunctionId id, Findings& findings) {
  const auto& f = program.function(id);
  for (const auto& call : f.calls) {
    if (call.arguments.empty() || !program.knowledge().type(call.name, "runs-plain-functions")) continue;
    const facts::Value* given = nullptr;
    for (const auto& argument : call.arguments) {
      const bool named = argument.keyword == "target" || argument.keyword == "function";
      if (named || (!given && argument.keyword.empty() && !argument.sources.empty() && argument.sources.front().starts_with("fn:"))) given = &argument;
    }
    if (!given) continue;
    const auto functions = program.callables(*given);
    const bool coroutines = !functions.empty() && std::all_of(functions.begin(), functions.end(), [&](FunctionId one) {
      return program.function(one).lazy && program.function(one).attributes.empty();
    });
    if (!coroutines) continue;
    Finding finding = draft();
    finding.message = fmt::format("`{}` calls `{}`, which only makes a coroutine: nothing runs, since it is never awaited", call.name, program.function(functions.front()).name);
    finding.fix = "give it a function that calls asyncio.run(...), or start a task";
    finding.context = f.kind == facts::FunctionKind::coroutine ? "coroutine" : "plain";
    findings.add(id, call.place, std::move(finding));
  }
}

void run(const Program& program, Findings& findings) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test) continue;
    if (program.language(id) == facts::Language::python) given_as_plain_functions(program, id, findings);
    for (const auto& call : f.calls) {
      if (!call.implicit.empty()) continue;
      const bool dropped = call.use == facts::Use::dropped;
      const bool decides = call.use == facts::Use::condition && program.language(id) == facts::Language::python;
      const bool unread = call.use == facts::Use::unread;
      // `_ = f()` and `(void)f()` say that the result is not wanted, but without the await nothing runs either.
      const bool voided = call.use == facts::Use::voided;
      if (!dropped && !decides && !unread && !voided) continue;
      const bool starts = dropped && starts_task(call);
      if (!starts && !makes_coroutine(program, call, f.place.file)) continue;
      Finding finding = draft();
      if (starts) {
        finding.message = fmt::format("the task that `{}` starts is not kept: the loop holds it weakly, so it may be collected before it is done", call.name);
        finding.fix = "keep it: `task = asyncio.create_task(...)` in a set that it leaves when done, or use asyncio.TaskGroup";
        finding.severity = "warning";
      } else {
        finding.message = decides ? fmt::format("`{}` gives a coroutine, which is always true: it is never awaited", call.name)
                          : unread ? fmt::format("`{}` only makes a coroutine, and the variable that it is stored in is never read: nothing runs", call.name)
                                  : fmt::format("`{}` only makes a coroutine: nothing runs, since it is never awaited", call.name);
        finding.fix = program.language(id) == facts::Language::python ? "await it" : "co_await it, or start it";
      }
      finding.context = f.kind == facts::FunctionKind::coroutine ? "coroutine" : "plain";
      findings.add(id, call.place, std::move(finding));
    }
  }
}

}  // namespace

extern const Check check_dropped_awaitable;
const Check check_dropped_awaitable = {
    .name = "dropped-awaitable",
    .severity = "error",
    .summary = "A coroutine is called and its result never awaited, or a task is started and not kept.",
    .documentation = R"md(
Calling an `async def` (or a lazy C++ task) only makes an object; nothing runs until it is awaited. And the loop keeps only a
weak reference to a task: one whose `create_task` result is dropped may be collected before it is done.

    save(document)                        # nothing happens
    asyncio.create_task(save(document))   # may vanish

Instead: `await save(document)`; or keep the task, in a set it leaves when it is done or in an `asyncio.TaskGroup`.

Never flagged: functions behind decorators that may give something else than a coroutine, tasks of a TaskGroup.
)md",
    .run = run,
};

}  // namespace concadvise
