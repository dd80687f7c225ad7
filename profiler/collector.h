// A rung of the ladder above /proc. The sampler is always there; collectors add what it can't see, and withdraw by
// themselves when they would cost the target too much.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/profile.h"
#include "profiler/profiler.h"
#include "profiler/timeline/census.h"
#include "profiler/where/stack_book.h"

namespace concadvise {

class Collector {
 public:
  virtual ~Collector() = default;

  /// The rung's name: perf, sched.
  virtual std::string level() const = 0;

  /// Whether it sees anything that the rungs in use don't; asked before it is started.
  virtual bool adds_to(const std::vector<Rung>& /*used*/) const { return true; }

  /// Called when the target's first process exists: launched, before its exec (`attached` false), or running already.
  /// Returns the rung as it came out: used, or why not and the command that would allow it.
  virtual Rung start(Census& census, bool attached) = 0;

  /// Descriptors that become readable when there is something to read; may be empty.
  virtual std::vector<int> descriptors() const { return {}; }

  /// Called after every sweep, and when a descriptor is readable: reads what has come, and judges its own cost.
  virtual void poll(Census& census, std::uint64_t now) = 0;

  /// The target has ended or the time is over: nothing is collected any more.
  virtual void stop() = 0;

  /// Called after that, before the sampler's findings become a profile: corrects what is remembered of the threads.
  virtual void settle(Census& /*census*/) {}

  /// Adds what was found to a profile that the sampler has filled, and says what was lost and whether it withdrew.
  /// `start_ns` (CLOCK_MONOTONIC) is when the profile's times start.
  virtual void contribute(Census& census, std::uint64_t start_ns, Profile& profile) = 0;
};

/// The collectors that the options allow, the lowest rung first. The stacks that they see go into the book.
std::vector<std::unique_ptr<Collector>> make_collectors(const ProfileOptions& options, StackBook& stacks);

}  // namespace concadvise
