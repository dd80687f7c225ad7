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

void run(const Program& program, Findings& findings) {
  thread_per_task_in_cpp(program, findings);
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || program.language(id) != facts::Language::python) continue;
    for (const auto& call : f.calls) {
      if (!call.constructs || call.loop < 0 || !loops_without_limit(program, id, call.loop) || joined_at_once(f, call)) continue;
      const auto is_thread = [&](const std::string& name) {
        return program.knowledge().type(name, "thread") || program.knowledge().type(name, "process");
      };
      if (!is_thread(call.name) && std::none_of(call.names.begin(), call.names.end(), is_thread)) continue;
      Finding finding = draft();
      finding.context = "plain";
      finding.confidence = 0.9;
      finding.message = fmt::format("`{}` in a loop without a limit: one thread or process for every item", call.name);
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
