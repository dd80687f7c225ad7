#include "analyzer/checks/calls.h"
#include "analyzer/checks/check.h"
#include "analyzer/checks/cpp_forms.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

bool sleeps(const facts::Call& call) {
  return call.name == "time.sleep" || call.name == "asyncio.sleep" || call.name == "anyio.sleep" || call.name == "trio.sleep";
}

// Looking at a state, or writing a line about it, is not the work of a round.
bool only_looks(const facts::Call& call) {
  const auto last = call.name.substr(call.name.find_last_of('.') + 1);
  static const std::vector<std::string> looks = {"is_set", "done", "empty", "qsize", "full", "is_alive", "running", "cancelled", "locked", "debug", "info",
                                                 "warning", "print", "len", "any", "all", "time", "monotonic", "perf_counter", "get_nowait_ready"};
  return std::find(looks.begin(), looks.end(), last) != looks.end();
}

/// `any(thread.is_alive() for thread in threads)`: one look at several states.
bool only_looks_through(const facts::Function& f, const facts::Loop& loop) {
  return loop.comprehension && std::all_of(f.calls.begin(), f.calls.end(), [&](const facts::Call& call) {
    return call.loop < 0 || &f.loops[static_cast<std::size_t>(call.loop)] != &loop || only_looks(call);
  });
}

bool is_worker(const Program& program, FunctionId id, const facts::Loop& loop) {
  if (loop.end_line < program.function(id).end_line) return false;
  const auto& contexts = program.contexts(id);
  return std::any_of(contexts.begin(), contexts.end(), [&](const Context& c) {
    return c.root == id && (c.kind == Context::Kind::thread || c.kind == Context::Kind::process || c.kind == Context::Kind::io_pool || c.kind == Context::Kind::pool);
  });
}

/// `if queue.empty(): sleep; continue` in a loop that otherwise takes from the queue, which could wait itself.
bool sleeps_for_queue(const facts::Function& f, int loop, const facts::Call& sleep) {
  return guarded(sleep, "branch") && std::any_of(f.calls.begin(), f.calls.end(), [&](const facts::Call& call) {
    return call.loop == loop && call.use == facts::Use::condition && call.name.ends_with("ueue.empty") && call.place.line < sleep.place.line &&
           sleep.place.line - call.place.line <= 4;
  });
}

/// A timer that starts itself again until a state has changed, and does nothing else before that.
const facts::Call* rearms(const Program& program, FunctionId id) {
  const auto& f = program.function(id);
  if (f.kind != facts::FunctionKind::plain) return nullptr;
  for (const auto& call : f.calls) {
    if (only_looks(call)) continue;
    const bool timer = call.name == "asyncio.AbstractEventLoop.call_later" && call.arguments.size() >= 2;
    if (!timer || !guarded(call, "branch") || call.loop >= 0) return nullptr;
    const auto started = program.callables(call.arguments[1]);
    return std::find(started.begin(), started.end(), id) == started.end() ? nullptr : &call;
  }
  return nullptr;
}

void run(const Program& program, Findings& findings) {
  sleep_polling_in_cpp(program, findings);
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || program.language(id) != facts::Language::python) continue;
    if (const facts::Call* again = rearms(program, id)) {
      Finding finding = draft();
      finding.effect = "sleep";
      finding.context = "loop-callback";
      finding.confidence = 0.8;
      finding.message = fmt::format("`{}` starts its timer again until something changes, instead of being told", f.name);
      finding.fix = "await an asyncio.Event, or call it from where the state changes";
      findings.add(id, again->place, std::move(finding));
    }
    for (std::size_t i = 0; i < f.loops.size(); ++i) {
      const auto& loop = f.loops[i];
      const bool asks = loop.polls || (loop.bound == facts::Bound::endless && loop.exits);
      if (!asks || is_worker(program, id, loop)) continue;
      const facts::Call* sleep = nullptr;
      bool works = false;
      for (const auto& call : f.calls) {
        if (call.loop != static_cast<int>(i)) continue;
        if (sleeps(call)) sleep = &call;
        else if (!only_looks(call)) works = true;
      }
      for (const auto& inner : f.loops)
        if (inner.parent == static_cast<int>(i) && !only_looks_through(f, inner)) works = true;
      // A sleep that stops the loop's thread is reported as that.
      const bool stops_loop = sleep && sleep->name == "time.sleep" && f.kind == facts::FunctionKind::coroutine;
      if (!sleep || stops_loop || (works && !sleeps_for_queue(f, static_cast<int>(i), *sleep))) continue;
      Finding finding = draft();
      finding.effect = "sleep";
      finding.context = f.kind == facts::FunctionKind::coroutine ? "coroutine" : "plain";
      finding.confidence = 0.8;
      finding.message = "this loop sleeps and looks again until something changes, instead of being told";
      finding.fix = f.kind == facts::FunctionKind::coroutine ? "await an asyncio.Event" : "wait on a threading.Event";
      findings.add(id, sleep->place, std::move(finding));
    }
  }
}

}  // namespace

extern const Check check_sleep_polling;
const Check check_sleep_polling = {
    .name = "sleep-polling",
    .severity = "warning",
    .summary = "A loop sleeps and looks again instead of being told.",
    .documentation = R"md(
Each round costs a wake-up, and the change is noticed half a period late on average.

    while not self.ready:
        await asyncio.sleep(0.1)

Instead: wait for it: `asyncio.Event` or `asyncio.Condition` (in threads their `threading` twins, in C++ a condition variable or
`std::atomic::wait`).

Never flagged: loops that do work each round, back-off between tries of I/O, workers that run until they are told to stop.
)md",
    .run = run,
};

}  // namespace concadvise
