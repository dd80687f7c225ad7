#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

// What the condition itself calls in C++ (to load an atomic) is not the body's.
bool calls_in(const facts::Function& f, const facts::Loop& loop, bool cpp) {
  return std::any_of(f.calls.begin(), f.calls.end(), [&](const facts::Call& call) {
    const bool looks = cpp && (call.use == facts::Use::condition || call.use == facts::Use::chained || call.use == facts::Use::other);
    return call.loop >= 0 && &f.loops[static_cast<std::size_t>(call.loop)] == &loop && !looks;
  });
}

void run(const Program& program, Findings& findings) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.kind != facts::FunctionKind::coroutine || f.test) continue;
    for (const auto& loop : f.loops) {
      // A loop that asks again and again for what its empty body can't change is as endless.
      const bool spins = loop.bound == facts::Bound::condition && loop.polls && !loop.suspends && !calls_in(f, loop, program.language(id) == facts::Language::cpp);
      const bool endless = loop.bound == facts::Bound::endless && !loop.always_suspends;
      if (loop.exits || (!endless && !spins)) continue;
      Finding finding = draft();
      finding.context = "coroutine";
      finding.effect = "compute";
      finding.message = loop.suspends ? fmt::format("this loop of the coroutine `{}` never ends and has a way round that never suspends: while it takes that, nothing else on the loop runs", f.name)
                                      : fmt::format("this loop of the coroutine `{}` never ends and never suspends: nothing else on the loop runs again", f.name);
      finding.fix = "suspend in every turn, or move the loop to a thread";
      findings.add(id, loop.place, std::move(finding));
    }
  }
}

}  // namespace

extern const Check check_loop_without_suspension;
const Check check_loop_without_suspension = {
    .name = "loop-without-suspension",
    .severity = "warning",
    .extended = true,
    .summary = "An unbounded loop in a coroutine that never suspends.",
    .documentation = R"md(
A coroutine gives the thread back only where it suspends. A loop without end and without a suspension keeps it for good; one that
has a way round without a suspension keeps it for as long as that way is taken.

    while (true) {
      if (queue.empty()) continue;  // spins until another thread puts something in
      co_await handle(queue.pop());
    }

Instead: await something in every turn (a timer, `yield`), or run the loop on a thread of its own.
)md",
    .run = run,
};

}  // namespace concadvise
