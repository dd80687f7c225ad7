#include "analyzer/checks/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace concadvise {
namespace {

void run(const Program& program, Findings& findings) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test) continue;
    const bool python = program.language(id) == facts::Language::python;
    std::vector<char> told(f.locks.size(), 0);
    for (const auto& suspension : f.suspensions)
      for (const int index : suspension.held) {
        const auto& lock = f.locks[static_cast<std::size_t>(index)];
        if (lock.cooperative) continue;
        // Python's `with` block is one place, however often it suspends; in C++ every suspension is one to mend.
        if (python && std::exchange(told[static_cast<std::size_t>(index)], 1)) continue;
        Finding finding = draft();
        finding.context = "coroutine";
        finding.effect = "lock";
        finding.message = fmt::format("`{}` ({}) is held across a suspension at line {}: whoever wants it next stops the thread that would resume this coroutine",
                                      lock.mutex.spelling, lock.type, suspension.place.line);
        finding.fix = python ? "async with an asyncio.Lock" : "release it before the suspension, or use a coroutine mutex";
        finding.chain = {{program.files()[lock.place.file], lock.place.line, f.name},
                         {program.files()[suspension.place.file], suspension.place.line, f.name}};
        findings.add(id, python ? lock.place : suspension.place, std::move(finding));
      }
  }
}

}  // namespace

extern const Check check_lock_across_await;
const Check check_lock_across_await = {
    .name = "lock-across-await",
    .severity = "error",
    .summary = "A lock that blocks its thread is held while the coroutine is suspended.",
    .documentation = R"md(
While the coroutine waits, the loop runs others on the same thread. The next one that wants the lock stops the whole loop, and
the holder can then never be resumed to release it: a deadlock.

    with self._lock:              # threading.Lock
        row = await self.fetch()

Instead: `asyncio.Lock` with `async with` (or a coroutine mutex), or take what the lock guards out before the await.

Never flagged: locks that suspend instead of blocking, and locks released before the suspension on every path.
)md",
    .run = run,
};

}  // namespace concadvise
