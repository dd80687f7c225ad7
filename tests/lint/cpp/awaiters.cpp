// Awaiters that block before or after the suspension, range loops that block, blocking behind await_transform.
#include <unistd.h>

#include "mini.h"

struct SlowToStart {
  bool await_ready() {
    ::sleep(1);
    return false;
  }
  void await_suspend(std::coroutine_handle<> h) { mini::the_loop().ready.push_back(h); }
  void await_resume() {}
};
struct SlowToEnd : SlowToStart {
  bool await_ready() { return false; }
  void await_resume() { ::sleep(1); }
};
struct Batch {
  int data[2] = {1, 2};
  int* begin() {
    ::sleep(1);
    return data;
  }
  int* end() { return data + 2; }
};

mini::Task<int> awaits() {
  co_await SlowToStart{};  //~ blocking-in-coroutine
  co_await mini::soon();
  co_await SlowToEnd{};  //~ blocking-in-coroutine
  int sum = 0;
  Batch batch;
  for (int n : batch) sum += n;  //~ blocking-in-coroutine
  co_return sum;
}
