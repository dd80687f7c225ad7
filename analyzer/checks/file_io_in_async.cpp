#include "analyzer/checks/async_effects.h"

namespace concadvise {
namespace {

void run(const Program& program, Findings& findings) {
  each_async_effect(program, "file-io-in-async", [&](const AsyncEffect& found) { report_async_effect(program, found, findings); });
}

}  // namespace

extern const Check check_file_io_in_async;
const Check check_file_io_in_async = {
    .name = "file-io-in-async",
    .severity = "note",
    .summary = "File access in an async context holds up the loop while the disk works.",
    .documentation = R"md(
Files have no readiness: reading one blocks the thread until the disk has answered, usually for microseconds, sometimes for
long (a cold cache, a network file system). On a loop everything else waits meanwhile.

Instead: read at start-up, or hand the access to a thread (`asyncio.to_thread`, aiofiles, an I/O pool).
)md",
    .run = run,
};

}  // namespace concadvise
