// Which processes and threads belong to the target, kept up to date as it forks, execs and ends.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "profiler/timeline/records.h"

namespace concadvise {

class Census {
 public:
  Census();

  /// Adds a root process with its threads and, when `with_descendants`, all processes below it. False when it does not
  /// exist or may not be read (errno says which).
  bool add_root(int pid, bool with_descendants);

  /// Descendants whose parent has ended are handed to this process (the sub-reaper); they stay in the target.
  void set_reaper(int pid) { reaper_ = pid; }

  /// The measurement begins now: what is known by then counts from here. Making ready for it takes a tenth of a second.
  void begin(std::uint64_t now);

  /// Finds what was created since the last call. Costs one read when nothing was: the kernel tells the last number it
  /// gave to a new task.
  void update(std::uint64_t now);

  /// The thread or process was found to have ended.
  void thread_ended(ThreadRecord& thread);
  void process_ended(ProcessRecord& process, std::uint64_t now);

  std::map<int, ProcessRecord>& processes() { return processes_; }
  /// Those that may be alive, and after `bury` only those.
  std::vector<std::unique_ptr<ThreadRecord>>& threads() { return threads_; }
  const std::vector<std::unique_ptr<ThreadRecord>>& ended_threads() const { return ended_threads_; }

  /// Calls `each(const ThreadRecord&)` for all, ended or not.
  template <typename Each>
  void for_each_thread(Each each) const {
    for (const auto& thread : ended_threads_) each(*thread);
    for (const auto& thread : threads_) each(*thread);
  }

  /// The process with that number, also when it has ended; null when there was none.
  const ProcessRecord* remembered(int pid) const {
    const auto found = processes_.find(pid);
    return found == processes_.end() ? nullptr : &found->second;
  }

  /// Moves ended threads aside: 10,000 short-lived ones must not slow the sweeps down.
  void bury();
  const std::vector<ProcessRecord>& reused() const { return reused_; }
  ProcessRecord* process(int pid);
  ThreadRecord* main_thread(int pid);
  std::vector<int> live_pids() const;
  std::size_t live_threads() const { return by_tid_.size(); }
  bool is_thread_of(int pid, int tid) const;
  ThreadRecord* thread(int tid);

  /// The thread, alive or not, was seen in functions which run an event loop of that library.
  void runs_loop(int pid, int tid, std::string library);

  /// Changes whenever a process joins or leaves.
  std::uint64_t generation() const { return generation_; }

 private:
  static void begin(ThreadRecord& thread, const SchedStat& stat, std::uint64_t now);
  ProcessRecord& add_process(int pid, int ppid, std::uint64_t now);
  void list_threads(ProcessRecord& process, std::uint64_t now);
  ThreadRecord* add_thread(ProcessRecord& process, int tid, std::uint64_t now);
  void look_at_new_task(int id, std::uint64_t now);
  void scan_everything(std::uint64_t now);
  int last_task_id() const;

  Descriptor loadavg_;
  int last_id_ = 0;
  int reaper_ = 0;
  int own_pid_;  // never part of the target: not even of that which started us
  std::uint64_t generation_ = 0;
  bool any_ended_ = false;
  std::map<int, ProcessRecord> processes_;           // also those that have ended, by pid
  std::vector<ProcessRecord> reused_;                // ended ones whose number was given again
  std::vector<std::unique_ptr<ThreadRecord>> threads_;
  std::vector<std::unique_ptr<ThreadRecord>> ended_threads_;
  std::unordered_map<int, ThreadRecord*> by_tid_;    // alive
};

}  // namespace concadvise
