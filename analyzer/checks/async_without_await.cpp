#include "analyzer/checks/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace concadvise {
namespace {

bool gathers(const std::string& name) {
  return name == "asyncio.gather" || name == "asyncio.create_task" || name == "asyncio.TaskGroup.create_task" || name == "asyncio.wait" ||
         name == "asyncio.as_completed" || name == "asyncio.ensure_future";
}

void run(const Program& program, Findings& findings) {
  std::map<FunctionId, const facts::Call*> gathered;
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    if (program.language(id) != facts::Language::python || program.function(id).test) continue;
    for (const auto& call : program.function(id).calls) {
      if (!gathers(call.name)) continue;
      for (const auto& argument : call.arguments)
        for (const auto& node : program.upstream(argument.sources))
          if (node.starts_with("ret:"))
            if (const FunctionId target = program.find(std::string_view(node).substr(4)); target >= 0) gathered.try_emplace(target, &call);
    }
  }
  for (const auto& [id, call] : gathered) {
    const auto& f = program.function(id);
    // A body that neither calls nor loops nor computes is a stub or a constant.
    const bool stub = f.calls.empty() && f.loops.empty() && f.end_line - f.place.line > 3;
    if (f.kind != facts::FunctionKind::coroutine || !f.suspensions.empty() || !f.overrides.empty() || !f.attributes.empty() || stub) continue;
    // What blocks or computes in it is reported as that, which says more.
    bool said = program.compute(id) != nullptr;
    for (const auto& effect : program.effects(id)) said = said || effect.tier != Tier::lock;
    if (said) continue;
    Finding finding = draft();
    finding.context = "coroutine";
    finding.confidence = 0.8;
    finding.message = fmt::format("`{}` never awaits anything, so running it through `{}` overlaps nothing", f.name, call->name);
    finding.fix = "a plain function";
    findings.add(id, f.place, std::move(finding));
  }
}

}  // namespace

extern const Check check_async_without_await;
const Check check_async_without_await = {
    .name = "async-without-await",
    .severity = "note",
    .cpp = false,
    .summary = "An `async def` that never awaits is run as if it were concurrent.",
    .documentation = R"md(
`asyncio.gather` over coroutines that never await runs them one after the other: there is nothing to switch at. It looks
concurrent, costs more than plain calls, and gains nothing.

    async def square(x):
        return x * x

    await asyncio.gather(*(square(x) for x in values))

Instead: plain functions; for computation a process pool.

Never flagged: coroutines that an interface asks for (overrides, protocols, routes), and bodies that are only a stub.
)md",
    .run = run,
};

}  // namespace concadvise
