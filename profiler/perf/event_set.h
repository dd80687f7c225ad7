// Perf events with a ring for each CPU: on whole CPUs, or on the target's threads and all that these will create.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "profiler/perf/event.h"
#include "profiler/perf/ring.h"
#include "profiler/timeline/census.h"

namespace concadvise {

/// How many descriptors may still be opened when for each of the `in_use` threads some are open; leaves half for others.
std::size_t descriptors_to_spare(std::size_t in_use);

class EventSet {
 public:
  /// Of a ring: `bytes` are wanted, fewer than `at_least` are refused. Powers of two.
  struct RingSize {
    std::size_t bytes = 0;
    std::size_t at_least = 0;
  };

  /// Everything that runs on a CPU. 0, or the errno of what failed (ENOBUFS: no more memory may be locked for rings); then
  /// nothing is open.
  int open_on_cpus(const perf_event_attr& attributes, RingSize size);

  /// The target's threads and what they create, one event for each thread and CPU: an inherited event can only have a ring
  /// where it is bound to a CPU. `attributes.task` must be set: births tell which threads have inherited the event while the
  /// others were listed. 0 or an errno as above; ESRCH when no thread is alive any more.
  int open_on_threads(const perf_event_attr& attributes, RingSize size, Census& census);

  /// Calls `each` with a CPU's place (0 ... cpus() - 1) and a record, CPU by CPU; those of one CPU are in their order.
  void drain(const std::function<void(std::size_t, const PerfRecord&)>& each);

  /// Readable when a ring has something to read (attr.wakeup_events, attr.wakeup_watermark); one for each CPU.
  std::vector<int> descriptors() const;

  std::size_t cpus() const { return cpus_.size(); }
  std::size_t ring_bytes() const { return cpus_.empty() ? 0 : cpus_.front().ring.bytes(); }
  bool empty() const { return cpus_.empty(); }

  void disable();
  void close();

 private:
  struct Cpu {
    int number = 0;
    Ring ring;
    Descriptor owner;  // the event whose ring it is
  };

  int open_on_thread(perf_event_attr attributes, int tid);
  int open_listed(const perf_event_attr& attributes, RingSize size, Census& census);
  int map_rings(RingSize size);

  std::vector<Cpu> cpus_;
  std::vector<Descriptor> events_;  // those without a ring of their own
};

}  // namespace concadvise
