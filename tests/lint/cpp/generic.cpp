// Generic lambdas, algorithms, visitors, members of templates.
#include "mini.h"
#include <unistd.h>
#include <algorithm>
#include <ranges>
#include <numeric>
#include <variant>
#include <tuple>
#include <mutex>
template <class F, class... A> auto call(F&& f, A&&... a) { return std::forward<F>(f)(std::forward<A>(a)...); }
template <class T> mini::Task<T> generic(T v) { ::usleep(10); co_return v; }  //~ blocking-in-coroutine
mini::Task<int> a() { co_return co_await generic(1); }
mini::Task<void> b(std::vector<int>& v) {
  auto nap = [](auto ms) { ::usleep(ms); };
  nap(3);  //~ blocking-in-coroutine
  call([](int x) { ::usleep(x); }, 4);  //~ blocking-in-coroutine
  call([](int x) { return x + 1; }, 4);
  std::ranges::for_each(v, [](int x) { ::usleep(x); });  //~ blocking-in-coroutine
  int s = std::accumulate(v.begin(), v.end(), 0, [](int x, int y) { ::usleep(1); return x + y; });  //~ blocking-in-coroutine
  std::variant<int, long> va = s;
  std::visit([](auto x) { ::usleep(x); }, va);  //~ blocking-in-coroutine
  std::apply([](int x, int) { ::usleep(x); }, std::tuple{1, 2});  //~ blocking-in-coroutine
  std::once_flag once;
  std::call_once(once, [] { ::sleep(1); });  //~ blocking-in-coroutine
  std::invoke([] { ::sleep(1); });  //~ blocking-in-coroutine
  co_return;
}
struct Quick { int go() const { return 1; } };
struct Slow { int go() const { ::usleep(500); return 2; } };
mini::Task<int> one_of(std::variant<Quick, Slow> which) {
  co_await mini::soon();
  co_return std::visit([](const auto& x) { return x.go(); }, which);  //~ blocking-in-coroutine
}
template <class Clock> struct Waiter { Clock c; mini::Task<void> go() { c.wait(); co_return; } };  //~ blocking-in-coroutine
struct Real { void wait() { ::sleep(1); } };
template struct Waiter<Real>;
template <class T> mini::Task<void> never_instantiated(T t) { ::sleep(1); t.foo(); co_return; }  //~ blocking-in-coroutine
