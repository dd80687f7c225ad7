#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

bool awaited_in_the_end(const Program& program, const CallSite& site) {
  const facts::Function& f = site.function;
  const facts::Call* at = &site.call;
  for (int depth = 0; depth < 8; ++depth) {
    if (at->use == facts::Use::awaited) return true;
    if (at->use == facts::Use::stored && !at->stored_in.empty())
      return std::any_of(f.suspensions.begin(), f.suspensions.end(), [&](const facts::Suspension& s) {
        return std::find(s.operand.sources.begin(), s.operand.sources.end(), at->stored_in) != s.operand.sources.end();
      });
    if (at->passed_to < 0) return false;
    if (waits_for_argument(program, site.id, at->passed_to)) return true;
    at = &f.calls[static_cast<std::size_t>(at->passed_to)];
  }
  return false;
}

void run(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    const auto& call = site.call;
    if (!call.object || call.targets.size() != 1) return;
    const FunctionId target = program.find(call.targets.front());
    if (target < 0) return;
    const auto& lambda = program.function(target);
    if (!lambda.lambda || lambda.kind != facts::FunctionKind::coroutine || lambda.captures.empty() || lambda.parent != site.function.key) return;
    const bool temporary = call.object->lifetime == facts::Lifetime::temporary;
    if (!temporary && call.object->lifetime != facts::Lifetime::local) return;
    if (awaited_in_the_end(program, site)) return;
    // The frame refers to the closure for every capture; an eager coroutine may have read them before it first suspends.
    const auto used = std::find_if(lambda.captures.begin(), lambda.captures.end(), [&](const facts::Capture& c) {
      return lambda.lazy || c.used_after_suspension.line > 0;
    });
    if (used == lambda.captures.end()) return;
    // A local closure whose coroutine is only stored in the same scope may be finished there.
    const bool let_go = (call.use == facts::Use::dropped || call.use == facts::Use::voided) && !lambda.lazy;
    if (!temporary && call.use != facts::Use::argument && call.use != facts::Use::returned && !let_go) return;
    if (!temporary && call.use != facts::Use::returned && stays(program, site)) return;
    Finding finding = draft();
    finding.context = "coroutine";
    finding.effect = "lifetime";
    finding.message = fmt::format("the coroutine outlives its closure: `{}` is captured by a lambda that is gone {} (called on line {})", used->name,
                                  temporary ? "at the end of the expression" : "at the end of the scope", call.place.line);
    finding.fix = "pass what it needs as parameters (they are copied into the coroutine), or await it in the same expression";
    findings.add(target, lambda.place, std::move(finding));
  });
}

}  // namespace

extern const Check check_coroutine_lambda_capture;
const Check check_coroutine_lambda_capture = {
    .name = "coroutine-lambda-capture",
    .severity = "error",
    .python = false,
    .summary = "A lambda coroutine uses captures of a closure that is gone when it resumes.",
    .documentation = R"md(
Captures live in the closure object, not in the coroutine's frame: the frame holds a reference to the closure. When the closure
dies before the coroutine has finished, every capture dangles, those by value too.

    loop.spawn([name]() -> task<> { co_await timer(); use(name); }());   // the closure dies at the semicolon

Instead: `loop.spawn([](std::string name) -> task<> { ... }(name));`. Parameters are copied into the frame.

Never flagged: a coroutine that is awaited in the same expression, a closure that is kept, a lambda handed to `co_spawn` uncalled.
)md",
    .run = run,
};

}  // namespace concadvise
