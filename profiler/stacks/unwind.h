// Call stacks of threads that nobody stopped: a blocked thread's user stack stands still, so reading it is enough.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "profiler/stacks/code_address.h"
#include "profiler/stacks/frame_rules.h"
#include "profiler/stacks/modules.h"

namespace concadvise {

/// Registers from perf's user registers: `mask` is attr.sample_regs_user (PERF_REG_X86_*), `sampled` has one value per
/// bit set.
Registers registers_from_perf(std::uint64_t mask, std::span<const std::uint64_t> sampled);

/// The values of those registers that a function gives back as it found them (callee-saved, System V ABI): what its caller keeps
/// there can be told while it runs.
std::vector<std::uint64_t> registers_that_calls_keep(const Registers& registers);

/// What /proc/TID/syscall says of a blocked thread.
struct BlockedAt {
  std::int64_t number = -1;  // system call; -1: blocked outside of one (page fault)
  std::uint64_t sp = 0;
  std::uint64_t pc = 0;

  bool operator==(const BlockedAt&) const = default;
};

/// Nothing when the thread runs, is gone or may not be looked at.
std::optional<BlockedAt> read_blocked_at(pid_t pid, pid_t tid);

/// Unwinds by the call frame information of the modules (.eh_frame, .debug_frame), with what it learned kept per
/// address. x86-64 only: elsewhere stacks have one frame and are truncated. Not thread-safe.
class Unwinder {
 public:
  explicit Unwinder(Modules& modules);
  ~Unwinder();

  static constexpr std::size_t kFramesMax = 256;
  static constexpr std::size_t kStackBytes = 16u << 10;  // read in one go; deeper frames are read piece by piece

  /// The stack of a blocked thread from the SP and PC of its /proc/TID/syscall. Reads the stack once and looks again
  /// whether the thread stood still meanwhile: if not, `torn` is set. The frame pointer is not known there and is guessed
  /// where a frame needs it (a frame record above SP whose return address follows a call).
  NativeStack blocked(pid_t pid, pid_t tid, const BlockedAt& at);

  /// From sampled registers and the stack bytes copied with them, which begin at SP (perf: REGS_USER, STACK_USER).
  NativeStack sampled(pid_t pid, const Registers& registers, std::span<const std::byte> stack);

  /// From a chain of program counters that the kernel made by frame pointers, innermost first.
  NativeStack callchain(pid_t pid, std::span<const std::uint64_t> pcs);

  struct Counts {
    std::uint64_t stacks = 0;
    std::uint64_t frames = 0;
    std::uint64_t truncated = 0;
    std::uint64_t torn = 0;
    std::uint64_t guessed = 0;  // stacks with a guessed frame pointer
  };
  Counts counts() const { return counts_; }

 private:
  NativeStack counted(NativeStack stack);

  class Engine;
  std::unique_ptr<Engine> engine_;
  Modules& modules_;
  Counts counts_;
};

}  // namespace concadvise
