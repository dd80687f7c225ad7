// Closures and the coroutines made from them.
#include "mini.h"
#include <string>
struct Srv : std::enable_shared_from_this<Srv> {
  mini::Loop& l; int n = 0;
  explicit Srv(mini::Loop& x) : l(x) {}
  void start() {
    l.start([this]() -> mini::Task<void> { co_await mini::soon(); ++n; }());  //~ coroutine-lambda-capture
    l.start([self = shared_from_this()]() -> mini::Task<void> { co_await mini::soon(); ++self->n; }());  //~ coroutine-lambda-capture
    l.start([](std::shared_ptr<Srv> self) -> mini::Task<void> { co_await mini::soon(); ++self->n; }(shared_from_this()));
  }
};
void local_closure(mini::Loop& l) {
  int x = 3;
  auto f = [x]() -> mini::Task<void> { co_await mini::soon(); };  //~ coroutine-lambda-capture
  l.start(f());
}
mini::Task<void> awaited(int x) {
  co_await [x]() -> mini::Task<void> { co_await mini::soon(); }();
  auto g = [&x]() -> mini::Task<int> { co_await mini::soon(); co_return x; };
  co_await g();
  auto t = g();
  co_await t;
}
mini::Task<void> by_ref_return(std::string s) {
  return [&s]() -> mini::Task<void> { co_await mini::soon(); (void)s.size(); }();  //~ coroutine-lambda-capture
}
static auto kept = [k = 5]() -> mini::Task<void> { co_await mini::soon(); };
void statics(mini::Loop& l) { l.start(kept()); }
void nocapture(mini::Loop& l) { l.start([]() -> mini::Task<void> { co_return; }()); }
