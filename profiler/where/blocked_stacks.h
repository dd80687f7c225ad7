// The stacks of threads while they wait.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "profiler/timeline/records.h"
#include "profiler/where/stack_book.h"

namespace concadvise {

/// Takes one stack for a wait, however long it lasts: a blocked thread's stack stands still. Where waits come faster than
/// our own CPU budget allows, a wait without a stack of its own adds its time to those with one (same thread, same place).
class BlockedStacks {
 public:
  explicit BlockedStacks(StackBook& book) : book_(book) {}

  /// Sampler::on_wait: the thread was found waiting at that place.
  void on_wait(ThreadRecord& thread, const WaitSite& site);

 private:
  struct Last {
    std::uint64_t wait = 0;       // which of the thread's waits
    StackBook::Weight* account = nullptr;  // null: no stack yet
    double seen_s = 0;            // of the site, when it was last added up
    bool own_stack = false;       // `wait` has one, the account's
    StackBook::Id stack = 0;
    std::optional<PythonTask> task;
  };
  bool may_spend(std::uint64_t now);
  bool take(ThreadRecord& thread, Last& last);

  StackBook& book_;
  std::unordered_map<const WaitSite*, Last> last_;
  std::uint64_t start_ns_ = 0;
  std::uint64_t spent_ns_ = 0;    // of our CPU
};

}  // namespace concadvise
