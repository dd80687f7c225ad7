// get() of a future that was seen to be ready, in the forms that this takes; seen not to be ready is another matter.
#include "mini.h"
using namespace std::chrono_literals;
using S = std::future_status;
template <class F> bool is_ready(const F& f) { return f.wait_for(0s) == S::ready; }
mini::Task<int> a(std::future<int> f) { auto st = f.wait_for(0s); if (st == S::ready) co_return f.get(); co_return 0; }
mini::Task<int> b(std::future<int> f) { bool ok = f.wait_for(0s) == S::ready; if (!ok) co_return 1; co_return f.get(); }
mini::Task<int> c(std::future<int> f) { if (is_ready(f)) co_return f.get(); co_return 0; }
mini::Task<int> d(std::future<int> f) { while (!is_ready(f)) co_await mini::soon(); co_return f.get(); }
mini::Task<int> e(std::future<int> f) { for (;;) { if (f.wait_for(0s) == S::timeout) { co_await mini::soon(); continue; } break; } co_return f.get(); }
mini::Task<int> g(std::future<int> f) { do { co_await mini::soon(); } while (f.wait_for(0s) != S::ready); co_return f.get(); }
mini::Task<int> h(std::future<int> f, bool x) { if (x && f.wait_for(0s) == S::ready) co_return f.get(); co_return 0; }
mini::Task<int> i(std::future<int> f, bool x) { co_return f.wait_for(0s) == S::ready ? f.get() : 0; }
mini::Task<int> j(std::future<int> f) { if (f.wait_for(0s) != S::ready) co_await mini::soon(); co_return f.get(); }  //~ blocking-in-coroutine
mini::Task<int> k(std::future<int> f) { if (is_ready(f)) co_return 1; co_return f.get(); }  //~ blocking-in-coroutine
mini::Task<int> l(std::vector<std::future<int>> fs) { int s = 0; for (auto& f : fs) { while (f.wait_for(0s) != S::ready) co_await mini::soon(); s += f.get(); } co_return s; }
mini::Task<int> m(std::vector<std::future<int>> fs) { int s = 0; for (auto& f : fs) s += f.get(); co_return s; }  //~ blocking-in-coroutine
struct H { std::future<int> f; mini::Task<int> r() { if (f.valid() && f.wait_for(0s) == S::ready) co_return f.get(); co_return 2; } };
mini::Task<int> n(std::future<int> f) { auto st = f.wait_for(0s); while (st != S::ready) { co_await mini::soon(); st = f.wait_for(0s); } co_return f.get(); }
mini::Task<void> o(int n) { auto f = std::async(std::launch::async, [n] { return n; }); while (f.wait_for(0s) != S::ready) co_await mini::soon(); }
// A wait until a time that has passed asks only; a promise that was kept needs no wait.
mini::Task<int> past(std::future<int> f) { if (f.wait_until(std::chrono::steady_clock::now()) == S::ready) co_return f.get(); co_return 0; }
mini::Task<int> never(std::future<int> f) { if (f.wait_until(std::chrono::steady_clock::time_point::min()) != S::ready) co_return 0; co_return f.get(); }
mini::Task<int> later(std::future<int> f) { (void)f.wait_until(std::chrono::steady_clock::now() + 2s); co_return 0; }  //~ blocking-in-coroutine
mini::Task<int> promised() { std::promise<int> p; auto f = p.get_future(); p.set_value(1); co_await mini::soon(); co_return f.get(); }
mini::Task<int> unkept(std::promise<int>& p) { auto f = p.get_future(); co_await mini::soon(); co_return f.get(); }  //~ blocking-in-coroutine
mini::Task<int> ran() { std::packaged_task<int()> t([] { return 1; }); auto f = t.get_future(); t(); co_return f.get(); }
