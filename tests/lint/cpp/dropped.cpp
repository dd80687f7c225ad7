// Results of coroutines that nobody awaits.
#include "mini.h"
struct fire { struct promise_type { fire get_return_object() { return {}; } std::suspend_never initial_suspend() { return {}; } std::suspend_never final_suspend() noexcept { return {}; } void return_void() {} void unhandled_exception() {} }; };
mini::Task<int> value() { co_return 1; }
mini::Task<void> work();
fire background() { co_await mini::soon(); }
struct C { mini::Task<void> save() { co_return; } virtual mini::Task<void> v() { co_return; } };
template <class F> mini::Task<void> wrap(F f) { co_await f(); }
mini::Task<void> drops(C& c) {
  value();  //~ dropped-awaitable
  work();  //~ dropped-awaitable
  c.save();  //~ dropped-awaitable
  c.v();  //~ dropped-awaitable
  background();
  (void)co_await value();
  (void)work();  //~ dropped-awaitable
  static_cast<void>(c.save());  //~ dropped-awaitable
  (void)background();
  wrap(value);  //~ dropped-awaitable
  [[maybe_unused]] auto t = value();  //~ [dropped-awaitable]
  if (true) work();  //~ dropped-awaitable
  co_return;
}
void plain(mini::Loop& l) { work(); l.start(work()); }  //~ dropped-awaitable
mini::Task<void> returned() { return work(); }
mini::Task<void> never_named() {
  auto t = value();  //~ dropped-awaitable
  auto u = value();
  co_await std::move(u);
}
