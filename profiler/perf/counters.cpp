#include "profiler/perf/counters.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <unordered_set>

#include "profiler/perf/event_set.h"
#include "profiler/perf/permission.h"

namespace concadvise {
namespace {

/// One group, so that all of them count at the same times: the first leads. Those after the second may be missing.
struct Kind {
  const char* event;  // libpfm4's name
  double Counters::* into;
};

// The kernel's generic cache misses are those of the last level on Intel and of the second on AMD; on Arm they are the first
// level's, which say nothing about memory: there the last level's have an event of their own.
#if defined(__aarch64__)
constexpr const char* kCacheMisses = "LLC-load-misses";
#else
constexpr const char* kCacheMisses = "cache-misses";
#endif

constexpr std::array<Kind, 4> kKinds = {{{"cycles", &Counters::cycles},
                                         {"instructions", &Counters::instructions},
                                         {kCacheMisses, &Counters::cache_misses},
                                         {"stalled-cycles-backend", &Counters::stalled_cycles}}};
constexpr std::size_t kNeeded = 2;

}  // namespace

HardwareCounters::HardwareCounters(OpenEvent open) : open_(std::move(open)), sums_(kKinds.size()) {}

// 0, or the errno of what failed. A counter beyond the needed ones that can't be had is left out.
int HardwareCounters::open_on_thread(int tid) {
  int group = -1;
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    const auto encoded = event_attributes(kKinds[kind].event, false);
    int error = ENOENT;
    if (encoded) {
      perf_event_attr attributes = *encoded;
      attributes.inherit = 1;
      attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
      Descriptor event = open_(attributes, tid, -1, group);
      error = event ? 0 : errno;
      if (group < 0 && event) group = event.get();
      if (event) counters_.push_back({kind, std::move(event)});
    }
    if (error != 0 && (kind < kNeeded || error == EMFILE)) return error;
  }
  return 0;
}

Rung HardwareCounters::start(Census& census, bool /*attached*/) {
  const std::size_t spare = descriptors_to_spare(census.threads().size());
  std::unordered_set<int> done;
  int error = 0;
  for (bool added = true; added && error == 0;) {
    added = false;
    for (const auto& thread : census.threads()) {
      if (!thread->alive || !done.insert(thread->tid).second) continue;
      error = counters_.size() + kKinds.size() > spare ? EMFILE : open_on_thread(thread->tid);
      if (error == ESRCH) error = 0;  // it has ended meanwhile
      if (error != 0) break;
      added = true;
    }
    census.update(now_ns());
  }
  if (error != 0) {
    counters_.clear();
    return counters_refused(Privileges::read(), error);
  }
  rate_.emplace(now_ns());
  return Rung{"perf counters", true, "", ""};
}

void HardwareCounters::poll(Census& census, std::uint64_t now) {
  if (counters_.empty()) return;
  const auto rate = rate_->judge(census, now);
  if (rate && *rate > kMostSwitches) read_and_close();  // of the ratios so far nothing is wrong
}

void HardwareCounters::stop() { read_and_close(); }

void HardwareCounters::read_and_close() {
  for (const Counter& counter : counters_) {
    struct {
      std::uint64_t value = 0, enabled_ns = 0, running_ns = 0;
    } now;
    if (::read(counter.event.get(), &now, sizeof now) != static_cast<ssize_t>(sizeof now) || now.running_ns == 0) continue;
    Sum& sum = sums_[counter.kind];
    sum.known = true;
    // They took turns on the hardware: what was counted stands for all of the time.
    sum.count += static_cast<double>(now.value) * (static_cast<double>(now.enabled_ns) / static_cast<double>(now.running_ns));
    if (counter.kind == 0) counted_s_ += static_cast<double>(now.enabled_ns) * 1e-9;
  }
  counters_.clear();
}

void HardwareCounters::contribute(Census& /*census*/, std::uint64_t /*start_ns*/, Profile& profile) {
  profile.counters.counted_s = counted_s_;
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind)
    if (sums_[kind].known) profile.counters.*kKinds[kind].into = sums_[kind].count;
}

}  // namespace concadvise
