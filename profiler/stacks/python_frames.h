// What the threads of a CPython process execute, read from its memory while it runs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/profile.h"
#include "profiler/stacks/python.h"
#include "profiler/stacks/python_tasks.h"

namespace concadvise {

/// A line of Python code.
struct PythonPlace {
  std::uint32_t code = 0;  // of PythonCodes; 0 unknown
  std::int32_t line = 0;   // 0 unknown

  auto operator<=>(const PythonPlace&) const = default;
};

/// The Python frames of one thread, innermost first.
struct PythonStack {
  std::vector<PythonPlace> frames;
  std::vector<std::uint32_t> entries;  // how many frames each run of the interpreter loop has, innermost run first
  bool torn = false;                   // it changed while it was read: drop it
  bool truncated = false;              // deeper than is read, or unreadable from there on

  auto operator<=>(const PythonStack&) const = default;
};

/// The functions that were seen in any process: the workers that a program forks share them, and they stay known when the
/// processes end.
class PythonCodes {
 public:
  PythonCodes();

  /// The number of a function, new or not; 0 when there are too many.
  std::uint32_t number(const std::string& function, const std::string& file, int first_line, bool coroutine = false);

  /// True for the body of an `async def` (or of a generator that may be awaited).
  bool is_coroutine(const PythonPlace& place) const { return place.code < codes_.size() && codes_[place.code].coroutine; }

  /// The frame as reports show it: function is co_qualname where there is one (3.11 on), else co_name.
  Frame frame(const PythonPlace& place) const;
  std::vector<Frame> frames(const PythonStack& stack) const;

 private:
  struct Code {
    std::string function;
    std::string file;
    bool coroutine = false;
  };
  std::vector<Code> codes_;
  std::map<std::tuple<std::string, std::string, int>, std::uint32_t> numbers_;
};

/// What a thread's registers and stack held at an instant that has passed: a sample of it.
struct SampledWords {
  std::span<const std::uint64_t> kept_registers;  // those that a function leaves as they were (callee-saved)
  std::span<const std::byte> stack;               // from the stack pointer up
};

/// Reads one process. Not thread-safe. What it returns is bounded, whatever the memory says.
class PythonReader {
 public:
  /// `python` as recognised in process `pid`; `codes` must outlive this.
  PythonReader(pid_t pid, const PythonRuntime& python, PythonCodes& codes);
  /// For tests: any memory.
  PythonReader(std::unique_ptr<Memory> memory, const PythonRuntime& python, PythonCodes& codes);
  ~PythonReader();

  /// False for versions whose layout isn't known: nothing can be read.
  bool supported() const;

  /// The Python frames of thread `tid` as we number it; no frames when it executes none. With `sampled` brought back to the
  /// instant of that sample, as far as the innermost function goes: the thread has gone on meanwhile, and where it is found
  /// tends to be where it gave up the CPU. The interpreter keeps its place in the bytecode in a register, so that is in
  /// the sample.
  PythonStack stack(pid_t tid, const SampledWords* sampled = nullptr);

  /// The asyncio task whose coroutine is on the stack that the last call of stack() returned. Nothing where none is, or where
  /// tasks can't be read: see PythonTasks.
  std::optional<PythonTask> task();

  /// How many asyncio tasks there are: see PythonTasks.
  std::optional<std::size_t> tasks_alive();

  /// False when no task can be there, as asyncio is not imported.
  bool has_asyncio() const;

  /// The threads that the interpreter knows, as the process numbers them (the same unless it has a PID namespace).
  std::vector<pid_t> threads();

  /// The thread that holds the main interpreter's GIL, as the process numbers it; 0 when nobody does or it isn't known.
  pid_t gil_holder();

  /// Where GILs lie: [address, size] for _PyRuntime and for each sub-interpreter that has its own (3.12 on).
  std::vector<std::pair<std::uint64_t, std::uint64_t>> gil_ranges();

  /// How many interpreters the process has; 0 unknown.
  int interpreters();

  /// Sorted top-level names in sys.modules ("asyncio", "requests"): bounded work, once or twice a run.
  std::vector<std::string> imported_modules();

  struct Counts {
    std::uint64_t stacks = 0;
    std::uint64_t torn = 0;  // after retries
    std::uint64_t retries = 0;
    std::uint64_t rewound = 0;  // brought back to another function or line
  };
  Counts counts() const;

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

/// One stack of both, innermost first: each native frame of the interpreter's loop is replaced by the Python frames that it
/// executes (`entries` of PythonStack), and the interpreter's calling machinery around them is left out. Python frames for
/// which the native stack has no loop, as it was cut short, follow at its end.
std::vector<Frame> merge_stacks(const std::vector<Frame>& native, const std::vector<Frame>& python,
                                const std::vector<std::uint32_t>& entries);

}  // namespace concadvise
