// A runtime whose loop has several threads: coroutines live on it, so blocking there is as wrong as on one thread. A pool
// that only has threads and a queue is where work goes.
#include <sys/epoll.h>
#include <unistd.h>

#include <map>

#include "mini.h"

class Runtime {
 public:
  explicit Runtime(unsigned count) {
    for (unsigned i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
    threads_.emplace_back([this] { watch(); });
  }
  void enqueue(std::coroutine_handle<> h) {
    std::lock_guard lock(mutex_);
    ready_.push_back(h);
  }
  static Runtime& global();

 private:
  void work() {
    for (;;) {
      std::coroutine_handle<> next;
      {
        std::lock_guard lock(mutex_);
        if (ready_.empty()) continue;
        next = ready_.front();
        ready_.pop_front();
      }
      next.resume();
    }
  }
  void watch() {
    epoll_event events[16];
    for (;;)
      for (int i = 0, n = epoll_wait(epoll_, events, 16, -1); i < n; ++i) enqueue(std::coroutine_handle<>::from_address(events[i].data.ptr));
  }
  std::mutex mutex_;
  std::deque<std::coroutine_handle<>> ready_;
  std::vector<std::thread> threads_;
  int epoll_ = -1;
};
struct Turn {
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> h) { Runtime::global().enqueue(h); }
  void await_resume() {}
};

mini::Task<void> on_the_runtime() {
  co_await Turn{};
  ::sleep(1);  //~ blocking-in-coroutine
}
mini::Task<void> on_a_crew(mini::Crew& crew) {
  co_await crew.hop();
  ::sleep(1);
}

// The bodies are elsewhere: timers of coroutines tell.
class Scheduler {
 public:
  void enqueue(std::coroutine_handle<> h);

 private:
  std::multimap<std::chrono::steady_clock::time_point, std::coroutine_handle<>> timers_;
  std::vector<std::thread> threads_;
};
struct Next {
  Scheduler& on;
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> h) { on.enqueue(h); }
  void await_resume() {}
};
mini::Task<void> on_a_scheduler(Scheduler& scheduler) {
  co_await Next{scheduler};
  ::sleep(1);  //~ blocking-in-coroutine
}
