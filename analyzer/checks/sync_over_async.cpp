#include "analyzer/checks/async_effects.h"

namespace concadvise {
namespace {

void run(const Program& program, Findings& findings) {
  each_async_effect(program, "sync-over-async", [&](const AsyncEffect& found) { report_async_effect(program, found, findings); });
}

}  // namespace

extern const Check check_sync_over_async;
const Check check_sync_over_async = {
    .name = "sync-over-async",
    .severity = "error",
    .summary = "Running a loop, or waiting synchronously for a coroutine, inside an async context.",
    .documentation = R"md(
A loop is driven from within a callback or coroutine of a loop. The outer loop stands still until the inner one is done; if
both are the same, it is a deadlock or an error.

Instead: `co_await` / `await` the coroutine. A synchronous wait belongs to the top level of `main` and to tests.
)md",
    .run = run,
};

}  // namespace concadvise
