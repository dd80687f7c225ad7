#include "profiler/waits/hot_locks.h"

namespace concadvise {
namespace {

constexpr std::size_t kMostLocks = 4096;     // addresses that are followed
constexpr double kFewestSweeps = 20;         // before anything is said
constexpr double kMostAllWaiting = 0.05;     // of those sweeps: the wake-up between two holders
constexpr double kMostOthers = 1.5;          // users that don't wait, on average: the holder and a little
constexpr std::uint64_t kFewestWaitsEach = 2;

}  // namespace

void HotLocks::waiting(int pid, int tid, std::uint64_t address, bool again) {
  const std::pair key{pid, address};
  if (locks_.size() >= kMostLocks && !locks_.contains(key)) return;
  Lock& lock = locks_[key];
  // A user that was not known before may have been the holder when all known ones waited: count anew.
  if (lock.users.insert(tid).second) lock.sweeps = lock.all_waited = lock.others = 0;
  ++lock.waiting;
  if (!again) ++lock.waits;
}

void HotLocks::judge(Lock& lock) {
  if (lock.users.size() >= 2) {
    ++lock.sweeps;
    if (lock.waiting >= lock.users.size()) ++lock.all_waited;
    lock.others += static_cast<double>(lock.users.size() - std::min(lock.users.size(), lock.waiting));
  }
  lock.waiting = 0;
  if (lock.sweeps < kFewestSweeps) return;
  lock.decided = lock.all_waited <= kMostAllWaiting * lock.sweeps && lock.others <= kMostOthers * lock.sweeps &&
                 lock.waits >= kFewestWaitsEach * lock.users.size();
}

bool HotLocks::is_lock(int pid, std::uint64_t address) const {
  const auto found = locks_.find({pid, address});
  return found != locks_.end() && found->second.decided;
}

}  // namespace concadvise
