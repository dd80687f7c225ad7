// The memory that the kernel writes perf records to and we read them from.
#pragma once

#include <linux/perf_event.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "profiler/procfs/file.h"

namespace concadvise {

/// A perf record: its header and what follows it.
struct PerfRecord {
  std::uint32_t type = 0;   // PERF_RECORD_*
  std::uint16_t misc = 0;
  std::span<const std::byte> body;
};

class Ring {
 public:
  Ring() = default;
  Ring(Ring&& from) noexcept;
  Ring& operator=(Ring&& from) noexcept;
  ~Ring();

  /// Maps the ring of an event: `bytes` (a power of two of pages), halved until the kernel allows it but not below
  /// `at_least`. False when it allows none; errno says why.
  bool map(const Descriptor& event, std::size_t bytes, std::size_t at_least);

  /// Calls `each` for all records that have come, and frees them. The bytes are valid during the call only.
  void drain(const std::function<void(const PerfRecord&)>& each);

  std::size_t bytes() const { return size_; }
  explicit operator bool() const { return base_ != nullptr; }

 private:
  void unmap();

  std::byte* base_ = nullptr;  // the control page, then the data
  std::size_t size_ = 0;       // of the data
  std::vector<std::byte> joined_;  // a record that wraps around the end
};

/// What is read of a sample. Absent parts are empty.
struct PerfSample {
  std::uint64_t ip = 0;
  int pid = 0;
  int tid = 0;
  std::uint64_t time_ns = 0;
  std::uint64_t period = 0;
  std::vector<std::uint64_t> callchain;  // with PERF_CONTEXT_* markers
  std::vector<std::uint64_t> registers;  // one per bit of attr.sample_regs_user; empty for kernel threads
  std::span<const std::byte> stack;      // from SP on; points into the record
};

/// Reads the body of a PERF_RECORD_SAMPLE with that sample_type; only IP, TID, TIME, CPU, PERIOD, CALLCHAIN, REGS_USER and
/// STACK_USER are known. False when the bytes make no sense.
bool parse_sample(std::span<const std::byte> body, std::uint64_t sample_type, std::uint64_t register_mask, PerfSample& out);

/// A PERF_RECORD_FORK or EXIT.
struct PerfTask {
  int pid = 0;
  int ppid = 0;
  int tid = 0;
  int ptid = 0;
  std::uint64_t time_ns = 0;
};
bool parse_task(std::span<const std::byte> body, PerfTask& out);

/// A PERF_RECORD_SAMPLE with the sample_type TID | TIME | RAW, as tracepoints are read.
struct PerfRaw {
  int pid = 0;
  int tid = 0;
  std::uint64_t time_ns = 0;
  std::span<const std::byte> raw;  // points into the record
};
bool parse_raw(std::span<const std::byte> body, PerfRaw& out);

/// How many records a PERF_RECORD_LOST or LOST_SAMPLES speaks of.
std::uint64_t parse_lost(const PerfRecord& record);

/// pid of a PERF_RECORD_COMM; 0 when the bytes make no sense.
int parse_comm_pid(std::span<const std::byte> body);

}  // namespace concadvise
