// Locks and suspensions, waits under a lock, a pool of one lock.
#include <unistd.h>

#include "mini.h"

struct Store {
  std::mutex mutex;
  std::vector<int> values;

  mini::Task<void> held(int x) {
    std::lock_guard<std::mutex> guard(mutex);
    values.push_back(x);
    co_await mini::soon();  //~ lock-across-await
  }
  mini::Task<void> held_in_one_way(bool wait) {
    std::scoped_lock guard(mutex);
    if (wait) co_await mini::soon();  //~ lock-across-await
  }
  mini::Task<void> by_hand() {
    mutex.lock();
    co_await mini::soon();  //~ lock-across-await
    mutex.unlock();
    co_await mini::soon();
  }
  mini::Task<int> in_a_return(int& n) {
    std::unique_lock guard(mutex);
    n = (co_await mini::soon(), 1);  //~ lock-across-await
    co_return n;
  }
  mini::Sequence<int> yielded() {
    std::lock_guard guard(mutex);
    for (int v : values) co_yield v;  //~ lock-across-await
  }
  mini::Task<void> released(int x) {
    {
      std::lock_guard guard(mutex);
      values.push_back(x);
    }
    co_await mini::soon();
    std::unique_lock lock(mutex);
    lock.unlock();
    co_await mini::soon();
    std::unique_lock later(mutex, std::defer_lock);
    co_await mini::soon();
    while (!later.try_lock()) co_await mini::soon();
    later.unlock();
    co_await mini::soon();
  }
  mini::Task<void> released_on_every_way(bool early) {
    std::unique_lock lock(mutex);
    if (early) {
      lock.unlock();
    } else {
      values.clear();
      lock.unlock();
    }
    co_await mini::soon();
  }

  void slow_under_lock() {
    std::lock_guard guard(mutex);
    ::sleep(1);  //~ blocking-under-lock
  }
  void slow_after_lock() {
    {
      std::lock_guard guard(mutex);
      values.clear();
    }
    ::sleep(1);
  }
  void pause() { ::sleep(1); }
  void slow_by_chain() {
    std::unique_lock lock(mutex);
    pause();  //~ blocking-under-lock
    lock.unlock();
    pause();
  }
};

void waits_for_its_lock(std::mutex& mutex, std::condition_variable& changed, bool& done) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done; });
  while (!done) changed.wait(lock);
}
void waits_blindly(std::mutex& mutex, std::condition_variable& changed) {
  std::unique_lock lock(mutex);
  changed.wait(lock);  //~ wait-without-predicate
}
