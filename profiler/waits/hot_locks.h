// Locks that can't be told from signals by their system call. CPython's threading.Lock is a semaphore in the kernel's eyes,
// and so is what a parked worker waits on. The difference shows over time: a lock with waiters has a holder, so never do
// all of its users wait at once, and hardly ever does more than one of them not wait.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace concadvise {

class HotLocks {
 public:
  /// A thread was found waiting for that address in this sweep; `again` when it is still the same wait.
  void waiting(int pid, int tid, std::uint64_t address, bool again);

  /// Closes the sweep. `is_alive(tid)` leaves out threads that have ended.
  template <typename IsAlive>
  void end_sweep(IsAlive is_alive) {
    for (auto& [key, lock] : locks_) {
      if (lock.waiting == 0) continue;
      std::erase_if(lock.users, [&](int tid) { return !is_alive(tid); });
      judge(lock);
    }
  }

  /// True once the address has behaved like a lock.
  bool is_lock(int pid, std::uint64_t address) const;

 private:
  struct Lock {
    std::set<int> users;        // threads that were ever found waiting for it
    std::size_t waiting = 0;    // in this sweep
    std::uint64_t waits = 0;
    double sweeps = 0;          // with a waiter and at least two users
    double all_waited = 0;      // ... of which nobody could have been its holder
    double others = 0;          // sum of users that did not wait
    bool decided = false;
  };
  static void judge(Lock& lock);

  std::map<std::pair<int, std::uint64_t>, Lock> locks_;
};

}  // namespace concadvise
