#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

bool used_later(const facts::Function& f, const std::string& node, int from) {
  const auto names = [&](const facts::Value& value) { return std::find(value.sources.begin(), value.sources.end(), node) != value.sources.end(); };
  for (int c = from + 1; c < static_cast<int>(f.calls.size()); ++c) {
    const auto& call = f.calls[static_cast<std::size_t>(c)];
    if (!call.implicit.empty()) continue;
    if (call.object && names(*call.object)) return true;
    if (std::any_of(call.arguments.begin(), call.arguments.end(), names)) return true;
  }
  return false;
}

void run(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    const auto& call = site.call;
    if (call.name != "std::async" && call.name != "boost::async") return;
    if (on_loop(program, site.id)) return;  // there the wait itself is the finding: blocking-in-coroutine
    if (!call.arguments.empty() && call.arguments.front().integer == 2) return;  // std::launch::deferred
    Finding finding = draft();
    finding.effect = "wait";
    finding.context = "plain";
    if (call.use == facts::Use::dropped || call.use == facts::Use::voided) {
      finding.message = fmt::format("the future of `{}` is dropped: its destructor waits for the task, so nothing runs at the same time", call.name);
      finding.fix = "keep the future and get() it later, or post the task to a pool";
      finding.severity = "error";
    } else if (call.use == facts::Use::stored && call.stored_in.find('/') != std::string::npos && call.loop < 0 && !used_later(site.function, call.stored_in, site.index)) {
      finding.message = fmt::format("the future of `{}` is only waited for by its destructor, at the end of the scope", call.name);
      finding.fix = "call get() where the result is needed: it also gives the task's exception";
      finding.severity = "warning";
      finding.confidence = 0.8;
    } else {
      return;
    }
    findings.add(site.id, call.place, std::move(finding));
  });
}

}  // namespace

extern const Check check_discarded_async_future;
const Check check_discarded_async_future = {
    .name = "discarded-async-future",
    .severity = "error",
    .python = false,
    .summary = "The future of std::async is dropped, which waits for the task on the spot.",
    .documentation = R"md(
The last future of a `std::async` task waits for it in its destructor (C++ [futures.async]). A dropped future is destroyed at the
end of the statement: the call is synchronous, with a thread's start on top.

    std::async(std::launch::async, write_log, entry);   // waits here

Instead: keep the future and `get()` it when the result is needed, or hand the task to a pool.

Never flagged: futures that are stored and got or passed on.
)md",
    .run = run,
};

}  // namespace concadvise
