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
