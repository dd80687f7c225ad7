// Objects that are called by whoever gets them.
#include "mini.h"
#include <algorithm>
#include <map>
#include <unistd.h>
#include <variant>
struct Tcp { int port; };
struct Mem { int id; };
struct Pause { void operator()(int x) const { ::usleep(x); } };
struct Note { void operator()(int) const {} };
struct Open { int operator()(const Tcp& t) const { ::sleep(1); return t.port; } int operator()(const Mem& m) const { return m.id; } };
mini::Task<int> given(std::vector<int> v, std::variant<Tcp, Mem> w) {
  co_await mini::soon();
  std::for_each(v.begin(), v.end(), Note{});
  std::for_each(v.begin(), v.end(), Pause{});  //~ blocking-in-coroutine
  Pause later;
  std::for_each(v.begin(), v.end(), later);  //~ blocking-in-coroutine
  co_return std::visit(Open{}, w);  //~ blocking-in-coroutine
}
mini::Task<void> kept() {
  std::function<void(int)> f = Pause{};
  std::map<int, std::function<void(int)>> m{{1, Note{}}};
  co_await mini::soon();
  m.at(1)(2);
  f(3);  //~ blocking-in-coroutine
}
struct Body { int n; void operator()() const { ::sleep(n); } };
mini::Task<void> elsewhere(std::shared_ptr<mini::Crew> crew) {
  crew->run(Body{1});
  std::thread(Body{2}).detach();
  co_await mini::soon();
}
mini::Task<void> by_name(std::map<std::string, std::function<void(int)>> quick) {
  std::map<std::string, std::function<void(int)>> slow{{"a", Pause{}}};
  co_await mini::soon();
  if (auto found = quick.find("a"); found != quick.end()) found->second(1);
  if (auto found = slow.find("a"); found != slow.end()) found->second(1);  //~ blocking-in-coroutine
}
