// The way to the blocking call: functions, members, overrides, callables, constructors, destructors.
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "mini.h"
#include <map>

namespace {
void deepest() { ::sleep(1); }
void deep() { deepest(); }
int cheap(int x) { return x + 1; }
}  // namespace

mini::Task<int> three_levels() {
  deep();  //~ blocking-in-coroutine
  co_return cheap(1);
}

// The inner coroutine has the finding; those that await it have none.
mini::Task<int> inner() {
  deepest();  //~ blocking-in-coroutine
  co_return 1;
}
mini::Task<int> outer() { co_return co_await inner(); }

struct Source {
  virtual ~Source() = default;
  virtual int next() = 0;
};
struct Slow : Source {
  int next() override {
    ::sleep(1);
    return 1;
  }
};
struct Counter final : Source {
  int next() override { return ++n; }
  int n = 0;
};
mini::Task<int> by_base(Source& source) { co_return source.next(); }  //~ blocking-in-coroutine
mini::Task<int> by_value() {
  Counter counter;
  co_return counter.next();
}

mini::Task<void> callables() {
  auto nap = [] { ::usleep(5); };
  nap();  //~ blocking-in-coroutine
  void (*pointer)() = deep;
  pointer();  //~ blocking-in-coroutine
  auto bound = std::bind(deep);
  bound();  //~ blocking-in-coroutine
  std::vector<int> values{3, 1, 2};
  std::for_each(values.begin(), values.end(), [](int) { ::usleep(1); });  //~ blocking-in-coroutine
  std::sort(values.begin(), values.end(), [](int a, int b) { return a < b; });
  std::function<void()> never_called = [] { ::sleep(3); };
  co_await mini::soon();
}

template <typename F>
void twice(F&& f) {
  f();
  f();
}
mini::Task<void> templates() {
  twice([] { ::sleep(1); });  //~ blocking-in-coroutine
  twice([] { cheap(1); });
  co_await mini::soon();
}

struct Hooks {
  std::function<void()> on_close;
  std::function<void()> on_open;
};
void install(Hooks& hooks) {
  hooks.on_close = [] { ::sleep(1); };
  hooks.on_open = [] { cheap(2); };
}
mini::Task<void> members(Hooks& hooks) {
  hooks.on_open();
  hooks.on_close();  //~ blocking-in-coroutine
  co_await mini::soon();
}

struct Flusher {
  ~Flusher() { ::usleep(100); }
};
struct Holder {
  int x = 0;
  Flusher flusher;
};
struct Prepared {
  int value = (deepest(), 3);
};
struct Opened {
  Opened() { deepest(); }
};
mini::Task<void> lifetimes() {
  Flusher on_the_stack;  //~ blocking-in-coroutine
  {
    Holder by_member;  //~ blocking-in-coroutine
  }
  auto owned = std::make_unique<Flusher>();  //~ blocking-in-coroutine
  Prepared prepared;  //~ blocking-in-coroutine
  auto made = std::make_shared<Opened>();  //~ blocking-in-coroutine
  std::optional<Opened> maybe;
  maybe.emplace();  //~ blocking-in-coroutine
  co_await mini::soon();
}

int pause_by_default(int x = (deepest(), 1)) { return x; }
mini::Task<int> default_arguments() {
  int a = pause_by_default(2);
  int b = pause_by_default();  //~ blocking-in-coroutine
  co_return a + b;
}
struct Dialed { int fd; explicit Dialed(int port) : fd(port) { ::sleep(1); } Dialed(int a, int b) : fd(a + b) {} };
mini::Task<void> into_a_map(std::map<int, Dialed> m) {
  co_await mini::soon();
  m.try_emplace(1, 80);  //~ blocking-in-coroutine
  m.try_emplace(2, 1, 2);
}
