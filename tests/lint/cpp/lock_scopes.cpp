// Guards of all kinds, given back, moved, adopted and tried.
#include "mini.h"
#include <optional>
#include <shared_mutex>
#include <pthread.h>
struct S {
  std::mutex m, m2; std::shared_mutex sm; std::recursive_mutex rm; std::timed_mutex tm; pthread_mutex_t pm; std::vector<int> v;
  mini::Task<void> shared(int) { std::shared_lock l(sm); co_await mini::soon(); }  //~ lock-across-await
  mini::Task<void> two() { std::scoped_lock l(m, m2); co_await mini::soon(); }  //~ lock-across-await
  mini::Task<void> recursive() { std::lock_guard l(rm); co_await mini::soon(); }  //~ lock-across-await
  mini::Task<void> relock() {
    std::unique_lock l(m); l.unlock();
    co_await mini::soon();
    l.lock(); v.push_back(1);
    co_await mini::soon();  //~ lock-across-await
  }
  mini::Task<void> pthread_style() {
    pthread_mutex_lock(&pm);
    v.push_back(1);
    co_await mini::soon();  //~ lock-across-await
    pthread_mutex_unlock(&pm);
    co_await mini::soon();
  }
  mini::Task<int> conditional(bool b) {
    std::unique_lock<std::mutex> l(m, std::defer_lock);
    if (b) l.lock();
    co_await mini::soon();  //~ lock-across-await
    co_return 1;
  }
  mini::Task<void> early(bool b) {
    std::unique_lock l(m);
    if (b) co_return;
    v.clear(); l.unlock();
    co_await mini::soon();
  }
  mini::Task<void> moved() {
    std::unique_lock l(m);
    consume(std::move(l));
    co_await mini::soon();
  }
  static void consume(std::unique_lock<std::mutex>) {}
  mini::Task<void> try_first() {
    if (m.try_lock()) {
      v.push_back(1);
      m.unlock();
    }
    co_await mini::soon();
  }
  mini::Task<void> try_held() {
    if (!m.try_lock()) co_return;
    co_await mini::soon();  //~ lock-across-await
    m.unlock();
  }
  mini::Task<void> adopted() {
    m.lock();
    std::lock_guard l(m, std::adopt_lock);
    co_await mini::soon();  //~ lock-across-await
  }
  mini::Task<void> block_in_loop() {
    for (int i = 0; i < 3; ++i) {
      { std::lock_guard g(m); v.push_back(i); }
      co_await mini::soon();
    }
  }
  mini::Task<void> in_lambda() {
    auto put = [this] { std::lock_guard g(m); v.push_back(1); };
    put();
    co_await mini::soon();
  }
  mini::Task<void> ret() { std::lock_guard g(m); co_return; }
  mini::Sequence<int> gen() { std::lock_guard g(m); for (int x : v) co_yield x; }  //~ lock-across-await
  mini::Task<void> heap() { auto g = std::make_unique<std::lock_guard<std::mutex>>(m); co_await mini::soon(); }  //~ [lock-across-await]
  mini::Task<void> opt() { std::unique_lock<std::mutex> l; co_await mini::soon(); }
  std::unique_lock<std::mutex> hold() { return std::unique_lock(m); }
  mini::Task<void> from_function() { auto l = hold(); co_await mini::soon(); }  //~ lock-across-await
  mini::Task<void> dtor_before() { std::optional<std::unique_lock<std::mutex>> l(m); l.reset(); co_await mini::soon(); }
  mini::Task<void> switched(int k) {
    std::unique_lock l(m);
    switch (k) { case 0: l.unlock(); break; default: l.unlock(); }
    co_await mini::soon();
  }
};
struct Guard { std::mutex& m; explicit Guard(std::mutex& x) : m(x) { m.lock(); } ~Guard() { m.unlock(); } };
mini::Task<void> own_guard(std::mutex& m) { Guard g(m); co_await mini::soon(); }  //~ lock-across-await [coroutine-reference-parameter]
// A mutex of its own kind: its lock is awaited.
struct Turnstile {
  mini::Loop::Turn lock_async();
  void lock();
  void unlock();
};
struct Awaited {
  bool await_ready();
  void await_suspend(std::coroutine_handle<>);
  std::unique_lock<Turnstile> await_resume();
};
mini::Task<void> in_turn(Turnstile& turnstile, Awaited& awaited) {
  {
    std::unique_lock lock(turnstile);
    co_await mini::soon();
  }
  auto got = co_await awaited;
  co_await mini::soon();
}
struct Scope { std::lock_guard<std::mutex> g; explicit Scope(std::mutex& m) : g(m) {} };
struct Wrapped {
  std::mutex m;
  mini::Task<void> held() {
    Scope s(m);
    co_await mini::soon();  //~ lock-across-await
  }
  mini::Task<void> given_back() {
    { Scope s(m); }
    co_await mini::soon();
  }
};
struct HandedOut {
  struct Locked { std::unique_lock<std::mutex> l; std::vector<int>* v; std::vector<int>* operator->() { return v; } };
  std::mutex m; std::vector<int> v;
  Locked lock() { return {std::unique_lock(m), &v}; }
  mini::Task<void> held() {
    auto l = lock();
    l->push_back(1);
    co_await mini::soon();  //~ lock-across-await
  }
  mini::Task<void> for_a_moment() { lock()->push_back(1); co_await mini::soon(); }
};

// Tried as the last of several conditions: held exactly if all are true.
mini::Task<bool> admit(std::mutex& gate, bool open) {
  const bool in = open && gate.try_lock();
  if (in) gate.unlock();
  co_await mini::soon();
  co_return in;
}
mini::Task<bool> admit_and_keep(std::mutex& gate, bool open) {
  const bool in = open && gate.try_lock();
  co_await mini::soon();  //~ lock-across-await
  if (in) gate.unlock();
  co_return in;
}

// A mutex of the sources around the real one, and its guard.
namespace home {
class Mutex { std::mutex m_; public: void Lock() { m_.lock(); } void Unlock() { m_.unlock(); } };
class MutexLock {
 public:
  explicit MutexLock(Mutex* m) : m_(m) { m_->Lock(); }
  ~MutexLock() { m_->Unlock(); }
 private:
  Mutex* m_;
};
}
mini::Task<void> home_guard(home::Mutex* m) { home::MutexLock held(m); co_await mini::soon(); }  //~ lock-across-await
mini::Task<void> home_guard_given_back(home::Mutex* m) { { home::MutexLock held(m); } co_await mini::soon(); }
mini::Task<void> home_by_hand(home::Mutex* m) { m->Lock(); co_await mini::soon(); m->Unlock(); }  //~ lock-across-await
mini::Task<void> home_by_hand_given_back(home::Mutex* m) { m->Lock(); m->Unlock(); co_await mini::soon(); }
