// What starting and handing over costs on this machine: measured once by `concadvise calibrate`, used by predictions and
// shown in place of quoted figures.
#pragma once

#include <string>

#include "model/result.h"

namespace concadvise {

/// Seconds and bytes. The defaults are medians of one 2-core Debian 12 machine with CPython 3.11 and stand in until the
/// machine is measured; predictions that rest on them say so.
struct Costs {
  bool measured = false;
  bool disturbed = false;                // others kept all CPUs busy meanwhile: the times are too long
  std::string machine;                   // what was measured: kernel, CPU, interpreter
  double python_start_s = 0.011;         // an interpreter that does nothing
  double python_threads_s = 0.015;       // import and start a ThreadPoolExecutor
  double python_thread_each_s = 0.00007; // each of its threads
  double python_asyncio_s = 0.037;       // import asyncio and run a loop
  double python_task_each_s = 0.00001;   // each task
  double python_processes_s = 0.030;     // import and start a ProcessPoolExecutor, and end it
  double python_process_each_s = 0.002;  // each of its workers
  double python_process_call_s = 0.0002; // one small task there and back
  double native_thread_s = 0.00003;      // std::thread, start and join
  double native_process_s = 0.0006;      // fork, exec and wait for a program that does nothing
  double native_handover_s = 0.000015;   // wake another thread and be woken
  double pickle_bytes_per_s = 1.0e9;     // serialise, send, read again
  double python_thread_bytes = 16 * 1024;     // resident, idle
  double python_task_bytes = 1100;            // asyncio.Task that waits
  double python_process_bytes = 2.9e6;        // proportional set of a forked worker
  double native_thread_bytes = 10 * 1024;     // resident, idle
};

/// TOML with one line per figure.
std::string costs_to_toml(const Costs& costs);
/// Missing figures keep their defaults; a figure that is no positive number is an error.
Result<Costs> costs_from_toml(const std::string& text, const std::string& origin);

}  // namespace concadvise
