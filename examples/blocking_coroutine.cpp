// A round-robin loop of C++20 coroutines, one of which waits in its thread for a lookup.
//
// concadvise lint -p build/dev examples/blocking_coroutine.cpp
//   blocking-in-coroutine at the call of lookup() in answer(): the coroutine reaches nanosleep through lookup and
//   ask_database, so none of the other coroutines on the loop goes on meanwhile. tick() awaits and is clean.
#include <coroutine>
#include <ctime>
#include <deque>
#include <exception>
#include <iostream>
#include <string>

namespace {

/// A coroutine that starts at once and frees itself at its end.
struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

/// Runs coroutines one after the other, on one thread.
class Loop {
 public:
  /// Awaiting this gives the others their turn.
  auto turn() {
    struct Turn {
      Loop* loop;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> handle) { loop->ready_.push_back(handle); }
      void await_resume() const noexcept {}
    };
    return Turn{this};
  }

  void run() {
    while (!ready_.empty()) {
      const std::coroutine_handle<> next = ready_.front();
      ready_.pop_front();
      next.resume();
    }
  }

 private:
  std::deque<std::coroutine_handle<>> ready_;
};

std::string ask_database(const std::string& key) {
  const timespec answer_time{0, 50'000'000};
  nanosleep(&answer_time, nullptr);
  return key + " = 42";
}

std::string lookup(const std::string& key) { return ask_database(key); }

Task tick(Loop& loop, int times) {
  for (int i = 0; i < times; ++i) {
    std::cout << "tick\n";
    co_await loop.turn();
  }
}

Task answer(Loop& loop, int times) {
  for (int i = 0; i < times; ++i) {
    co_await loop.turn();
    std::cout << lookup("answer") << "\n";
  }
}

}  // namespace

int main() {
  Loop loop;
  tick(loop, 3);
  answer(loop, 3);
  loop.run();
}
