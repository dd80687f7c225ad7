// A corpus program is a table of scenarios, run as `program SCENARIO [SECONDS]`. Amounts of computing are amounts of CPU
// time, so that a busy machine changes how long a scenario takes and not what it is.
#pragma once

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

struct Scenario {
  const char* name;
  void (*run)(double seconds);
};

inline volatile std::uint64_t g_sink;

inline double thread_cpu_s() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

inline double now_s() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// Computes for that much CPU time of the calling thread.
__attribute__((noinline)) inline void compute(double cpu_seconds) {
  const double end = thread_cpu_s() + cpu_seconds;
  std::uint64_t state = 88172645463325252ULL;
  do {
    for (int i = 0; i < 20'000; ++i) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
    }
    g_sink = state;
  } while (thread_cpu_s() < end);
}

inline void sleep_for(double seconds) {
  timespec t{static_cast<time_t>(seconds), static_cast<long>((seconds - static_cast<double>(static_cast<time_t>(seconds))) * 1e9)};
  while (nanosleep(&t, &t) != 0) {
  }
}

/// Ends the program with the failed call's name: a scenario that could not be set up is not a measurement.
inline void must(bool ok, const char* what) {
  if (ok) return;
  std::perror(what);
  std::exit(99);
}

inline int cpus() { return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)); }

/// Tells the runner that the scenario stands, and the port that it listens on (0: none).
inline void ready(int port) {
  std::printf("ready %d\n", port);
  std::fflush(stdout);
}

inline int run_scenario(std::initializer_list<Scenario> table, int argc, char** argv) {
  for (const Scenario& scenario : table) {
    if (argc < 2 || std::strcmp(argv[1], scenario.name) != 0) continue;
    scenario.run(argc > 2 ? std::atof(argv[2]) : 2.0);
    return 0;
  }
  std::fprintf(stderr, "usage: %s SCENARIO [SECONDS]; scenarios:", argv[0]);
  for (const Scenario& scenario : table) std::fprintf(stderr, " %s", scenario.name);
  std::fprintf(stderr, "\n");
  return 2;
}
