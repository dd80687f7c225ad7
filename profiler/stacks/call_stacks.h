// The stacks of a measurement: taken cheaply while the target runs, kept once each, named at the end.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/profile.h"
#include "profiler/stacks/modules.h"
#include "profiler/stacks/python.h"
#include "profiler/stacks/python_frames.h"
#include "profiler/stacks/symbols.h"
#include "profiler/stacks/unwind.h"

namespace concadvise {

/// One per measurement; not thread-safe. Equal stacks, also of different processes, get the same number.
class CallStacks {
 public:
  using Id = std::uint32_t;  // 0: no stack

  CallStacks();
  ~CallStacks();

  /// From now on the process's stacks have Python frames.
  void set_python(pid_t pid, const PythonRuntime& python);

  /// The process executed another program or ended. Its stacks stay.
  void forget(pid_t pid);

  /// Of a blocked thread: native and Python frames. 0 when it ran meanwhile. 15 to 30 us.
  Id blocked(pid_t pid, pid_t tid, const BlockedAt& at);

  /// Of a thread on a CPU, as far as it can be looked at: Python frames; 0 without any. 3 to 10 us.
  Id running(pid_t pid, pid_t tid);

  /// Of a sample (perf): native frames only, as Python's have moved on when the sample is read.
  Id sampled(pid_t pid, const Registers& registers, std::span<const std::byte> stack);
  Id callchain(pid_t pid, std::span<const std::uint64_t> pcs);

  /// The frames with names, innermost first: costs milliseconds the first time, for the stacks that are reported.
  std::vector<Frame> frames(Id id);

  /// Nullptr when the process isn't known as Python.
  PythonReader* python(pid_t pid);

  Modules& modules() { return modules_; }

  struct Counts {
    Unwinder::Counts native;
    PythonReader::Counts python;
    Symbolizer::Counts symbols;
    std::uint64_t dropped = 0;  // stacks that were not kept, as there were too many different ones
    double truncated() const { return native.stacks == 0 ? 0 : static_cast<double>(native.truncated) / static_cast<double>(native.stacks); }
    double torn() const;
  };
  Counts counts() const;

 private:
  using Stack = std::pair<NativeStack, PythonStack>;
  Id kept(Stack stack);

  Modules modules_;
  Unwinder unwinder_;
  Symbolizer symbolizer_;
  PythonCodes codes_;
  std::unordered_map<pid_t, std::unique_ptr<PythonReader>> readers_;
  std::map<Stack, Id> ids_;
  std::vector<const Stack*> stacks_;
  std::size_t frames_kept_ = 0;
  PythonReader::Counts ended_;  // of readers that are gone
  std::uint64_t dropped_ = 0;
};

}  // namespace concadvise
