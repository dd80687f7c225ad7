// Semaphores, barriers, processes, spins.
#include "mini.h"
#include <iostream>
#include <unistd.h>
#include <sys/wait.h>
#include <semaphore.h>
#include <semaphore>
#include <barrier>
#include <latch>
#include <stop_token>
mini::Task<void> thr(std::barrier<>& b, std::latch& l, std::counting_semaphore<4>& s, std::atomic<int>& a, sem_t* q) {
  b.arrive_and_wait();  //~ blocking-in-coroutine
  l.arrive_and_wait();  //~ blocking-in-coroutine
  if (s.try_acquire_for(std::chrono::milliseconds(5))) co_return;  //~ blocking-in-coroutine
  if (s.try_acquire()) co_return;
  a.wait(3);  //~ blocking-in-coroutine
  sem_wait(q);  //~ blocking-in-coroutine
  co_return;
}
mini::Task<int> proc() {
  pid_t p = fork();
  int st = 0; ::waitpid(p, &st, 0);  //~ blocking-in-coroutine
  FILE* f = popen("ls", "r");  //~ blocking-in-coroutine
  pclose(f);  //~ blocking-in-coroutine
  std::string s; std::cin >> s;  //~ blocking-in-coroutine
  co_return st;
}
mini::Task<void> cvw(std::mutex& m, std::condition_variable& cv, bool& r) {
  std::unique_lock l(m);
  cv.wait_for(l, std::chrono::milliseconds(10), [&] { return r; });  //~ blocking-in-coroutine
  l.unlock();
  co_await mini::soon();
}
mini::Task<void> spin(std::atomic_flag& f) { while (f.test_and_set(std::memory_order_acquire)) { } co_return; }  //~ [blocking-in-coroutine]
mini::Task<void> spin2(std::atomic<bool>& f) { while (!f.load(std::memory_order_acquire)) std::this_thread::yield(); co_return; }  //~ blocking-in-coroutine
mini::Task<void> spin3(std::atomic<bool>& f) { while (!f.load()) std::this_thread::sleep_for(std::chrono::milliseconds(1)); co_return; }  //~ blocking-in-coroutine
mini::Task<void> cas(std::atomic<int>& a) { int e = 0; while (!a.compare_exchange_weak(e, e + 1)) {} co_return; }
mini::Task<void> shortlock(std::mutex& m, int& n) { { std::lock_guard g(m); ++n; } co_return; }
