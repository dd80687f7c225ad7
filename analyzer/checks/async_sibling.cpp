#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/async_effects.h"
#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

/// Names that a function's asynchronous twin goes by in Python.
std::vector<std::string> twin_names(const std::string& name) {
  return {"async_" + name, name + "_async", "a" + name, "_async" + name, "_a" + (name.starts_with('_') ? name.substr(1) : name)};
}

/// The twin of a Python function or method: declared beside it, `async`, with as many parameters. -1: none.
FunctionId python_twin(const Program& program, FunctionId id) {
  const auto& f = program.function(id);
  const auto dot = f.key.find_last_of('.');
  if (f.kind != facts::FunctionKind::plain || f.lambda || dot == std::string::npos) return -1;
  for (const auto& name : twin_names(f.key.substr(dot + 1))) {
    const FunctionId twin = program.find(f.key.substr(0, dot + 1) + name);
    if (twin < 0 || program.function(twin).kind != facts::FunctionKind::coroutine) continue;
    if (program.function(twin).parameters.size() == f.parameters.size()) return twin;
  }
  return -1;
}

void in_python(const Program& program, const CallSite& site, Findings& findings) {
  const auto& call = site.call;
  const auto kind = site.function.kind;
  const bool loop = kind == facts::FunctionKind::coroutine || kind == facts::FunctionKind::async_generator;
  if (!loop || call.targets.size() != 1 || call.use == facts::Use::awaited || !call.implicit.empty() || call.constructs) return;
  if (!program.effects_of_call(site.id, site.index).empty()) return;  // said more exactly by another rule
  const FunctionId target = program.find(call.targets.front());
  const FunctionId twin = target < 0 ? -1 : python_twin(program, target);
  // The twin itself is often built on the synchronous form.
  if (twin < 0 || twin == site.id) return;
  // A synchronous form that makes a coroutine starts it as a task, and does not wait.
  const auto& calls = program.function(target).calls;
  if (std::any_of(calls.begin(), calls.end(), [](const facts::Call& inner) { return inner.result_type.ends_with("awaitable"); })) return;
  Finding finding = draft();
  finding.context = "coroutine";
  finding.confidence = 0.6;
  finding.message = fmt::format("`{}` is called on an event loop although there is `{}`", call.name, program.function(twin).name);
  finding.fix = fmt::format("await `{}`", last_part(program.function(twin).name));
  findings.add(site.id, call.place, std::move(finding));
}

void run(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    const auto& call = site.call;
    if (program.language(site.id) == facts::Language::python) return in_python(program, site, findings);
    if (call.twin.empty() || call.use == facts::Use::awaited || !call.implicit.empty()) return;
    // Helpers can't await; what runs on a loop itself can, or can give a handler.
    if (!async_context(program, site.id, call)) return;
    if (!program.effects_of_call(site.id, site.index).empty()) return;  // said more exactly by another rule
    // Within the class itself the synchronous form is often how the twin is built.
    const auto* klass = call.object ? program.class_of(call.object->type) : nullptr;
    if (site.function.name == call.twin || (klass && site.function.owner == klass->key)) return;
    if (const auto* row = program.knowledge().sibling(call.name); row && row->twin.empty()) return;
    Finding finding = draft();
    finding.context = "coroutine";
    finding.confidence = 0.6;
    finding.message = fmt::format("`{}` is called on an event loop although there is `{}`", call.name, call.twin);
    finding.fix = fmt::format("await `{}`", last_part(call.twin));
    findings.add(site.id, call.place, std::move(finding));
  });
}

}  // namespace

extern const Check check_async_sibling;
const Check check_async_sibling = {
    .name = "async-sibling",
    .severity = "warning",
    .summary = "A synchronous function is called on an event loop although there is an asynchronous twin.",
    .documentation = R"md(
Who offers `read` and `async_read` says by that that `read` waits.

    co_await cache.async_load(key);   // not: cache.load(key)
    await store.aload(key)            # not: store.load(key)

The twin is declared in the same class or namespace (C++) or module (Python), is named `async_X`, `X_async`, `co_X`, `aX` or alike,
and is awaited with as many parameters; in C++ it may take a handler as one more instead.

Never flagged: calls inside the class itself (C++) or inside the twin, pairs that the knowledge excludes.
)md",
    .run = run,
};

}  // namespace concadvise
