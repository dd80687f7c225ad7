#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

std::string twin_of(const facts::Class& klass, std::string_view method) {
  const std::string name(method);
  const std::string capital = name.empty() ? name : std::string(1, static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])))) + name.substr(1);
  for (const auto& candidate : {"async_" + name, name + "_async", "co_" + name, "async" + capital, name + "Async", "a" + name})
    if (std::find(klass.method_names.begin(), klass.method_names.end(), candidate) != klass.method_names.end()) return candidate;
  return {};
}

void run(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    const auto& call = site.call;
    if (!on_loop(program, site.id) || !call.object || call.use == facts::Use::awaited || !call.implicit.empty() || call.constructs) return;
    if (!program.effects_of_call(site.id, site.index).empty()) return;  // said more exactly by another rule
    const auto* klass = program.class_of(call.object->type);
    const auto method = last_part(call.name);
    if (!klass || method.empty()) return;
    // Within the class itself the synchronous form is often how the twin is built.
    if (site.function.owner == klass->key) return;
    if (const auto* row = program.knowledge().sibling(call.name); row && row->twin.empty()) return;
    const std::string twin = twin_of(*klass, method);
    if (twin.empty()) return;
    Finding finding = draft();
    finding.context = "coroutine";
    finding.confidence = 0.6;
    finding.message = fmt::format("`{}` is called on an event loop although `{}` offers `{}`", call.name, klass->name, twin);
    finding.fix = fmt::format("await `{}`", twin);
    findings.add(site.id, call.place, std::move(finding));
  });
}

}  // namespace

extern const Check check_async_sibling;
const Check check_async_sibling = {
    .name = "async-sibling",
    .severity = "warning",
    .python = false,
    .summary = "A synchronous method is called on an event loop although its class offers the asynchronous twin.",
    .documentation = R"md(
A class that offers `read` and `async_read` says by that that `read` waits.

    co_await cache.async_load(key);   // not: cache.load(key)

Never flagged: calls inside the class itself, pairs that the knowledge excludes.
)md",
    .run = run,
};

}  // namespace concadvise
