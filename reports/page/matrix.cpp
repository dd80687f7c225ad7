// The concurrency matrix: what each model costs, with this machine's own figures where they were measured.
#include <fmt/format.h>

#include "reports/format.h"
#include "reports/page/sections.h"

namespace concadvise {
namespace {

std::string each(double bytes, double seconds) { return fmt::format("{}, {}", format_bytes(bytes), format_seconds(seconds)); }

}  // namespace

// Scalability, complexity and debugging are the ranks of the guides on concurrency (docs/CLAIMS.md: C, E and I); memory and
// start are numbers (`concadvise calibrate`).
Html matrix_of(const Costs& costs, bool python) {
  const Html name_async = join("async", el("div", {{"class", "muted"}}, "tasks on an event loop"));
  const Html name_threads = join("threads", el("div", {{"class", "muted"}}, python ? "they share memory and, in CPython, one GIL" : "they share memory"));
  const Html name_parallel = join("more cores", el("div", {{"class", "muted"}}, python ? "processes" : "threads over the cores"));
  const Html name_plain = join("synchronous", el("div", {{"class", "muted"}}, "one thing after the other"));
  Table table{"matrix", "What each model costs", {"model", "each worker: memory, start", "scales to", "uses all cores", "complexity", "debugging"}, "tttttt", {}};
  table.rows.push_back({name_async, text(python ? each(costs.python_task_bytes, costs.python_task_each_s) : std::string("a coroutine's frame")),
                        text("tens of thousands of waits at once"), text("no: one CPU for each loop"), text("high: everything below must be async"), text("hard: stacks end at the loop")});
  table.rows.push_back({name_threads, text(python ? each(costs.python_thread_bytes, costs.python_thread_each_s) : each(costs.native_thread_bytes, costs.native_thread_s)),
                        text("hundreds of waits at once"), text(python ? "no under the GIL, yes in free-threaded builds" : "yes"), text("low to medium: blocking code stays as it is"),
                        text("hard: races come and go")});
  table.rows.push_back({name_parallel, text(python ? each(costs.python_process_bytes, costs.python_process_each_s) : each(costs.native_thread_bytes, costs.native_thread_s)),
                        text("the cores"), text("yes"), text(python ? "medium: arguments are copied" : "medium: shared data must be divided"),
                        text(python ? "medium: state is apart" : "hard: races come and go")});
  table.rows.push_back({name_plain, text("none"), text("one thing at a time"), text("no"), text("lowest"), text("easiest")});
  const std::string start = python ? fmt::format("To start at all: asyncio {}, a thread pool {}, a process pool {}; a small task to a process and back takes {}.", format_seconds(costs.python_asyncio_s),
                                                 format_seconds(costs.python_threads_s), format_seconds(costs.python_processes_s), format_seconds(costs.python_process_call_s))
                                   : fmt::format("Waking another thread takes {}, starting a process {}.", format_seconds(costs.native_handover_s), format_seconds(costs.native_process_s));
  const Html origin = costs.measured ? join("The figures were measured on this machine: ", text(costs.machine, kTextLimit), ".")
                                     : join("The figures are those of a 2-core Debian 12 machine; for this one run ", el("code", {}, "concadvise calibrate"), ".");
  return join(table_of(table), el("p", {}, start), el("p", {{"class", "muted"}}, origin));
}

}  // namespace concadvise
