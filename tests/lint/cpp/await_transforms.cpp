// Code that an await runs besides the coroutine.
#include "mini.h"
#include <unistd.h>
struct any { template <class A> struct w { A a; bool await_ready() { ::sleep(1); return true; } void await_suspend(std::coroutine_handle<>) {} void await_resume() {} }; };
struct job { struct promise_type { job get_return_object() { return {}; } std::suspend_never initial_suspend() { ::usleep(1); return {}; } std::suspend_never final_suspend() noexcept { return {}; } void return_void() {} void unhandled_exception() {} template <class A> any::w<A> await_transform(A a) { return {a}; } }; };
struct tag {};
job j() { co_await tag{}; }  //~ blocking-in-coroutine
int arg() { ::sleep(1); return 1; }
mini::Task<int> cond(bool b) { int x = b ? arg() : 0; co_return x; }  //~ blocking-in-coroutine
mini::Task<int> tern(bool b) { co_return b && arg() > 0 ? 1 : 2; }  //~ blocking-in-coroutine
mini::Task<void> thrower() { try { throw 1; } catch (...) { ::sleep(1); } co_return; }  //~ blocking-in-coroutine
struct slow_end { struct promise_type { slow_end get_return_object() { return {}; } std::suspend_never initial_suspend() { return {}; } std::suspend_never final_suspend() noexcept { return {}; } void return_value(int) { ::sleep(1); } void unhandled_exception() {} }; };
slow_end ends(int x) { co_await std::suspend_always{}; co_return x; }  //~ blocking-in-coroutine
