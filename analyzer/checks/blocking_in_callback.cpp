#include "analyzer/checks/async_effects.h"

namespace concadvise {
namespace {

void run(const Program& program, Findings& findings) {
  each_async_effect(program, "blocking-in-callback", [&](const AsyncEffect& found) { report_async_effect(program, found, findings); });
}

}  // namespace

extern const Check check_blocking_in_callback;
const Check check_blocking_in_callback = {
    .name = "blocking-in-callback",
    .severity = "error",
    .summary = "A blocking call in an event-loop callback stops the loop.",
    .documentation = R"md(
An event loop calls its callbacks one after the other on one thread. A callback that waits holds up all the others: timers
are late, connections stand still.

Instead: start the asynchronous form of the operation, or hand the call to a thread pool and post the result back.

Never flagged: work callbacks that the library runs on its own threads (`uv_queue_work`), slots of objects that were moved
to a worker thread, handlers on the executor of a thread pool.
)md",
    .run = run,
};

}  // namespace concadvise
