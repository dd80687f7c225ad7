// Threads and executors that a coroutine uses.
#include "mini.h"
#include <unistd.h>
#include <future>
void slow() { ::sleep(1); }
mini::Task<int> hop_and_back(mini::Crew& p, mini::Loop& l) {
  co_await p.hop();
  slow();
  co_await l.turn();
  slow();  //~ blocking-in-coroutine
  co_return 1;
}
mini::Task<void> other_thread() {
  std::jthread t([] { ::sleep(1); });  //~ blocking-in-coroutine
  co_await mini::soon();
}
mini::Task<void> threaded() {
  std::thread t(slow);
  co_await mini::soon();
  t.join();  //~ blocking-in-coroutine
}
mini::Task<void> detach() { std::thread(slow).detach(); co_return; }
mini::Task<int> async_now() {
  co_return std::async(std::launch::async, [] { slow(); return 1; }).get();  //~ blocking-in-coroutine
}
mini::Task<int> packaged(mini::Crew& p) {
  auto t = std::make_shared<std::packaged_task<int()>>([] { slow(); return 1; });
  p.run([t] { (*t)(); });
  auto f = t->get_future();
  co_await mini::soon();
  co_return f.get();  //~ blocking-in-coroutine
}
mini::Task<int> promise_wait() {
  std::promise<int> pr; auto f = pr.get_future();
  std::thread([&pr] { pr.set_value(1); }).detach();  //~ [detached-thread-captures]
  f.wait();  //~ blocking-in-coroutine
  if (f.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout) co_return 0;  //~ blocking-in-coroutine
  co_return 1;
}
