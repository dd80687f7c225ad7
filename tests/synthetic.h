// Profiles written by hand: shapes of programs as the profiler would report them.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "model/profile.h"

namespace concadvise::test {

using Shares = std::initializer_list<std::pair<State, double>>;

inline StateTimes times(Shares shares, double scale = 1) {
  StateTimes out;
  for (const auto& [state, share] : shares) out[state] = share * scale;
  return out;
}

/// Builds a profile thread by thread; `done` derives what follows from the threads.
class Synthetic {
 public:
  explicit Synthetic(double wall_s = 5, double cpus = 2) {
    profile_.measurement.wall_s = wall_s;
    profile_.measurement.interval_s = 0.005;
    profile_.measurement.sweeps = static_cast<std::uint64_t>(wall_s / 0.005);
    profile_.machine.cpus_usable = cpus;
    profile_.machine.cpus_online = static_cast<int>(cpus);
    profile_.target.command = {"app"};
    profile_.target.language = "native";
    Process process;
    process.pid = 100;
    process.name = "app";
    process.language = "native";
    profile_.processes.push_back(process);
  }

  Synthetic& attached() { profile_.target.attached = true; return *this; }

  Synthetic& python(bool gil = true) {
    profile_.target.language = profile_.processes[0].language = "python";
    profile_.target.runtime = profile_.processes[0].runtime = "CPython 3.11.2";
    profile_.processes[0].gil = gil;
    return *this;
  }

  /// `count` threads that spend these shares of the whole run.
  Synthetic& threads(int count, Shares shares) {
    for (int i = 0; i < count; ++i) {
      Thread thread;
      thread.pid = 100;
      thread.tid = 100 + static_cast<int>(profile_.threads.size());
      thread.end_s = profile_.measurement.wall_s;
      thread.states = times(shares, profile_.measurement.wall_s);
      profile_.threads.push_back(thread);
    }
    return *this;
  }

  /// Shares of the critical path.
  Synthetic& path(Shares shares) { profile_.shares = times(shares); return *this; }

  Synthetic& wait(State state, double seconds, double count, double longest, double in_flight, std::string what = "wait") {
    Wait wait;
    wait.state = state;
    wait.what = std::move(what);
    wait.seconds = seconds;
    wait.count = count;
    wait.longest_s = longest;
    wait.in_flight = in_flight;
    profile_.waits.push_back(wait);
    return *this;
  }

  Profile& raw() { return profile_; }

  Profile done() {
    StateTimes all;
    for (const Thread& thread : profile_.threads) all += thread.states;
    const double wall = profile_.measurement.wall_s;
    profile_.measurement.cpu_s = profile_.measurement.cpu_seen_s = all[State::on_cpu];
    profile_.processes[0].threads_peak = static_cast<int>(profile_.threads.size());
    if (profile_.target.attached && profile_.shares.sum() == 0) profile_.shares = all.shares();
    if (!profile_.windows.empty()) return profile_;
    for (int i = 0; i < 50; ++i) {
      Window window;
      window.start_s = wall * i / 50;
      window.end_s = wall * (i + 1) / 50;
      window.path = profile_.shares.scaled(wall / 50);
      window.cores = all[State::on_cpu] / wall;
      window.runnable = all[State::runnable] / wall;
      window.locked = (all[State::lock] + all[State::gil]) / wall;
      window.waits = (all[State::disk] + all[State::network] + all[State::ipc] + all[State::timer] + all[State::child] + all[State::fault]) / wall;
      profile_.windows.push_back(window);
    }
    return profile_;
  }

 private:
  Profile profile_;
};

}  // namespace concadvise::test
