// What tests of suspending with a lock try, as we judge it: a guard counts while it holds.
#include "mini.h"

std::mutex first, second;

mini::Task<void> awaits_with_lock() {
  std::unique_lock<std::mutex> lock(first);
  co_await mini::soon();  //~ lock-across-await
  if (true) {
    co_await mini::soon();  //~ lock-across-await
  }
}
mini::Task<void> in_a_function_try_block() try {
  std::unique_lock<std::mutex> lock(first);
  co_await mini::soon();  //~ lock-across-await
} catch (...) {
}
mini::Task<void> let_go() {
  {
    std::unique_lock<std::mutex> lock(first);
    lock.unlock();
    co_await mini::soon();
  }
  {
    std::unique_lock<std::mutex> lock(first);
    lock.release();
    co_await mini::soon();
  }
  {
    std::unique_lock<std::mutex> lock(first);
    lock = std::unique_lock<std::mutex>{};
    co_await mini::soon();
  }
  {
    std::unique_lock<std::mutex> empty;
    co_await mini::soon();
  }
}
mini::Task<void> still_held() {
  {
    std::unique_lock<std::mutex> lock(first);
    std::unique_lock<std::mutex> other;
    lock.swap(other);
    co_await mini::soon();  //~ lock-across-await
  }
  {
    std::unique_lock<std::mutex> lock(first);
    lock = std::unique_lock<std::mutex>{second};
    co_await mini::soon();  //~ lock-across-await
  }
  {
    std::unique_lock<std::mutex> lock(first);
    first.unlock();
    co_await mini::soon();  //~ lock-across-await
  }
}
mini::Task<void> before_and_beside() {
  co_await mini::soon();
  { std::unique_lock<std::mutex> lock(first); }
  co_await mini::soon();
  std::unique_lock<std::mutex> lock(first);
}
mini::Task<void> jumps_back(int& n) {
again:
  co_await mini::soon();
  std::unique_lock<std::mutex> lock(first);
  if (++n < 3) goto again;
}
mini::Task<void> leaves_the_loop(std::vector<int>& v) {
  for (;;) {
    std::lock_guard guard(first);
    if (v.empty()) break;
    if (v.back() == 0) continue;
    v.pop_back();
  }
  co_await mini::soon();
}
void lambdas() {
  auto plain = []() -> mini::Task<void> {
    std::unique_lock<std::mutex> lock(first);
    co_await mini::soon();  //~ lock-across-await
  };
  auto generic = [](auto& mutex) -> mini::Task<void> {
    std::unique_lock<std::decay_t<decltype(mutex)>> lock(mutex);
    co_await mini::soon();  //~ lock-across-await
  };
  std::unique_lock<std::mutex> outside(first);
  auto inner = []() -> mini::Task<void> { co_await mini::soon(); };
  (void)plain, (void)generic, (void)inner;
}
template <typename Mutex>
mini::Task<void> never_instantiated(Mutex& mutex) {
  std::unique_lock<Mutex> lock(mutex);
  co_await mini::soon();  //~ lock-across-await
}
template <typename T>
struct Container {
  mini::Task<void> push_back() {
    std::unique_lock<std::mutex> lock(mutex_);
    co_await mini::soon();  //~ lock-across-await
  }
  std::mutex mutex_;
};
class __attribute__((scoped_lockable)) Hold {
 public:
  explicit Hold(std::mutex&);
  ~Hold();
};
mini::Task<void> scoped_lockable() {
  {
    Hold hold(first);
    co_await mini::soon();  //~ lock-across-await
  }
  co_await mini::soon();
}
