#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

void run(const Program& program, Findings& findings) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.kind != facts::FunctionKind::coroutine || f.test) continue;
    std::map<std::string, bool> before;
    for (const auto& access : f.accesses) {
      if (!access.thread_local_storage) continue;
      const bool suspended = std::any_of(access.after.begin(), access.after.end(), [](int s) { return s >= 0; });
      if (!suspended) before[access.node] = true;
      if (!suspended || !before.contains(access.node)) continue;
      Finding finding = draft();
      finding.context = "coroutine";
      finding.message = fmt::format("`{}` is thread_local and used on both sides of a suspension: the coroutine may go on in another thread, with another `{}`", access.name, access.name);
      finding.fix = "keep the value in the coroutine, or read the variable again and expect it to differ";
      findings.add(id, access.place, std::move(finding));
      break;
    }
  }
}

}  // namespace

extern const Check check_thread_local_across_await;
const Check check_thread_local_across_await = {
    .name = "thread-local-across-await",
    .severity = "warning",
    .python = false,
    .extended = true,
    .summary = "A thread_local variable is used on both sides of a suspension.",
    .documentation = R"md(
A coroutine that a pool resumes may continue in another thread, where a `thread_local` is another variable.

So may a reference or pointer to it that was taken before the suspension: it still names the variable of the first thread.

Instead: keep the value in a local of the coroutine.

Never a problem where one thread runs the loop; that is why the rule is off by default.
)md",
    .run = run,
};

}  // namespace concadvise
