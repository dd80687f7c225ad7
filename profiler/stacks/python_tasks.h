// Which asyncio task a thread of a CPython process executes, read from its memory while it runs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "profiler/stacks/memory.h"
#include "profiler/stacks/python_layout.h"

namespace concadvise {

/// An asyncio.Task as its program knows it.
struct PythonTask {
  std::uint64_t address = 0;
  std::uint64_t step = 0;       // tells one run of the same coroutine from another: where its innermost frame lies
  std::string name;             // get_name(): "Task-7" or what the program called it; empty before 3.8
  std::string awaited_by;       // name of the task that awaits this one directly; empty when none does or it isn't known
  std::string awaiting_coroutine;  // __qualname__ of that one's coroutine
};

/// Finds tasks by what they must be and not by where they should stand: a task that runs now has a coroutine whose frame is on
/// its thread's stack. So no table of the fields of asyncio.Task per version is needed, and what is torn is not found.
/// Tasks of the C implementation (`_asyncio`), which uvloop and anyio use as well, in the main interpreter; 3.7 to 3.13.
class PythonTasks {
 public:
  PythonTasks(Memory& memory, const PythonLayout& layout) : memory_(memory), layout_(layout) {}

  /// The task that runs the coroutine of one of these frames (their addresses). `modules` is the address of sys.modules.
  std::optional<PythonTask> running(std::span<const std::uint64_t> frames, std::uint64_t modules);

  /// How many tasks there are, done ones that somebody still keeps among them; nothing where that can't be read.
  std::optional<std::size_t> alive(std::uint64_t modules);

  /// True when asyncio was imported at the last call of running(): coroutines may then be a task's.
  bool has_asyncio() const { return has_asyncio_; }

 private:
  bool find_asyncio(std::uint64_t modules);
  std::uint64_t set_of(std::uint64_t weak_set);
  bool is_coroutine_of(std::uint64_t object, std::span<const std::uint64_t> frames);
  std::string type_name(std::uint64_t object);
  std::string task_name(std::uint64_t object);
  std::string coroutine_name(std::uint64_t coroutine);
  void add_awaiting(std::uint64_t callback, std::size_t coroutine_at, PythonTask& task);

  Memory& memory_;
  const PythonLayout& layout_;
  std::uint64_t current_tasks_ = 0;  // a dictionary: event loop to task
  std::uint64_t all_tasks_ = 0;      // the set of all
  bool has_asyncio_ = false;
  std::uint64_t modules_seen_ = 0;   // sys.modules had so many entries when the dictionary was not there
  std::map<std::uint64_t, std::string> type_names_;  // by the type's address
};

}  // namespace concadvise
