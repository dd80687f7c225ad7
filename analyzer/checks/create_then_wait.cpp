#include "analyzer/checks/check.h"
#include "analyzer/checks/cpp_forms.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

bool starts_task(const std::string& name) {
  return name.ends_with("Executor.submit") || name == "multiprocessing.Pool.apply_async" || name == "multiprocessing.ThreadPool.apply_async";
}

bool waits_for(const std::string& name) {
  return name == "concurrent.futures.Future.result" || name == "multiprocessing.pool.AsyncResult.get" || name == "multiprocessing.pool.AsyncResult.wait" ||
         name == "threading.Thread.join" || name == "multiprocessing.Process.join";
}

bool same_thing(const facts::Call& made, const facts::Call& waited) {
  if (!waited.object) return false;
  if (made.use == facts::Use::chained) return waited.place.line == made.place.line && waited.place.column == made.place.column;
  const auto& sources = waited.object->sources;
  return !made.stored_in.empty() && std::find(sources.begin(), sources.end(), made.stored_in) != sources.end();
}

void run(const Program& program, Findings& findings) {
  create_then_wait_in_cpp(program, findings);
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || program.language(id) != facts::Language::python) continue;
    // On a loop this is a blocking wait, which has a rule of its own.
    if (f.kind == facts::FunctionKind::coroutine || f.kind == facts::FunctionKind::async_generator) continue;
    // A task that waits for another of its pool has a rule of its own.
    const auto& contexts = program.contexts(id);
    if (std::any_of(contexts.begin(), contexts.end(), [&](const Context& c) { return c.root == id && !c.pool.empty(); })) continue;
    for (std::size_t i = 0; i < f.calls.size(); ++i) {
      const auto& made = f.calls[i];
      const bool thread = made.constructs && (program.knowledge().type(made.name, "thread") || program.knowledge().type(made.name, "process"));
      if (!thread && !starts_task(made.name)) continue;
      std::size_t next = i + 1;
      if (thread && next < f.calls.size() && f.calls[next].name.ends_with(".start")) ++next;
      if (next >= f.calls.size() || !waits_for(f.calls[next].name) || !same_thing(made, f.calls[next])) continue;
      if (!f.calls[next].arguments.empty() || f.calls[next].loop != made.loop) continue;  // a time limit is a reason
      Finding finding = draft();
      finding.context = "plain";
      finding.confidence = 0.85;
      finding.message = fmt::format("`{}` and at once `{}` (line {}): nothing runs meanwhile", made.name, f.calls[next].name, f.calls[next].place.line);
      finding.fix = "call the function, or start everything before waiting for anything";
      findings.add(id, made.place, std::move(finding));
    }
  }
}

}  // namespace

extern const Check check_create_then_wait;
const Check check_create_then_wait = {
    .name = "create-then-wait",
    .severity = "warning",
    .summary = "A thread, process or task is made and waited for at once: the work is no faster, and the start is paid for.",
    .documentation = R"md(
thread = threading.Thread(target=work)
    thread.start()
    thread.join()

Nothing runs meanwhile, so this is a function call with a detour.

Instead: call the function; or start everything first and wait afterwards.

Never flagged: work between start and wait, offloading from an event loop.
)md",
    .run = run,
};

}  // namespace concadvise
