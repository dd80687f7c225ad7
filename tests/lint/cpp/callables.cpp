// Tables, binds, pointers to members, registries, functors.
#include "mini.h"
#include <unistd.h>
#include <array>
#include <map>
struct Job { int ms = 1; void run() { ::usleep(ms); } void quick() {} };
using fn = void (*)();
static void slow() { ::sleep(1); }
static void fast() {}
static const fn table[] = {fast, slow};
mini::Task<void> tables(int i) {
  table[i]();  //~ blocking-in-coroutine
  co_return;
}
mini::Task<void> binds(Job& j) {
  auto r = std::bind(&Job::run, &j);
  r();  //~ blocking-in-coroutine
  auto q = std::bind(&Job::quick, &j);
  q();
  auto m = std::mem_fn(&Job::run);
  m(j);  //~ blocking-in-coroutine
  void (Job::*p)() = &Job::run;
  (j.*p)();  //~ blocking-in-coroutine
  std::invoke(&Job::run, j);  //~ blocking-in-coroutine
  co_return;
}
class Dispatcher {
 public:
  void on(int k, std::function<void(int)> f) { h_[k] = std::move(f); }
  void fire(int k) { h_.at(k)(k); }
  std::map<int, std::function<void(int)>> h_;
};
void setup(Dispatcher& d) { d.on(1, [](int) { ::sleep(1); }); }
mini::Task<void> dispatch(Dispatcher& d) {
  d.fire(1);  //~ blocking-in-coroutine
  co_return;
}
struct Callback { std::function<int(int)> cb; explicit Callback(std::function<int(int)> f) : cb(std::move(f)) {} int operator()(int x) const { return cb(x); } };
mini::Task<int> functor() {
  Callback c([](int x) { ::usleep(x); return x; });
  co_return c(3);  //~ blocking-in-coroutine
}

// Pointers and tables that are fixed where they are declared.
namespace board { inline constexpr auto settle = &::usleep; unsigned (*const pause)(unsigned) = ::sleep; }
using op = int (*)(int);
static int erase(int page) { ::usleep(40); return page; }
static int program(int page) { ::sleep(1); return page; }
static int parity(int page) { return page & 1; }
static constexpr op writers[] = {erase, program};
static constexpr std::array<op, 2> rows{erase, program};
static constexpr op checks[] = {parity, parity};
static constexpr struct { const char* name; op run; } commands[] = {{"erase", erase}};
mini::Task<void> fixed(unsigned code) {
  board::settle(200);  //~ blocking-in-coroutine
  board::pause(1);  //~ blocking-in-coroutine
  checks[code & 1](1);
  writers[code & 1](1);  //~ blocking-in-coroutine
  rows[code & 1](1);  //~ blocking-in-coroutine
  commands[code].run(1);  //~ blocking-in-coroutine
  co_return;
}
