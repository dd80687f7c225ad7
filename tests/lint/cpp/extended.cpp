// Rules that are off by default.
#include <ctime>

#include "mini.h"

thread_local int request_id = 0;
mini::Task<int> follows() {
  request_id = 1;
  co_await mini::soon();
  co_return request_id;  //~ thread-local-across-await
}
mini::Task<void> forever(int& n) {
  for (;;) ++n;  //~ loop-without-suspension
  co_return;
}
mini::Task<int> through_reference() {
  int& id = request_id;
  ++id;
  co_await mini::soon();
  co_return ++id;  //~ thread-local-across-await
}
mini::Task<int> through_pointer() {
  int* id = &request_id;
  co_await mini::soon();
  co_return *id;  //~ thread-local-across-await
}
mini::Task<int> kept_value() {
  const int id = request_id;
  co_await mini::soon();
  co_return id;
}
mini::Task<void> spins(std::deque<int>& items) {
  while (true) {  //~ loop-without-suspension
    if (items.empty()) continue;
    items.pop_front();
    co_await mini::soon();
  }
}
mini::Task<void> turns(std::deque<int>& items) {
  while (true) {
    co_await mini::soon();
    if (items.empty()) continue;
    items.pop_front();
  }
}
mini::Task<void> either(std::deque<int>& items) {
  for (;;) {
    if (items.empty()) co_await mini::soon();
    else co_await mini::Loop::Turn{mini::the_loop()};
  }
}
struct Inline {
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> h) { h.resume(); }  //~ resume-in-await-suspend
  void await_resume() {}
};
mini::Task<void> uses() { co_await Inline{}; }
void stamp() {
  std::time_t now = 0;
  (void)std::localtime(&now);  //~ mt-unsafe-libc
}
void starts() {
  std::thread helper(stamp);
  stamp();
  helper.join();
}
struct Hop {
  mini::Crew& crew;
  bool given = false;
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    auto job = [h] { h.resume(); };
    crew.run(job);
    given = true;  //~ resume-in-await-suspend
  }
  void await_resume() {}
};
struct HopBefore {
  mini::Crew& crew;
  bool given = false;
  std::deque<std::coroutine_handle<>> waiters;
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    waiters.push_back(h);
    given = true;
    crew.run([h] { h.resume(); });
  }
  void await_resume() {}
};
mini::Task<void> hops(mini::Crew& crew) {
  co_await Hop{crew};
  co_await HopBefore{crew};
}
