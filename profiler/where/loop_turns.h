// Whose turn it was when an event loop's thread stood still or computed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "profiler/stacks/python_tasks.h"
#include "profiler/where/doing.h"

namespace concadvise {

/// Collects, for what a thread was found doing in a stack, the asyncio tasks that it did it for. Bounded.
class LoopTurns {
 public:
  using Stack = std::uint32_t;  // StackBook::Id

  struct Turns {
    double longest_s = 0;
    double count = 0;              // of turns on the CPU
    PythonTask longest;            // whose turn that was
    std::unordered_set<std::string> tasks;
  };

  /// It has been blocked there for `so_far_s`, in a turn of that task if it is one's. `is_new`: not told of this wait before.
  void blocked(const Doing& doing, Stack stack, const std::optional<PythonTask>& task, double so_far_s, bool is_new);

  /// A sample on the CPU, taken at `when_ns` and standing for `period_s`. Samples that follow one another in the same step of the
  /// same task are one turn, however long it was kept from the CPU between them.
  void computed(const Doing& doing, Stack stack, const std::optional<PythonTask>& task, std::uint64_t when_ns, double period_s);

  /// Null: nothing is known of it.
  const Turns* of(const Doing& doing, Stack stack) const;

  std::uint64_t seen() const { return seen_; }      // looks at threads that executed a coroutine
  std::uint64_t named() const { return named_; }    // ... whose task was found

  /// A thread was found executing a coroutine.
  void count_coroutine(bool task_found) {
    ++seen_;
    named_ += task_found ? 1 : 0;
  }

 private:
  void note(Turns& turns, const std::optional<PythonTask>& task, double length_s);

  struct OnCpu {
    std::uint64_t task = 0;
    std::uint64_t step = 0;
    std::uint64_t start_ns = 0;
    std::uint64_t last_ns = 0;
  };
  std::map<std::pair<Doing, Stack>, Turns> turns_;
  std::map<std::pair<int, int>, OnCpu> on_cpu_;  // by pid and tid
  std::uint64_t seen_ = 0;
  std::uint64_t named_ = 0;
};

}  // namespace concadvise
