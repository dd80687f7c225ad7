// Futures of std::async that are dropped or waited for at once.
#include <future>
#include <thread>
#include <vector>
int f(int); void g();
void drop() { std::async(std::launch::async, f, 1); }  //~ discarded-async-future
void drop2() { (void)std::async(f, 1); }  //~ discarded-async-future
void scope() { auto x = std::async(std::launch::async, f, 1); g(); }  //~ discarded-async-future
void serial() { int a = std::async(std::launch::async, f, 1).get(); int b = f(a); (void)b; }  //~ create-then-wait
int ok() { auto x = std::async(std::launch::async, f, 1); int b = f(2); return x.get() + b; }
void lazy() { auto x = std::async(std::launch::deferred, f, 1); x.get(); }
std::future<int> ret() { return std::async(std::launch::async, f, 1); }
struct H { std::future<int> x; void s() { x = std::async(std::launch::async, f, 1); } };
void many() { std::vector<std::future<int>> v; for (int i = 0; i < 4; ++i) v.push_back(std::async(std::launch::async, f, i)); for (auto& x : v) x.get(); }
void wait1() { auto x = std::async(std::launch::async, f, 1); x.wait(); }  //~ create-then-wait
void loop() { for (int i = 0; i < 10; ++i) { std::thread t(f, i); t.join(); } }  //~ create-then-wait
#include "mini.h"
mini::Task<void> on_the_loop() {
  co_await mini::soon();
  std::async(std::launch::async, f, 1);  //~ blocking-in-coroutine
}

#include <pthread.h>
void* walk(void*);
void started_and_joined(void* what) {
  pthread_t thread;
  if (pthread_create(&thread, nullptr, walk, what) == 0) pthread_join(thread, nullptr);  //~ create-then-wait
}
void beside_each_other(void* a, void* b) {
  pthread_t thread;
  const bool started = pthread_create(&thread, nullptr, walk, a) == 0;
  walk(b);
  if (started) pthread_join(thread, nullptr);
}
