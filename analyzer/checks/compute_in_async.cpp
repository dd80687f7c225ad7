#include "analyzer/checks/async_effects.h"
#include "analyzer/checks/pools.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

// Whether the code behind the suspensions `after` runs on an event loop.
bool on_loop(const Program& program, FunctionId id, const std::vector<int>& after) {
  const auto kind = program.function(id).kind;
  if (kind == facts::FunctionKind::coroutine || kind == facts::FunctionKind::async_generator) {
    const Context* context = program.context_at(id, after);
    return context && context->kind == Context::Kind::coroutine;
  }
  const auto& contexts = program.contexts(id);
  return std::any_of(contexts.begin(), contexts.end(), [&](const Context& context) {
    return context.kind == Context::Kind::loop_callback && context.root == id && !is_io_pool(program, context);
  });
}

// Where a call leads to several functions, at least half of them must compute.
bool likely(const Program& program, const Effect& effect) {
  return std::all_of(effect.chain.begin(), effect.chain.end(), [&](const ChainStep& step) {
    if (step.call < 0 || step.callee < 0) return true;
    const auto& targets = program.callees(step.function, step.call);
    const auto heavy = std::count_if(targets.begin(), targets.end(), [&](const Resolved& r) {
      return r.callee == step.callee || program.compute(r.callee) != nullptr;  // that one may compute for long only in this caller's loop
    });
    return 2 * heavy >= static_cast<std::ptrdiff_t>(targets.size());
  });
}

void report(const Program& program, FunctionId id, const facts::Place& place, const Effect& effect, Findings& findings) {
  const auto& f = program.function(id);
  const bool callback = f.kind != facts::FunctionKind::coroutine && f.kind != facts::FunctionKind::async_generator;
  Finding finding = draft();
  finding.effect = "compute";
  finding.context = callback ? "loop-callback" : "coroutine";
  finding.confidence = effect.row ? 0.9 : 0.8;
  const std::string what = effect.row ? fmt::format("`{}` {}", effect.leaf, effect_text(effect))
                           : effect.leaf == f.name ? std::string("this loop computes for long")
                                                   : fmt::format("`{}` computes for long", effect.leaf);
  finding.message = fmt::format("{} on the event loop, and everything else waits until it is done: `{}` is {}", what, f.name,
                                callback ? "an event-loop callback" : "a coroutine");
  if (effect.row && !effect.row->replacement.empty()) finding.fix = effect.row->replacement;
  else finding.fix = program.language(id) == facts::Language::python ? "await loop.run_in_executor(process_pool, ...)" : "post it to a compute pool";
  finding.chain = chain_of(program, effect);
  findings.add(id, place, std::move(finding));
}

void run(const Program& program, Findings& findings) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test) continue;
    if (const Effect* own = program.compute(id); own && own->chain.size() == 1 && own->chain.front().call < 0) {
      const auto loop = std::find_if(f.loops.begin(), f.loops.end(), [&](const facts::Loop& l) { return l.place == own->leaf_place; });
      if (on_loop(program, id, loop == f.loops.end() || loop->after.empty() ? std::vector<int>{-1} : loop->after)) report(program, id, own->leaf_place, *own, findings);
    }
    for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
      const auto& call = f.calls[static_cast<std::size_t>(c)];
      if (const Effect* work = program.compute_of_call(id, c); work && likely(program, *work) && on_loop(program, id, call.after)) report(program, id, call.place, *work, findings);
    }
  }
}

}  // namespace

extern const Check check_compute_in_async;
const Check check_compute_in_async = {
    .name = "compute-in-async",
    .severity = "warning",
    .summary = "Heavy computation on an event loop: nothing else runs until it is done.",
    .documentation = R"md(
Async overlaps waiting; it adds no computing power. A loop serves everyone from one thread, so a second of arithmetic in one
coroutine is a second of silence for all.

    async def checksum(request):
        for i in range(20_000_000): ...

Instead: a process pool (`loop.run_in_executor(process_pool, f)`), a thread if the work releases the GIL, in C++ a compute pool; for
long loops that must stay, give way now and then (`await asyncio.sleep(0)`).

Never flagged: work on small constant data, loops that suspend, work handed to a pool.
)md",
    .run = run,
};

}  // namespace concadvise
