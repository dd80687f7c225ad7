// What reference and view parameters are bound to.
#include "mini.h"
#include <string>
#include <string_view>
#include <span>
mini::Task<void> log(std::string_view s) { co_await mini::soon(); (void)s.size(); }
mini::Task<void> hold(const std::string& s) { co_await mini::soon(); (void)s.size(); }
mini::Task<void> early(const std::string& s) { auto n = s.size(); co_await mini::soon(); }
mini::Task<void> sum(std::span<const int> v) { co_await mini::soon(); (void)v[0]; }
mini::Task<void> rref(std::string&& s) { co_await mini::soon(); (void)s.size(); }
std::string make();
void spawnall(mini::Loop& l, std::string p) {
  l.start(hold("literal"));  //~ coroutine-reference-parameter
  l.start(hold(make()));  //~ coroutine-reference-parameter
  l.start(log("literal is static"));
  l.start(log(make()));  //~ coroutine-reference-parameter
  l.start(early(make()));
  l.start(rref(make()));  //~ coroutine-reference-parameter
  std::vector<int> local{1, 2};
  l.start(sum(local));  //~ coroutine-reference-parameter
  l.start(sum(std::vector<int>{1}));  //~ coroutine-reference-parameter
  auto t = hold(p + "x");  //~ coroutine-reference-parameter
  l.start(std::move(t));
}
mini::Task<void> fine(std::string p) {
  co_await hold(p + "x");
  co_await hold("abc");
  auto t = hold(p);
  co_await t;
}
static std::string global;
void globals(mini::Loop& l) { l.start(hold(global)); }
int main() { mini::Loop l; std::string s = "x"; l.start(hold(s)); l.drive(); }
