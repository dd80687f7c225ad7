// Coroutines that start at once.
#include <coroutine>
#include <exception>
#include <string>
#include <thread>
#include <unistd.h>
#include <mutex>
#include <netdb.h>
#include <functional>
#include <utility>
template <class T> struct Future {
  struct promise_type {
    T v; std::coroutine_handle<> c;
    Future get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept { struct A { bool await_ready() noexcept { return false; } std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) noexcept { return h.promise().c ? h.promise().c : std::noop_coroutine(); } void await_resume() noexcept {} }; return A{}; }
    void return_value(T x) { v = std::move(x); }
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> h;
  auto operator co_await() { struct A { std::coroutine_handle<promise_type> h; bool await_ready() { return h.done(); } void await_suspend(std::coroutine_handle<> c) { h.promise().c = c; } T await_resume() { return h.promise().v; } }; return A{h}; }
};
struct Sleep { int ms; bool await_ready() { return false; } void await_suspend(std::coroutine_handle<> h); void await_resume() {} };
Future<int> resolve(std::string host) {
  co_await Sleep{1};
  hostent* e = gethostbyname(host.c_str());  //~ blocking-in-coroutine
  co_return e ? 1 : 0;
}
Future<int> eager_drop() { resolve("x"); co_return co_await resolve("y"); }
std::mutex m;
Future<int> locked() { m.lock(); int r = co_await resolve("z"); m.unlock(); co_return r; }  //~ lock-across-await
template <class L> struct Locked { L& l; Future<int> f() { std::unique_lock g{l}; co_await Sleep{1}; g.unlock(); co_await Sleep{1}; co_return 1; } };  //~ lock-across-await
template struct Locked<std::mutex>;
Future<int> lambda_eager(int k) {
  auto f = [k]() -> Future<int> { co_await Sleep{k}; co_return k; };
  auto fut = f();
  co_return co_await fut;
}
void start(int k) { [k]() -> Future<int> { co_await Sleep{1}; co_return k; }(); }  //~ coroutine-lambda-capture
void start_ok(int k) { [k]() -> Future<int> { int n = k; co_await Sleep{1}; co_return n; }(); }

// Runs already and goes on when nobody holds it any more.
Future<int> log_view(std::string_view text, std::string& into) {  //~ coroutine-reference-parameter
  co_await Sleep{1};
  into.append(text);
  co_return 1;
}
void refuse(int code, std::string& into) {
  std::string why = std::to_string(code);
  auto pending = log_view(why, into);
}
Future<int> refuse_and_wait(int code, std::string& into) {
  std::string why = std::to_string(code);
  auto pending = log_view(why, into);
  co_return co_await pending;
}
void confirm(std::string device, std::string& into) {
  auto ack = [device, &into]() -> Future<int> {  //~ coroutine-lambda-capture
    co_await Sleep{50};
    into = device;
    co_return 1;
  };
  ack();
}
