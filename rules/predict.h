// Predicts the wall time of each candidate model from what was measured: bounds, never a point.
#pragma once

#include <vector>

#include "model/advice.h"
#include "rules/costs.h"
#include "rules/metrics.h"
#include "rules/thresholds.h"

namespace concadvise {

/// How far intervals reach: factors of rules/thresholds.toml.
struct Spreads {
  double widest_waiting = 1;
  double widest_computing = 1;
  double waits = 1;
  double uneven = 1;
  double most_threads = 1;
  double switch_s = 0;
  double run_to_run = 0;
};

/// What a prediction starts from; seconds of the measured run.
struct Workload {
  double wall_s = 0;
  double cpus = 1;
  double start_s = 0;          // the runtime's own start-up and imports, which no model divides
  double cpu_s = 0;            // computing of all threads, without start-up
  double path_cpu_s = 0;       // computing on the critical path, without start-up
  double queue_s = 0;          // the critical path in a neighbour's run queue
  double wait_s = 0;           // the critical path's waits on something outside, of all kinds
  double longest_wait_s = 0;   // the longest single wait
  double waits = 1;            // how many there are
  double overlap = 1;          // in flight already
  double all_waits_s = 0;      // waits one after the other: wait_s x overlap
  double blocked_loop_s = 0;   // an event loop stopped by waits
  double loop_clients = 0;     // of a loop that serves: connections on which requests come, mean; 0: none, or not known
  double longest_block_s = 0;
  double computing_loop_s = 0; // an event loop stopped by computing
  double contention_s = 0;     // thread-seconds behind locks and the GIL
  double lock_path_s = 0;      // the critical path behind locks and the GIL
  double preemptions = 0;
  double unlocked_s = 0;       // what a thread that stands behind locks does otherwise, the mean of them
  double longest_unlocked_s = 0;  // ... and the most
  double own_share = 1;        // of the computing: the program's own, not starting, waking and feeding workers
  double pieces = 1;           // threads that were started
  double rounds = 0;           // waits that each worker of a never idle pool works off; 0 when there is no such pool
  Spreads spreads;
  bool python = false;
  bool gil = false;
  bool loop = false;           // an event loop runs already
  bool process_pool = false;   // worker processes run already
  bool on_disk = false;         // what it waits for is a disk, which serves few requests at a time
};

Workload workload_of(const Profile& profile, const Metrics& metrics, const Costs& costs, const Thresholds& thresholds);

/// Workers for overlapping the waits. Little's law: to keep all of them in flight, as many as there are waits, bounded by
/// what threads are good for.
int workers_for_waits(const Workload& work);

/// Workers for computing: the usable CPUs, rounded up.
int workers_for_compute(const Workload& work);

/// The interval for one model; wall_s.high / wall_s.low is at most 1.5 for waiting work and 2 for computing work. `model` is
/// a name of DESIGN's vocabulary. Losses come out as intervals above the measured wall time.
Prediction predict(const Workload& work, const std::string& model, const Costs& costs, bool attached);

/// Computing time over the cost of starting workers: above about 2 parallel work pays.
double parallel_pays(const Workload& work, const Costs& costs);

/// The program's own computing over what starting workers for it costs: in Python a pool of processes, else a thread for
/// each piece that was started as a thread.
double own_work_pays(const Workload& work, const Costs& costs);

}  // namespace concadvise
