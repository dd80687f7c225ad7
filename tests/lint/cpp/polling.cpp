// Loops that look whether something has changed.
#include "mini.h"
#include <atomic>
#include <latch>
#include <memory>
#include <mutex>
#include <condition_variable>
#include <thread>
struct Svc { std::atomic<bool> done{false}; std::mutex m; std::condition_variable cv; bool flag = false;
  void wait_done() { while (!done.load(std::memory_order_acquire)) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); } }  //~ sleep-polling
  void wait2() { while (!flag) { std::this_thread::yield(); } }  //~ sleep-polling
  bool is_done() const { return done; }
  void wait3() { while (!is_done()) std::this_thread::sleep_for(std::chrono::milliseconds(1)); }  //~ sleep-polling
  void wait4() { for (int i = 0; i < 100 && !done; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10)); }  //~ [sleep-polling]
  void wait5() { std::unique_lock l(m); while (!flag) { l.unlock(); std::this_thread::sleep_for(std::chrono::milliseconds(1)); l.lock(); } }  //~ sleep-polling
  void wait6() { std::unique_lock l(m); cv.wait(l, [this] { return flag; }); }
  void work() { while (!done) { step(); std::this_thread::sleep_for(std::chrono::milliseconds(1)); } }
  void step();
  void spin() { while (!done) {} }  //~ [sleep-polling]
};
mini::Task<void> ok(Svc& s) { while (!s.done) co_await mini::soon(); }
struct Pause { std::chrono::milliseconds time; bool await_ready() { return false; } void await_suspend(std::coroutine_handle<> h) { mini::the_loop().ready.push_back(h); } void await_resume() {} };
Pause rest(std::chrono::milliseconds time) { return {time}; }
mini::Task<void> looks(Svc& s) {
  while (!s.done) co_await rest(std::chrono::milliseconds(10));  //~ sleep-polling
}
mini::Task<void> beats(Svc& s, int& count) {
  while (!s.done) {
    co_await rest(std::chrono::milliseconds(10));
    ++count;
  }
}
mini::Task<void> works(Svc& s) {
  while (!s.done) {
    co_await rest(std::chrono::milliseconds(10));
    s.step();
  }
}
mini::Task<void> bad(Svc& s) { while (!s.done) std::this_thread::yield(); co_return; }  //~ blocking-in-coroutine
mini::Task<void> bad2(Svc& s) { s.wait6(); co_return; }  //~ blocking-in-coroutine
// Nothing else than looking is possible: a latch can't wake a coroutine.
mini::Task<void> gate(std::shared_ptr<std::latch> all_there) {
  while (!all_there->try_wait()) co_await rest(std::chrono::milliseconds(1));
}
// A function of one line that gives a state is a look at it.
struct Pump { std::atomic<int> primed; int speed; };
static int is_primed(Pump* pump) { return pump->primed.load(); }
void prime(Pump* pump) {
  while (!is_primed(pump)) std::this_thread::sleep_for(std::chrono::milliseconds(2));  //~ sleep-polling
}
static int measure(Pump* pump) { return pump->speed++; }
void run_up(Pump* pump) {
  while (measure(pump) < 1000) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}
// ... under its lock, too.
struct Tank {
  std::mutex m;
  int level = 0;
  int level_now() { std::lock_guard held(m); return level; }
  void wait_full() { do { std::this_thread::sleep_for(std::chrono::milliseconds(2)); } while (level_now() < 90); }  //~ sleep-polling
};
