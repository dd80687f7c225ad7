// What tests of capturing lambda coroutines and of reference parameters try, as we judge it: where nothing dangles, nothing is said.
#include "mini.h"

void captures(int v) {
  auto kept = [v]() -> mini::Task<int> { co_return v; };
  auto by_reference = [&v]() -> mini::Task<int> { co_return v; };
  auto moved = [y = v]() -> mini::Task<int> { co_return y; };
  (void)kept, (void)by_reference, (void)moved;
}
void dies(mini::Loop& loop, int v) {
  loop.start([v]() -> mini::Task<void> {  //~ coroutine-lambda-capture
    co_await mini::soon();
    (void)v;
  }());
}
mini::Task<void> takes_references(int& x, const int& y) {  //~ coroutine-reference-parameter
  co_await mini::soon();
  x += y;
}
mini::Task<void> used_before(const std::string& text) {
  (void)text.size();
  co_await mini::soon();
}
mini::Task<void> calls(int& mine) {
  co_await takes_references(mine, 1);
  co_await used_before("a temporary");
}
void binds_a_temporary(mini::Loop& loop, int& mine) {
  loop.start(takes_references(mine, 1));
}
namespace cppcoro {
template <typename T>
int sync_wait(T&& task);
}
void waited_for_at_once(int v) {
  cppcoro::sync_wait([&v]() -> mini::Task<void> {
    co_await mini::soon();
    (void)v;
  }());
  cppcoro::sync_wait(takes_references(v, 1));
}
