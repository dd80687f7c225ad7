// Constructors, destructors, conversions and operators that nobody wrote a call for.
#include "mini.h"
#include <unistd.h>
int slowi() { ::sleep(1); return 1; }
struct Agg { int a = slowi(); int b = 0; };
struct Ctor { Ctor() : a(slowi()) {} int a; };
struct Deriv : Ctor { int z = 0; };
struct Res { ~Res() { ::usleep(1); } };
struct Has { Res r; };
struct Dv : Has {};
struct Conv { operator int() const { ::sleep(1); return 1; } };
struct Op { int operator[](int) { ::sleep(1); return 1; } int operator*() { ::usleep(1); return 1; } Op& operator<<(int) { ::usleep(1); return *this; } bool operator==(const Op&) const { ::usleep(1); return true; } };
mini::Task<int> t(Op& o, Op& p, Conv c) {
  Agg a;  //~ blocking-in-coroutine
  Agg a2{1, 2};
  Deriv d;  //~ blocking-in-coroutine
  auto u = std::make_unique<Dv>();  //~ blocking-in-coroutine
  Has h;  //~ blocking-in-coroutine
  int x = c;  //~ blocking-in-coroutine
  x += o[1];  //~ blocking-in-coroutine
  x += *p;  //~ blocking-in-coroutine
  o << 1;  //~ blocking-in-coroutine
  if (o == p) ++x;  //~ blocking-in-coroutine
  static int once = slowi();  //~ blocking-in-coroutine
  std::vector<Res> v(2);  //~ blocking-in-coroutine
  co_await mini::soon();
  co_return x + a.a + a2.a + d.a + once;
}
int global_init = slowi();

// What is there by value is of its own class, and so are its bases; behind a pointer it may be of another.
struct Handle { virtual ~Handle(); };
struct Worker : Handle { ~Worker() override { ::sleep(1); } };
struct Timer : Handle { int ticks = 0; };
struct Panel { Timer timer; };
mini::Task<void> by_value() {
  Timer timer;
  Panel panel;
  (void)timer, (void)panel;
  co_return;
}
mini::Task<void> by_pointer(std::unique_ptr<Handle> handle) {
  handle.reset();  //~ blocking-in-coroutine
  co_return;
}
