// concadvise calibrate: measures what starting and handing over costs on this machine. Decides nothing.
#include <fmt/format.h>


#include "cli/calibration.h"
#include "cli/session_files.h"
#include "cli/options.h"
#include "cli/subcommand.h"

namespace concadvise::cli {
namespace {

void print_costs(const Costs& c, const std::string& file) {
  const auto ms = [](const char* what, double seconds) { fmt::print("  {:<58} {:>10.3f} ms\n", what, 1e3 * seconds); };
  const auto kib = [](const char* what, double bytes) { fmt::print("  {:<58} {:>10.1f} KiB\n", what, bytes / 1024); };
  fmt::print("{}\n", c.machine);
  ms("thread, start and join", c.native_thread_s);
  ms("process, start and wait", c.native_process_s);
  ms("hand-over to another thread", c.native_handover_s);
  ms("Python: start of the interpreter", c.python_start_s);
  ms("Python: import and start of a ThreadPoolExecutor", c.python_threads_s);
  ms("Python: each thread", c.python_thread_each_s);
  ms("Python: import asyncio and run a loop", c.python_asyncio_s);
  ms("Python: each task", c.python_task_each_s);
  ms("Python: import, start and end of a ProcessPoolExecutor", c.python_processes_s);
  ms("Python: each worker process", c.python_process_each_s);
  ms("Python: a small call in a worker process", c.python_process_call_s);
  fmt::print("  {:<58} {:>10.0f} MB/s\n", "Python: argument to a worker process", c.pickle_bytes_per_s / 1e6);
  kib("memory of an idle thread, resident", c.native_thread_bytes);
  kib("Python: memory of an idle thread, resident", c.python_thread_bytes);
  kib("Python: memory of a waiting task", c.python_task_bytes);
  kib("Python: memory of a worker process, proportional", c.python_process_bytes);
  if (c.disturbed) fmt::print("other work kept the CPUs busy meanwhile: these times are too long, and are measured again once it is over\n");
  if (!file.empty()) fmt::print("kept in {}\n", file);
}

}  // namespace

int run_calibrate_command(const Arguments& arguments) {
  CLI::App app{"Measures what starting and handing over costs on this machine, for predictions.", "concadvise calibrate"};
  std::string python;
  bool cached = false;
  app.add_option("--python", python, "the interpreter to measure (default: python3 in PATH)");
  app.add_flag("--cached", cached, "show what was measured before, measure only what is missing");
  if (const auto exit = read_options(app, arguments)) return *exit;
  if (python.empty()) python = default_python();
  if (cached) {
    print_costs(machine_costs(python), costs_file(python));
    return 0;
  }
  const Costs costs = measure_costs(python);
  const std::string file = costs_file(python);
  if (!file.empty()) {
    if (const auto written = write_text(file, costs_to_toml(costs)); !written) {
      print_error(written.error());
      return kExitFailure;
    }
  }
  print_costs(costs, file);
  return 0;
}

}  // namespace concadvise::cli
