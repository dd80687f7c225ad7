#include "analyzer/checks/calls.h"
#include "analyzer/checks/check.h"
#include "analyzer/checks/cpp_forms.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

/// The variables that an object may be kept in.
facts::Texts places(const facts::Value& value) {
  facts::Texts out;
  for (const auto& source : value.sources)
    if (source.starts_with("var:")) out.push_back(source);
  return out;
}

bool meet(const facts::Texts& a, const facts::Texts& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& one) { return std::find(b.begin(), b.end(), one) != b.end(); });
}

bool waits(const std::string& name) {
  return name == "concurrent.futures.Future.result" || name == "concurrent.futures.Future.exception" || name == "concurrent.futures.wait" ||
         name == "concurrent.futures.as_completed" || name == "concurrent.futures.Executor.map().__iter__" ||
         name == "multiprocessing.pool.AsyncResult.get" || name == "multiprocessing.pool.AsyncResult.wait";
}

/// The wait that follows a hand-over to the pool inside a task of that pool; nullptr if it does not wait.
const facts::Call* wait_after(const facts::Function& f, std::size_t submit) {
  for (std::size_t i = submit + 1; i < f.calls.size(); ++i)
    if (waits(f.calls[i].name) && !guarded(f.calls[i], "ready")) return &f.calls[i];
  return nullptr;
}

/// Where the task calls a function that hands over and gives the future back; nullptr: it does not.
const facts::Call* wait_after_helper(const facts::Function& task, const facts::Function& helper, const facts::Call& given) {
  if (given.use != facts::Use::returned || helper.lambda) return nullptr;
  for (std::size_t i = 0; i < task.calls.size(); ++i)
    if (std::find(task.calls[i].targets.begin(), task.calls[i].targets.end(), helper.key) != task.calls[i].targets.end()) return wait_after(task, i);
  return nullptr;
}

void run(const Program& program, Findings& findings) {
  pool_waits_on_itself_in_cpp(program, findings);
  for (const auto& outer : program.handovers()) {
    const auto& giving = program.function(outer.caller).calls[static_cast<std::size_t>(outer.call)];
    const auto& f = program.function(outer.callee);
    if (!giving.object || f.test || program.language(outer.callee) != facts::Language::python) continue;
    const auto pool = places(*giving.object);
    const auto tell = [&](const facts::Call& call, const facts::Call& wait) {
      Finding finding = draft();
      finding.effect = "wait";
      finding.context = outer.why;
      finding.confidence = 0.9;
      finding.message = fmt::format("`{}` is {}, and waits for a task of the same pool (`{}`): when all workers wait, none is left to run it", f.name,
                                    outer.why, call.object->spelling);
      finding.fix = "call the function, or use another pool";
      finding.chain = {{program.files()[call.place.file], call.place.line, f.name}, {program.files()[wait.place.file], wait.place.line, f.name}};
      findings.add(outer.callee, wait.place, std::move(finding));
    };
    // Whatever it hands over itself, a function of the project or not.
    for (std::size_t i = 0; i < f.calls.size(); ++i) {
      const auto& call = f.calls[i];
      if (!call.object || !program.knowledge().receiver(call.name) || !meet(pool, places(*call.object))) continue;
      if (const facts::Call* wait = wait_after(f, i)) tell(call, *wait);
    }
    for (const auto& inner : program.handovers()) {
      const auto& by = program.function(inner.caller);
      const auto& call = by.calls[static_cast<std::size_t>(inner.call)];
      if (inner.caller == outer.callee || !call.object || !meet(pool, places(*call.object))) continue;
      if (const facts::Call* wait = wait_after_helper(f, by, call)) tell(call, *wait);
    }
  }
}

}  // namespace

extern const Check check_pool_waits_on_itself;
const Check check_pool_waits_on_itself = {
    .name = "pool-waits-on-itself",
    .severity = "error",
    .summary = "A task of a pool waits for another task of the same pool: with all workers waiting, nothing runs any more.",
    .documentation = R"md(
A task that waits for another task of its own pool keeps a worker meanwhile, be it by a future, a promise or a latch.

    def parent(item):
        return pool.submit(leaf, item).result()     # runs in `pool` itself

As soon as there are as many parents as workers, each holds a worker and waits for a task that no worker is left to run.

Instead: call the function, use a second pool for the inner tasks, or chain them with a callback.

Never flagged: another pool, waits of tasks that were done before.
)md",
    .run = run,
};

}  // namespace concadvise
