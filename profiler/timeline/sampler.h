// The base of the ladder: sweeps over /proc. Run and run-queue time are the scheduler's own and exact; kinds of waits are
// sampled at the sweeps and used as weights.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "profiler/timeline/census.h"
#include "profiler/timeline/path.h"
#include "profiler/waits/classify.h"
#include "profiler/waits/hot_locks.h"

namespace concadvise {

/// A slice of the run while it is being summed.
struct Slice {
  std::uint64_t start_ns = 0;
  std::uint64_t end_ns = 0;
  StateTimes path;       // seconds
  double run_s = 0;      // thread-seconds
  double queue_s = 0;
  double locked_s = 0;
  double waits_s = 0;
};

class Sampler {
 public:
  /// `attached_for_s`: how long an attached run is to last, 0 when that is open; nothing for a launched one.
  Sampler(Census& census, Classifier& classifier, std::optional<double> attached_for_s);

  /// One look at every thread that is due. Returns the time until the next one is wanted, in nanoseconds.
  std::uint64_t sweep();

  /// The last sweep, at everybody, and all books are closed.
  void finish();

  /// Closes the books for as long as `look` takes and opens them again: for a result while the measurement goes on.
  void while_closed(const std::function<void()>& look);

  std::uint64_t start_ns() const { return start_ns_; }
  std::uint64_t end_ns() const { return last_sweep_ns_; }
  std::uint64_t sweeps() const { return sweeps_; }
  std::uint64_t thread_samples() const { return thread_samples_; }
  std::uint64_t unreadable() const { return unreadable_; }
  double median_interval_s() const;
  const std::vector<Slice>& slices() const { return slices_; }
  StateTimes path() const;
  double supervised_s() const { return supervised_s_; }  // of the path: see PathWalk::supervised_share

  /// Called for a process when it is new or has executed another program.
  std::function<void(ProcessRecord&)> on_new_program;

  /// Called for a thread found blocked at a place for the first time in this wait, and again while it lasts.
  std::function<void(ThreadRecord&, const WaitSite&)> on_wait;

 private:
  void look_at(ThreadRecord& thread, double interval_s);
  void count_waiting_clients(ThreadRecord& thread);
  void look_at_clients(ThreadRecord& thread, std::uint64_t now);
  WaitSite& site_of(ThreadRecord& thread, State state);
  double budget() const;
  std::uint64_t shortest_interval_ns(std::uint64_t now) const;
  std::uint64_t rest_of(const ThreadRecord& thread, std::uint64_t now) const;
  void look_at_wait(ThreadRecord& thread, State state, std::uint64_t now, double interval_s, bool same_wait);
  void settle_process(ProcessRecord& process, std::uint64_t now);
  void read_io(ProcessRecord& process, std::uint64_t now);
  void find_vanished(ProcessRecord& process, bool gone);
  void account_interval(std::uint64_t from, std::uint64_t to);
  void judge_locks();
  void close_books(ThreadRecord& thread) const;
  void look_up_programs(std::uint64_t now);
  Slice& slice_at(std::uint64_t now);

  Census& census_;
  Classifier& classifier_;
  std::optional<double> attached_for_s_;
  PathWalk path_walk_;
  HotLocks hot_locks_;
  std::uint64_t start_ns_;
  std::uint64_t last_sweep_ns_;
  std::uint64_t sweeps_ = 0;
  std::uint64_t thread_samples_ = 0;
  std::uint64_t unreadable_ = 0;
  std::uint64_t census_generation_ = 0;
  std::uint64_t slice_ns_;
  double supervised_s_ = 0;
  double cost_ns_ = 20'000;  // of a sweep, smoothed
  double look_ns_ = 4'000;   // of a look at one thread, smoothed, with its part of the sweep
  std::vector<Slice> slices_;
  std::map<std::uint64_t, std::uint64_t> intervals_;  // rounded to 100 us -> count
};

}  // namespace concadvise
