#include "analyzer/checks/async_effects.h"

namespace concadvise {
namespace {

void run(const Program& program, Findings& findings) {
  each_async_effect(program, "wait-in-async", [&](const AsyncEffect& found) { report_async_effect(program, found, findings); });
}

}  // namespace

extern const Check check_wait_in_async;
const Check check_wait_in_async = {
    .name = "wait-in-async",
    .severity = "error",
    .summary = "Waiting for a future, thread or process inside an async context.",
    .documentation = R"md(
The loop's thread waits for something that another thread or process has to finish. Nothing else on the loop runs until
then; if the other side needs the loop to get on, it never does.

Instead: await it (`asyncio.wrap_future`, `run_in_executor`, an awaitable of the coroutine library).
Never flagged: a wait with a zero timeout, a result that was checked to be ready, asyncio futures.
)md",
    .run = run,
};

}  // namespace concadvise
