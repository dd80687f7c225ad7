// Detached threads and what they use.
#include <thread>
#include <memory>
#include <string>
#include <vector>
#include <mutex>
#include <functional>
void use(int&); void use(const std::string&);
struct W : std::enable_shared_from_this<W> {
  int n = 0; std::string s;
  void a() { std::thread([this] { ++n; }).detach(); }  //~ detached-thread-captures
  void b() { std::thread(&W::loop, this).detach(); }  //~ detached-thread-captures
  void c() { auto self = shared_from_this(); std::thread([self, this] { ++n; }).detach(); }
  void d() { std::thread([=] { ++n; }).detach(); }  //~ detached-thread-captures
  void e() { std::thread([w = weak_from_this()] { if (auto p = w.lock()) ++p->n; }).detach(); }
  void f() { std::thread(&W::loop, shared_from_this()).detach(); }
  void loop() {}
};
void l1() { int x = 0; std::thread([&] { use(x); }).detach(); }  //~ detached-thread-captures
void l2() { int x = 0; std::thread t([&x] { use(x); }); t.detach(); }  //~ detached-thread-captures
void l3() { int x = 0; std::thread t(static_cast<void (*)(int&)>(use), std::ref(x)); t.detach(); }  //~ detached-thread-captures
void l4(std::string s) { std::thread([s] { use(s); }).detach(); }
void l5(const std::string& s) { std::thread([s] { use(s); }).detach(); }
void l6() { int x = 0; std::thread t([&x] { use(x); }); use(x); t.join(); }
void l7() { auto p = std::make_shared<int>(1); std::thread([p] { use(*p); }).detach(); }
void l8(std::string& s) { std::thread([&s] { use(s); }).detach(); }  //~ [detached-thread-captures]
static int g;
void l9() { std::thread([] { use(g); }).detach(); }
void l10() { static int c = 0; std::thread([&] { use(c); }).detach(); }
int accept_one();
void for_ever() {
  int served = 0;
  for (;;) {
    std::string mine;
    std::thread([&served] { use(served); }).detach();  //~ thread-per-task
    std::thread([&mine] { use(mine); }).detach();  //~ thread-per-task, detached-thread-captures
  }
}
