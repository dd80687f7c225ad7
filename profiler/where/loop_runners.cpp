#include "profiler/where/loop_runners.h"

#include <algorithm>
#include <array>

namespace concadvise {
namespace {

struct Runner {
  std::string_view library;
  std::string_view function;  // ends with it
  std::string_view file;      // ends with it; of Python functions
};

// The functions that call handlers until there are none left: CPython's Lib/asyncio, and the documentation of each
// library.
constexpr auto kRunners = std::to_array<Runner>({
    {"asyncio", "_run_once", "/asyncio/base_events.py"},
    {"asyncio", "run_forever", "/asyncio/base_events.py"},
    {"asyncio", "run", "/asyncio/runners.py"},
    {"trio", "unrolled_run", "/trio/_core/_run.py"},
    {"Twisted", "mainLoop", "/twisted/internet/base.py"},
    {"libuv", "uv_run", ""},
    {"libevent", "event_base_loop", ""},
    {"libev", "ev_run", ""},
    {"GLib", "g_main_context_iteration", ""},
    {"GLib", "g_main_loop_run", ""},
    {"Qt", "QEventLoop::exec", ""},
    {"folly", "folly::EventBase::loopMain", ""},
    {"Seastar", "seastar::reactor::do_run", ""},
});

// "QEventLoop::exec(QFlags<...>)" is QEventLoop::exec, "a::b<int>::uv_run" is uv_run.
bool is_function(std::string_view function, std::string_view name) {
  const std::string_view plain = function.substr(0, function.find('('));
  if (!plain.ends_with(name)) return false;
  const std::size_t before = plain.size() - name.size();
  return before == 0 || plain[before - 1] == ':' || plain[before - 1] == '.';
}

bool runs(const Runner& runner, const Frame& frame) {
  if ((frame.kind == "python") != !runner.file.empty()) return false;
  return is_function(frame.function, runner.function) && frame.file.ends_with(runner.file);
}

// A worker that a pool forks stands on the frames that its parent had at that moment, a running loop's among them: they
// never run again in the child. CPython's Lib/multiprocessing enters a forked child here.
bool is_birth_of_fork(const Frame& frame) {
  return frame.kind == "python" && is_function(frame.function, "_bootstrap") && frame.file.ends_with("/multiprocessing/process.py");
}

}  // namespace

// CPython's Lib/multiprocessing and Lib/concurrent/futures: the threads and processes that wait for workers, tasks and results.
bool looks_after_pool(const std::vector<Frame>& stack) {
  constexpr auto kHelpers = std::to_array<Runner>({{"", "_handle_workers", "/multiprocessing/pool.py"},
                                                   {"", "_handle_results", "/multiprocessing/pool.py"},
                                                   {"", "_handle_tasks", "/multiprocessing/pool.py"},
                                                   {"", "wait_result_broken_or_wakeup", "/concurrent/futures/process.py"},
                                                   {"", "_queue_management_worker", "/concurrent/futures/process.py"},
                                                   {"", "main", "/multiprocessing/forkserver.py"},
                                                   {"", "main", "/multiprocessing/resource_tracker.py"}});
  for (const Frame& frame : stack) {
    if (is_birth_of_fork(frame)) return false;
    if (std::any_of(kHelpers.begin(), kHelpers.end(), [&](const Runner& helper) { return runs(helper, frame); })) return true;
  }
  return false;
}

std::string_view loop_running(const std::vector<Frame>& stack) {
  for (const Frame& frame : stack) {
    if (is_birth_of_fork(frame)) return {};
    for (const Runner& runner : kRunners)
      if (runs(runner, frame)) return runner.library;
  }
  return {};
}

}  // namespace concadvise
