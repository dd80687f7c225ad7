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
