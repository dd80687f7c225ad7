// A coroutine library of a few lines, for the cases: tasks that start when awaited, one event loop, a crew of threads.
#pragma once
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace mini {

template <typename T>
struct [[nodiscard]] Task;

struct Final {
  bool await_ready() noexcept { return false; }
  template <typename Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
    return self.promise().next ? self.promise().next : std::noop_coroutine();
  }
  void await_resume() noexcept {}
};

struct PromiseBase {
  std::coroutine_handle<> next;
  std::suspend_always initial_suspend() { return {}; }
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() { std::terminate(); }
};

template <typename T>
struct Task {
  struct promise_type : PromiseBase {
    T value{};
    Task get_return_object() { return Task{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    void return_value(T v) { value = std::move(v); }
  };
  std::coroutine_handle<promise_type> handle;
  bool await_ready() const { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> h) {
    handle.promise().next = h;
    return handle;
  }
  T await_resume() { return std::move(handle.promise().value); }
};

template <>
struct Task<void> {
  struct promise_type : PromiseBase {
    Task get_return_object() { return Task{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    void return_void() {}
  };
  std::coroutine_handle<promise_type> handle;
  bool await_ready() const { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> h) {
    handle.promise().next = h;
    return handle;
  }
  void await_resume() {}
};

// One thread, one queue.
struct Loop {
  std::deque<std::coroutine_handle<>> ready;
  struct Turn {
    Loop& loop;
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> h) { loop.ready.push_back(h); }
    void await_resume() {}
  };
  Turn turn() { return Turn{*this}; }
  void start(Task<void> task) { ready.push_back(task.handle); }
  void drive() {
    while (!ready.empty()) {
      auto h = ready.front();
      ready.pop_front();
      h.resume();
    }
  }
};

inline Loop& the_loop() {
  static Loop loop;
  return loop;
}
inline Loop::Turn soon() { return the_loop().turn(); }

// Threads that run what they are given.
class Crew {
 public:
  explicit Crew(unsigned count) {
    for (unsigned i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Crew() {
    {
      std::lock_guard lock(mutex_);
      over_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
  }
  void run(std::function<void()> job) {
    {
      std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
  }
  template <typename F>
  auto ask(F f) -> std::future<decltype(f())> {
    auto job = std::make_shared<std::packaged_task<decltype(f())()>>(std::move(f));
    auto answer = job->get_future();
    run([job] { (*job)(); });
    return answer;
  }
  struct Hop {
    Crew& crew;
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> h) {
      crew.run([h] { h.resume(); });
    }
    void await_resume() {}
  };
  Hop hop() { return Hop{*this}; }

 private:
  void work() {
    for (;;) {
      std::function<void()> job;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return over_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job();
    }
  }
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
  bool over_ = false;
};

template <typename T>
struct Sequence {
  struct promise_type {
    T now{};
    Sequence get_return_object() { return Sequence{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(T v) {
      now = std::move(v);
      return {};
    }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  struct End {};
  struct Position {
    std::coroutine_handle<promise_type> handle;
    bool operator!=(End) const { return !handle.done(); }
    void operator++() { handle.resume(); }
    T& operator*() const { return handle.promise().now; }
  };
  std::coroutine_handle<promise_type> handle;
  Position begin() {
    handle.resume();
    return {handle};
  }
  End end() { return {}; }
};

}  // namespace mini
