// What is remembered of each process and thread while it is watched.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/profile.h"
#include "profiler/procfs/task.h"
#include "profiler/timeline/band_book.h"
#include "profiler/waits/observation.h"

namespace concadvise {

/// How a thread spent the time between two looks at it. The three shares sum to 1.
struct Composition {
  double run = 0;
  double queue = 0;
  double blocked = 1;
};

/// Waits of one thread at one place.
struct WaitSite {
  State state = State::other;
  std::string syscall;
  std::string what;
  double samples_s = 0;      // time between looks that found it there: weights, not durations
  std::uint64_t episodes = 0;
  double longest_s = 0;
  int holder = 0;
  int program = 0;            // how many programs the process had executed by then
  std::uint64_t address = 0;  // of a futex that may turn out to be a lock
  const char* lock_called = "";
  bool shared_memory = false; // that futex: other processes may wait on it as well
};

struct ThreadRecord {
  ThreadRecord(int process, int thread) : pid(process), tid(thread), files(process, thread) {}

  int pid;
  int tid;
  std::string name;
  TaskFiles files;
  bool alive = true;
  std::uint64_t start_ns = 0;
  std::uint64_t seen_ns = 0;        // the last look
  SchedStat first;                  // at start_ns
  SchedStat last;                   // at seen_ns
  std::optional<std::uint64_t> preemptions;  // times that it left its CPU and wanted more, where switches were recorded
  bool running = true;              // at the last look: on a CPU or wanting one
  std::uint64_t blocked_since_ns = 0;
  std::uint64_t classified_ns = 0;
  bool wait_counted = false;        // the current wait has been counted at its site
  std::uint64_t given_cpu_ns = 0;   // the look that found it had been given a CPU since the look before
  unsigned looks = 0;
  std::uint64_t changed_ns = 0;     // the last look that found it running or had to ask what it waits for
  std::uint64_t due_ns = 0;         // of many threads, those that rest are looked at less often

  SyscallState syscall;             // of the current wait
  Observation wait;                 // of the current or the last wait
  State shown = State::other;       // the state that `wait` was booked as
  Composition composition;          // since the look before
  BandBook bands;
  double activity = 0;              // recent share of one CPU
  Composition composed{0, 0, 0};    // the seconds that compositions have given out
  StateTimes states;                // seconds
  double blocked_assigned_s = 0;    // of states, in wait classes
  StateTimes weights;               // how often it was found in each wait
  std::map<std::string, WaitSite> sites;
  WaitSite* site = nullptr;         // of the wait that the last look found it in

  // As an event loop
  double loop_wait_s = 0;
  std::uint64_t loop_looks = 0;
  double inbound_sum = 0;
  double outbound_sum = 0;
  std::uint64_t outbound_looks = 0;
  bool listens = false;
  std::size_t tasks_most = 0;  // asyncio tasks while it stood in its loop's wait; 0 not known
  std::string loop_kind;
  bool runs_loop = false;           // by the functions that were seen on its stack
  std::string loop_library;         // by the same
  bool looks_after_pool = false;    // by the same: it waits for many things, but is no loop
  std::uint64_t set_looked_at_ns = 0;
  std::vector<std::uint64_t> loop_inodes;   // its clients' connections and where they come in, when it was last found waiting for them
  std::uint64_t stall_looks = 0;    // looks at which it stood still and its clients' connections could be asked
  std::uint64_t stall_unread = 0;   // connections with a request not yet read, summed over those looks
  int stall_unread_most = 0;

  /// Another program is executed: what waited for events before was another loop.
  void forget_loop() {
    loop_wait_s = inbound_sum = outbound_sum = 0;
    loop_looks = outbound_looks = 0;
    listens = runs_loop = looks_after_pool = false;
    loop_kind.clear();
    tasks_most = 0;
    loop_library.clear();
    loop_inodes.clear();
    stall_looks = stall_unread = 0;
    stall_unread_most = 0;
  }

  /// Times that it was given a CPU after a wait; also after a preemption where those are not known.
  std::uint64_t turns() const {
    const std::uint64_t given = last.slices - first.slices;
    return given - std::min(given, preemptions.value_or(0));
  }
  double cpu_s() const { return static_cast<double>(last.run_ns - first.run_ns) * 1e-9; }
  double queue_s() const { return static_cast<double>(last.queue_ns - first.queue_ns) * 1e-9; }
  double life_s() const { return static_cast<double>(seen_ns - start_ns) * 1e-9; }
};

struct ProcessRecord {
  int pid = 0;
  int ppid = 0;
  bool alive = true;
  std::uint64_t start_ns = 0;
  std::uint64_t end_ns = 0;
  std::uint64_t first_cpu_ns = 0;   // of the process, when it was first seen
  std::uint64_t cpu_ns = 0;         // last known, at cpu_read_ns
  std::uint64_t cpu_read_ns = 0;
  int execs = 0;
  std::optional<IoBytes> first_io;  // when it was first asked; nothing read for one that was born meanwhile
  IoBytes io;                       // last known, at io_read_ns
  std::uint64_t io_read_ns = 0;
  IoBytes io_of_children;           // of those that have ended: the kernel adds it to ours
  unsigned long task_links = 0;     // of its task folder: 2 and one for each thread
  bool has_loop_descriptor = false;
  bool looked_up = false;           // name, objects, runtime
  int interpreters = 0;             // most that a CPython process was seen to have
  unsigned lookups = 0;
  std::uint64_t described_ns = 0;
  std::vector<std::uint64_t> affinity;  // CPUs that its threads may use, a bit each
  Process described;
  std::vector<ThreadRecord*> threads;  // alive
  bool is_root = false;
};

}  // namespace concadvise
