// What reference and view parameters are bound to: told at the coroutine, which is where it is mended for all callers.
#include "mini.h"
#include <string>
#include <string_view>
#include <span>
mini::Task<void> of_literal(const std::string& s) { co_await mini::soon(); (void)s.size(); }  //~ coroutine-reference-parameter
mini::Task<void> of_result(const std::string& s) { co_await mini::soon(); (void)s.size(); }  //~ coroutine-reference-parameter
mini::Task<void> of_sum(const std::string& s) { co_await mini::soon(); (void)s.size(); }  //~ coroutine-reference-parameter
mini::Task<void> hold(const std::string& s) { co_await mini::soon(); (void)s.size(); }
mini::Task<void> log(std::string_view s) { co_await mini::soon(); (void)s.size(); }  //~ coroutine-reference-parameter
mini::Task<void> log_literal(std::string_view s) { co_await mini::soon(); (void)s.size(); }
mini::Task<void> early(const std::string& s) { auto n = s.size(); co_await mini::soon(); }
mini::Task<void> sum(std::span<const int> v) { co_await mini::soon(); (void)v[0]; }  //~ coroutine-reference-parameter
mini::Task<void> sum_of_temporary(std::span<const int> v) { co_await mini::soon(); (void)v[0]; }  //~ coroutine-reference-parameter
mini::Task<void> rref(std::string&& s) { co_await mini::soon(); (void)s.size(); }  //~ coroutine-reference-parameter
std::string make();
void spawnall(mini::Loop& l, std::string p) {
  l.start(of_literal("literal"));
  l.start(of_result(make()));
  l.start(of_result(make()));
  l.start(log_literal("literal is static"));
  l.start(log(make()));
  l.start(early(make()));
  l.start(rref(make()));
  std::vector<int> local{1, 2};
  l.start(sum(local));
  l.start(sum_of_temporary(std::vector<int>{1}));
  auto t = of_sum(p + "x");
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
