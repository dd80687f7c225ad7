// What coroutines and threads outlive.
#include <future>
#include <string_view>

#include "mini.h"

mini::Task<void> greet(const std::string& name) {  //~ coroutine-reference-parameter
  co_await mini::soon();
  (void)name.size();
}
mini::Task<void> greet_later(const std::string& name) {  //~ coroutine-reference-parameter
  co_await mini::soon();
  (void)name.size();
}
mini::Task<void> count(const std::string& name) {
  const auto n = name.size();
  co_await mini::soon();
  (void)n;
}
mini::Task<void> copy(std::string name) {
  co_await mini::soon();
  (void)name.size();
}

mini::Task<void> parameters(mini::Loop& loop) {
  loop.start(greet(std::string("gone")));
  loop.start(copy(std::string("kept")));
  co_await greet(std::string("alive"));
  co_await mini::soon();
}
mini::Task<void> returned_with_local() {
  std::string name = "local";
  return greet_later(name);
}

void closures(mini::Loop& loop, std::string name) {
  loop.start([name]() -> mini::Task<void> {  //~ coroutine-lambda-capture
    co_await mini::soon();
    (void)name.size();
  }());
  loop.start([](std::string n) -> mini::Task<void> {
    co_await mini::soon();
    (void)n.size();
  }(name));
}
mini::Task<void> awaited_closure(std::string name) {
  co_await [&name]() -> mini::Task<void> {
    co_await mini::soon();
    (void)name.size();
  }();
}

mini::Task<int> number() { co_return 1; }
mini::Task<void> dropped() {
  number();  //~ dropped-awaitable
  co_await number();
  auto kept = number();
  co_await kept;
}

void upload(std::string&);
struct Session : std::enable_shared_from_this<Session> {
  int n = 0;
  void unowned() {
    std::thread([this] { ++n; }).detach();  //~ detached-thread-captures
  }
  void owned() {
    std::thread([self = shared_from_this()] { ++self->n; }).detach();
  }
};
void detached(std::string text) {
  std::thread([&text] { upload(text); }).detach();  //~ detached-thread-captures
  std::thread([text]() mutable { upload(text); }).detach();
}

int answer();
void futures() {
  std::async(std::launch::async, answer);  //~ discarded-async-future
  auto later = std::async(std::launch::async, answer);
  answer();
  later.get();
  std::thread helper(answer);  //~ create-then-wait
  helper.join();
  std::thread busy(answer);
  answer();
  busy.join();
}
