// Event loops written by hand, on threads of their own: what they call from what they keep are callbacks.
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "mini.h"

class Reactor {
 public:
  void post(std::function<void()> f) { ready_.push_back(std::move(f)); }
  void run() {
    for (;;) {
      std::deque<std::function<void()>> now;
      now.swap(ready_);
      for (auto& f : now) f();
      epoll_event events[16];
      const int n = ::epoll_wait(epoll_, events, 16, 50);
      for (int i = 0; i < n; ++i) std::coroutine_handle<>::from_address(events[i].data.ptr).resume();
    }
  }
  struct Hop {
    Reactor& reactor;
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> h) { reactor.post([h] { h.resume(); }); }
    void await_resume() {}
  };
  Hop schedule() { return {*this}; }

 private:
  int epoll_ = -1;
  std::deque<std::function<void()>> ready_;
};
Reactor reactor;
std::thread loop([] { reactor.run(); });

void later(Reactor& r) {
  r.post([] { ::sleep(1); });  //~ blocking-in-callback
  r.post([] {});
}
mini::Task<void> comes_back(Reactor& r) {
  co_await r.schedule();
  ::sleep(1);  //~ blocking-in-coroutine
}

// A thread that takes work out of a queue waits for nothing but work.
class Worker {
 public:
  void post(std::function<void()> f) { jobs_.push_back(std::move(f)); }
  void run() {
    for (;;) {
      std::unique_lock lock(m_);
      cv_.wait(lock, [this] { return !jobs_.empty(); });
      auto now = std::move(jobs_);
      lock.unlock();
      for (auto& f : now) f();
    }
  }

 private:
  std::mutex m_;
  std::condition_variable cv_;
  std::deque<std::function<void()>> jobs_;
};
Worker worker;
std::thread working([] { worker.run(); });
void elsewhere() {
  worker.post([] { ::sleep(1); });
}
