// What a measurement of a running program found. Units: seconds (`_s`), shares in 0..1; times of day are seconds since
// the start of the measurement unless a name says otherwise. Strings that come from the target are raw bytes and hostile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/state.h"

namespace concadvise {

struct Tool {
  std::string name = "concadvise";
  std::string version;
};

/// What was measured.
struct Target {
  std::vector<std::string> command;  // launched: the arguments; attached: of the first process
  std::vector<int> pids;             // root processes
  bool attached = false;
  std::string cwd;
  double started_at = 0;    // seconds since the epoch
  int exit_status = -1;     // launched and ended normally
  int exit_signal = 0;      // launched and killed by a signal
  bool ended = false;       // the target ended before the measurement did
  std::string language;     // "python", "native", "go", "java", "node" ... of the working processes
  std::string runtime;      // "CPython 3.11.2", "CPython 3.13.0 free-threaded", "glibc 2.36" ...
};

/// The machine as the target sees it.
struct Machine {
  std::string kernel;
  std::string cpu_model;
  int cpus_online = 0;
  double cpus_usable = 0;         // affinity and cgroup quota; can be fractional
  std::string cpus_usable_why;    // "2 online", "affinity 1 of 8", "cgroup quota 150 %"
  double memory_bytes = 0;
  double neighbours_cores = 0;    // mean cores that other processes used meanwhile; -1 unknown
  double psi_cpu_some = -1;       // pressure stall share over the run; -1 unknown
  double psi_io_some = -1;
  double psi_memory_some = -1;
};

/// One rung of the ladder: what it is, whether it was used, why not, and the least-privilege command that would allow it.
struct Rung {
  std::string level;    // procfs, perf, sched; and parts of perf: perf counters, perf switches
  bool used = false;
  std::string why_not;  // empty when used
  std::string command;  // what to run to get it; may be empty
};

/// How well it was measured.
struct Measurement {
  std::string level = "procfs";       // the best level that was used
  double wall_s = 0;
  double own_cpu_s = 0;               // of ours while the target ran
  double finishing_cpu_s = 0;         // ... and after it had ended: names for stacks, sums
  double own_memory_bytes = 0;
  double lost = 0;                    // share of what should have been seen that was lost, 0..1
  std::string path_method;            // "wait-for sampling" or "wake-up edges"
  double interval_s = 0;              // median time between two sweeps
  std::uint64_t sweeps = 0;
  std::uint64_t thread_samples = 0;   // thread states seen
  std::uint64_t cpu_samples = 0;      // on-CPU stacks
  std::uint64_t lost_events = 0;
  double stacks_truncated = 0;        // share of stacks that stopped early
  double symbols_resolved = 0;        // share of frames with a function name
  double cpu_s = 0;                   // CPU time of the whole tree, as the kernel accounts it
  double cpu_seen_s = 0;              // ... of which was seen thread by thread
  double unattributed_cpu_s = 0;      // CPU of threads and children too short-lived to be seen one by one
  bool stopped_early = false;         // ^C or time limit ended the measurement before the target ended
  std::vector<std::string> notes;     // sentences for the data-quality strip
  std::vector<Rung> ladder;
};

struct Frame {
  std::string function;  // demangled; empty when unknown
  std::string module;    // file name of the mapped object
  std::string file;      // source; empty when unknown
  int line = 0;
  bool inlined = false;
  std::string kind = "native";  // native, python, kernel
  std::uint64_t offset = 0;     // in module, when there is no function
};

/// Blocked time of one kind at one place.
struct Wait {
  State state = State::other;
  std::string what;          // "clock_nanosleep", "recvfrom on 127.0.0.1:5432 (tcp, outbound)" ...
  std::string syscall;
  double seconds = 0;        // summed over threads
  double count = 0;          // waits, estimated where they are shorter than a sweep
  double longest_s = 0;
  double in_flight = 0;      // mean number of threads in this wait at once
  int holder = 0;            // tid that holds the lock; 0 unknown
  bool count_is_estimate = true;
  std::vector<Frame> stack;  // innermost first; may be empty
};

struct Thread {
  int pid = 0;
  int tid = 0;
  std::string name;
  double start_s = 0;
  double end_s = 0;
  StateTimes states;               // seconds; sum = end_s - start_s
  double user_s = 0;               // of on_cpu, as far as known
  double system_s = 0;
  std::uint64_t switches = 0;      // times it was given a CPU
  std::uint64_t preemptions = 0;   // involuntary switches
  std::string role;                // "main", "event loop", "pool worker", "" ...
  std::string bands;               // what it did in each of the profile's windows (model/bands.h); empty: not known
  std::vector<Wait> waits;         // largest first, pruned
};

struct Process {
  int pid = 0;
  int ppid = 0;
  std::string name;
  std::string exe;
  std::vector<std::string> command;
  double start_s = 0;
  double end_s = 0;
  double cpu_s = 0;                    // including threads that were not seen one by one
  std::string language;
  std::string runtime;
  bool gil = false;                    // a CPython with a global interpreter lock
  std::vector<std::string> libraries;  // mapped objects, file names
  std::vector<std::string> modules;    // imported modules, where the runtime tells
  int threads_peak = 0;
  double connections_peak = 0;         // connected sockets, inbound and outbound
  double connections_inbound_peak = 0;
  double rss_bytes = 0;
  double pss_bytes = 0;
};

/// Something other than its own wait that an event loop's thread was stopped by.
struct Stall {
  std::string what;          // "clock_nanosleep", "computing" ...
  State state = State::other;
  double seconds = 0;
  double count = 0;
  double longest_s = 0;
  std::vector<Frame> stack;
};

/// A place in the code that a loop runs at which it stopped, or computed: which task of it, and by whose await it came there.
struct LoopStop {
  std::string what;                  // as of the stall; "computing" on a CPU
  State state = State::other;
  double seconds = 0;
  double count = 0;                  // how often; 0: not known
  double longest_s = 0;              // 0: not known
  std::string task;                  // name of the task that stopped it longest; empty when there was none or it can't be read
  double tasks = 0;                  // different tasks that were seen there
  std::string awaited_by;            // name of the task that awaits that one directly; empty when none does
  std::string awaiting_coroutine;    // ... its coroutine
  std::vector<Frame> chain;          // coroutines that await one another, from the running one out to the task's own
  std::vector<Frame> stack;          // innermost first
};

struct Loop {
  int pid = 0;
  int tid = 0;
  std::string kind;              // epoll, poll, select, io_uring
  std::string framework;         // asyncio, libuv, libevent ... when known
  double iterations = 0;         // estimated below level sched
  double waiting_s = 0;          // in its own wait
  double busy_s = 0;             // on CPU or wanting one
  double blocked_s = 0;          // blocked elsewhere than in its own wait
  double longest_stall_s = 0;
  double connections_inbound = 0;   // mean, watched
  double connections_outbound = 0;
  bool listens = false;
  double tasks_most = -1;           // asyncio tasks that there were at most while it waited; -1: not known
  double requests_waiting = -1;     // mean clients whose request it had not read or whom it had not accepted while it did something else; -1: not known
  double requests_waiting_most = 0;
  std::vector<Stall> stalls;     // largest first
  std::vector<LoopStop> stops;   // the same and computing by place, largest first, where stacks were seen
};

/// Threads (or processes) that do the same thing.
struct Pool {
  int pid = 0;
  std::string name;
  std::string kind;              // threads, processes
  int size = 0;
  double busy_mean = 0;          // mean workers on CPU or wanting one
  double waiting_mean = 0;       // mean workers blocked on something other than being parked
  double parked_mean = 0;        // mean workers waiting for work
  StateTimes states;             // seconds, summed
  std::vector<int> tids;         // pruned
  double cpu_s = 0;              // processes: CPU time of the workers and of the process that feeds them
  double to_workers_bytes = -1;  // processes: written by that process and read by the workers, at most; -1: not known
  double from_workers_bytes = -1;  // ... the other way
  double transfer_s = -1;        // processes: of cpu_s, packing, unpacking and moving arguments and results; -1: not known
};

/// A place where time goes, on-CPU or blocked.
struct HotSpot {
  State state = State::on_cpu;
  double seconds = 0;
  double share = 0;              // of all seconds in that state
  double count = 0;              // samples
  std::vector<Frame> stack;      // innermost first
};

/// What hardware counters counted of all threads of the target, in user code only; -1 where the machine does not count it. Scaled up
/// where they took turns with others'.
struct Counters {
  double counted_s = 0;         // CPU time of the target during which they counted
  double cycles = -1;
  double instructions = -1;
  double cache_misses = -1;     // of the last level, as the kernel's generic event has it for this CPU
  double stalled_cycles = -1;   // cycles in which the back end took no work
};

/// A slice of the run.
struct Window {
  double start_s = 0;
  double end_s = 0;
  StateTimes path;        // seconds of the critical path
  double cores = 0;       // mean cores in use
  double runnable = 0;    // mean threads wanting a CPU without having one
  double locked = 0;      // mean threads blocked on a lock or the GIL
  double waits = 0;       // mean threads in a wait on something outside (disk, network, ipc, timer, child, fault)
};

/// A profile: all that the profiler found and nothing that it concluded.
struct Profile {
  std::string schema = "concadvise-profile/1";
  Tool tool;
  Target target;
  Machine machine;
  Measurement measurement;
  StateTimes shares;               // of the critical path (launched) or of wall time (attached); sum 1
  std::vector<Process> processes;
  std::vector<Thread> threads;
  std::vector<Loop> loops;
  std::vector<Pool> pools;
  std::vector<Wait> waits;         // over all threads, largest first
  std::vector<HotSpot> hot_spots;
  std::vector<Window> windows;
  Counters counters;
};

}  // namespace concadvise
