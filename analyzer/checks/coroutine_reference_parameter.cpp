#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

// Whether the call's coroutine is awaited before the full expression ends: directly, or as an argument of what is.
bool awaited(const Program& program, const CallSite& site) {
  const facts::Function& f = site.function;
  const facts::Call* at = &site.call;
  for (int depth = 0; depth < 8; ++depth) {
    if (at->use == facts::Use::awaited) return true;
    if (at->passed_to < 0) return false;
    if (waits_for_argument(program, site.id, at->passed_to)) return true;
    at = &f.calls[static_cast<std::size_t>(at->passed_to)];
  }
  return false;
}

// A coroutine that runs already, kept in a local of a plain function that does nothing with it: it is on its own when the
// function ends.
bool left_alone(const Program& program, const CallSite& site, const facts::Function& coroutine) {
  const auto& f = site.function;
  const auto& kept = site.call.stored_in;
  if (site.call.use != facts::Use::stored || kept.find('/') == std::string::npos || coroutine.lazy || f.kind != facts::FunctionKind::plain) return false;
  const auto has = [&](const facts::Texts& nodes) { return std::find(nodes.begin(), nodes.end(), kept) != nodes.end(); };
  if (has(program.upstream({facts::node::result(f.key)})) || stays(program, site)) return false;
  return std::none_of(f.calls.begin(), f.calls.end(), [&](const facts::Call& other) {
    return other.implicit.empty() && &other != &site.call &&
           ((other.object && has(other.object->sources)) || std::any_of(other.arguments.begin(), other.arguments.end(), [&](const facts::Value& value) { return has(value.sources); }));
  });
}

bool keeps_address(facts::Passing passing) {
  return passing == facts::Passing::reference || passing == facts::Passing::rvalue_reference || passing == facts::Passing::view;
}

void run(const Program& program, Findings& findings) {
  std::set<std::pair<FunctionId, std::size_t>> told;
  each_call(program, [&](const CallSite& site) {
    const auto& call = site.call;
    if (call.targets.size() != 1) return;
    const FunctionId target = program.find(call.targets.front(), call.place.file);
    if (target < 0) return;
    const auto& coroutine = program.function(target);
    if (coroutine.kind != facts::FunctionKind::coroutine || awaited(program, site)) return;
    for (std::size_t i = 0; i < std::min(call.arguments.size(), coroutine.parameters.size()); ++i) {
      const auto& parameter = coroutine.parameters[i];
      if (!keeps_address(parameter.passing) || parameter.used_after_suspension.line == 0) continue;
      const auto lifetime = call.arguments[i].lifetime;
      const bool temporary = lifetime == facts::Lifetime::temporary;
      const bool dying = lifetime == facts::Lifetime::local &&
                         (call.use == facts::Use::returned || (call.use == facts::Use::argument && !stays(program, site)) || left_alone(program, site, coroutine));
      if (!temporary && !dying) continue;
      Finding finding = draft();
      finding.context = "coroutine";
      finding.effect = "lifetime";
      const std::string what = temporary ? "a temporary" : fmt::format("its local `{}`", call.arguments[i].spelling);
      finding.message = fmt::format("`{}` uses its parameter `{}` after it was suspended (line {}), but `{}` (line {}) binds {} to it that is gone by then", coroutine.name, parameter.name,
                                    parameter.used_after_suspension.line, site.function.name, call.place.line, what);
      finding.fix = fmt::format("take `{}` by value, or await the call in the same expression", parameter.name);
      finding.chain = {{program.files()[call.place.file], call.place.line, site.function.name},
                       {program.files()[parameter.used_after_suspension.file], parameter.used_after_suspension.line, coroutine.name}};
      // Where it is mended for all callers; the first one is named.
      if (told.insert({target, i}).second) findings.add(target, coroutine.place, std::move(finding));
      return;
    }
  });
}

}  // namespace

extern const Check check_coroutine_reference_parameter;
const Check check_coroutine_reference_parameter = {
    .name = "coroutine-reference-parameter",
    .severity = "error",
    .python = false,
    .summary = "A coroutine uses a reference parameter after a suspension, and a caller binds something that is gone by then.",
    .documentation = R"md(
A coroutine's frame copies parameters that are values; a reference or view stays a reference. What it refers to must live until
the coroutine has finished, not until the call returns.

    task<> greet(const std::string& name) { co_await timer(); print(name); }
    loop.spawn(greet("a temporary"));       // gone at the semicolon

Instead: take the parameter by value, or `co_await greet(...)` in the same expression.

It is told at the coroutine, where it is mended for all callers, with the first call that binds something too short-lived.

Never flagged: calls that are awaited in place, parameters that are not used after a suspension, objects that outlive the call.
)md",
    .run = run,
};

}  // namespace concadvise
