#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analyzer/checks/async_effects.h"
#include "analyzer/checks/calls.h"
#include "analyzer/checks/pools.h"

namespace concadvise {
namespace {

void report(const Program& program, FunctionId id, const facts::Place& place, const Context& context, const Effect& work, Findings& findings) {
  Finding finding = draft();
  finding.effect = "compute";
  finding.context = context.why;
  finding.confidence = context.kind == Context::Kind::io_pool ? 0.9 : 0.7;
  finding.message = fmt::format("`{}` computes for long on {}: a few such tasks occupy its threads, and the short ones behind them wait", work.leaf,
                                context.kind == Context::Kind::io_pool || context.kind == Context::Kind::loop_callback ? "a pool that serves I/O" : fmt::format("{}, which is not sized for computing", context.pool.empty() ? "a pool" : "`" + context.pool + "`"));
  finding.fix = work.row && !work.row->replacement.empty() ? work.row->replacement : "give computing a pool of its own, with as many threads as cores";
  finding.chain = chain_of(program, work);
  findings.add(id, place, std::move(finding));
}

// A pool that the library reads files and resolves names with, which the program has it do. `files`: the latter, once it was asked.
bool shared_with_files(const Program& program, const Context& context, std::optional<bool>& files) {
  if (context.given_by < 0 || context.given_by_call < 0) return false;
  const auto& given = program.function(context.given_by).calls[static_cast<std::size_t>(context.given_by_call)];
  if (!program.knowledge().type(given.name, "file-pool-task")) return false;
  if (!files) {
    files = false;
    each_call(program, [&](const CallSite& site) { files = *files || program.knowledge().type(site.call.name, "file-pool-user"); });
  }
  return *files;
}

void run(const Program& program, Findings& findings) {
  std::optional<bool> files;
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id)
    for (const auto& context : program.contexts(id)) {
      if (context.root != id || !is_io_pool(program, context) || wraps_tasks(program, context)) continue;
      // Work that a coroutine or callback moves off its loop is where it should be.
      if (context.given_by >= 0 && on_loop(program, context.given_by) && !shared_with_files(program, context, files)) continue;
      const auto& f = program.function(id);
      if (const Effect* own = program.compute(id); own && own->chain.front().call < 0) {
        if (f.lambda || context.given_by < 0) report(program, id, own->leaf_place, context, *own, findings);
        else report(program, context.given_by, context.given_at, context, *own, findings);
      }
      for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
        const Effect* work = program.compute_of_call(id, c);
        if (!work) continue;
        if (f.lambda || context.given_by < 0) report(program, id, f.calls[static_cast<std::size_t>(c)].place, context, *work, findings);
        else report(program, context.given_by, context.given_at, context, *work, findings);
      }
    }
}

}  // namespace

extern const Check check_compute_in_io_pool;
const Check check_compute_in_io_pool = {
    .name = "compute-in-io-pool",
    .severity = "warning",
    .python = false,
    .summary = "Heavy computation in a pool whose threads are there to serve I/O.",
    .documentation = R"md(
A pool for I/O has many tasks that hold a thread for microseconds. One that computes for seconds takes the thread away from all of
them; with as many of those as threads, the pool stands still.

    crew.give([out] { *out = collatz(50'000'000); });

Instead: a second pool with `std::thread::hardware_concurrency()` threads for what computes.

Never flagged: pools sized for the cores, pools declared as mixed, work that a coroutine or callback moves off its loop (but to libuv's
pool it is, where the program has that read files or resolve names as well).
)md",
    .run = run,
};

}  // namespace concadvise
