// Where time goes: the stacks that were seen, on a CPU or blocked, with their weights. Added up while the target runs,
// named at the end.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/profile.h"
#include "profiler/stacks/modules.h"
#include "profiler/stacks/python_frames.h"
#include "profiler/stacks/symbols.h"
#include "profiler/stacks/unwind.h"
#include "profiler/where/doing.h"
#include "profiler/where/kernel_symbols.h"
#include "profiler/where/loop_turns.h"

namespace concadvise {

/// One stack as it was seen, before it has names.
struct SeenStack {
  std::vector<std::uint64_t> kernel;  // program counters in the kernel, innermost first
  NativeStack native;
  PythonStack python;

  auto operator<=>(const SeenStack&) const = default;
};

/// One per measurement. Not thread-safe. Bounded: beyond kMostStacks different stacks only their innermost frame is kept.
class StackBook {
 public:
  using Id = std::uint32_t;

  StackBook();
  ~StackBook();

  Modules& modules() { return modules_; }
  Unwinder& unwinder() { return unwinder_; }

  /// The process is new or executes another program.
  void new_program(int pid);

  /// Its interpreter as known now; null: it runs no Python.
  void describe(int pid, const PythonRuntime* python);

  /// The reader of a CPython process whose layout is known; null for others.
  PythonReader* python(int pid);
  bool any_python() const { return !readers_.empty(); }

  /// Adds to a native stack what Python the thread executes just now; nothing when that is torn or no Python. Returns the
  /// asyncio task that it executes that for, if it does and that can be read.
  std::optional<PythonTask> add_python(int pid, int tid, SeenStack& stack, const SampledWords* sampled = nullptr);

  /// Whose turn it was, for what weight() adds up.
  LoopTurns& turns() { return turns_; }

  /// True when the Python part of a stack is that of a thread with an event loop: see loop_running.
  bool runs_python_loop(const SeenStack& stack) const;

  /// ... that of a helper of a process pool: see looks_after_pool.
  bool looks_after_python_pool(const SeenStack& stack) const;

  /// A thread that was seen in functions which run an event loop for most of the time that its stacks stand for.
  struct LoopThread {
    int pid = 0;
    int tid = 0;
    std::string library;
  };
  std::vector<LoopThread> loop_threads();

  /// The number of a stack: the same for the same stack.
  Id intern(SeenStack stack);

  struct Weight {
    double seconds = 0;
    double count = 0;
  };

  /// The account of a thread that was found doing that in that stack: to be added to. Stays valid.
  Weight& weight(const Doing& doing, Id stack) { return weights_[doing][stack]; }

  /// What samples can't show of the on-CPU time.
  struct Unseen {
    double share = 0;
    std::string name;
  };
  void set_unseen(Unseen unseen) { unseen_ = std::move(unseen); }

  /// Fills hot_spots, the stops of loops, and the stacks of waits and stalls, of a profile whose waits are there; and the share of truncated
  /// stacks and of named frames. Time that has no stack of its own is shared out like that which has.
  void contribute(Profile& profile);

 private:
  struct Named {
    std::vector<Frame> frames;
    std::string key;  // equal for equal frames
  };

  using Weights = std::map<Id, Weight>;

  struct Place {
    Weight sum;
    double heaviest_s = 0;
    Id stack = 0;
  };

  const Named& named(Id stack);
  std::map<std::string, Place> places(const Weights& stacks);
  std::vector<Frame> name(const SeenStack& stack);
  std::vector<Frame> heaviest(const Weights& stacks);
  void add_spots(State state, const Weights& stacks, double total_s, Profile& profile);
  void fill_on_cpu(Profile& profile);
  void fill_waits(Profile& profile);
  void fill_of_threads(Profile& profile);

  // loop_stops.cpp
  struct StopSum;
  std::vector<Frame> await_chain(const SeenStack& stack) const;
  std::string stop_key(const Doing& doing, Id stack, const std::vector<Frame>& chain);
  void add_stops(const Doing& doing, const Weights& stacks, double seconds, double count, std::map<std::string, StopSum>& sums);
  void fill_stops(Profile& profile);

  // pool_transfers.cpp
  void fill_transfers(Profile& profile);

  static constexpr std::size_t kMostStacks = 20'000;
  static constexpr std::size_t kMostSpots = 200;
  static constexpr std::size_t kMostStops = 20;  // of a loop

  Modules modules_;
  Unwinder unwinder_;
  Symbolizer symbolizer_;
  PythonCodes codes_;
  std::unordered_map<int, std::unique_ptr<PythonReader>> readers_;  // by pid
  std::map<SeenStack, Id> ids_;
  std::vector<const SeenStack*> stacks_;
  std::map<Doing, Weights> weights_;
  LoopTurns turns_;
  Unseen unseen_;
  std::unordered_map<Id, Named> names_;
  std::unique_ptr<KernelSymbols> kernel_;  // read when first needed
};

}  // namespace concadvise
