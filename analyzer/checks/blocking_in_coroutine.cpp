#include "analyzer/checks/async_effects.h"

namespace concadvise {
namespace {

void run(const Program& program, Findings& findings) {
  each_async_effect(program, "blocking-in-coroutine", [&](const AsyncEffect& found) { report_async_effect(program, found, findings); });
}

}  // namespace

extern const Check check_blocking_in_coroutine;
const Check check_blocking_in_coroutine = {
    .name = "blocking-in-coroutine",
    .severity = "error",
    .summary = "A blocking call in a coroutine stops every task of its event loop.",
    .documentation = R"md(
A coroutine runs on a thread that it shares with other coroutines. A call that waits (a sleep, a name lookup, a synchronous
client, a future) does not suspend the coroutine: it stops the thread, and with it everything else on the loop.

The call is found directly and through any chain of functions, across files; the finding is the call inside the coroutine,
its chain leads to the call that blocks.

Instead: await the asynchronous form, or hand the call to a thread (`co_await pool.schedule()`, `asyncio.to_thread`).

Never flagged: awaited calls; work that another thread runs; bounded calls (zero timeouts, MSG_DONTWAIT, a descriptor known
not to block); generators; code before the loop starts; tests.
)md",
    .run = run,
};

}  // namespace concadvise
