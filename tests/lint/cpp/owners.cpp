// Objects that end with their owner.
#include "mini.h"
#include <optional>
#include <unistd.h>
struct Conn { ~Conn() { ::usleep(5); } };
mini::Task<void> t(std::shared_ptr<Conn> c) {
  c.reset();  //~ [blocking-in-coroutine]
  co_return;
}
mini::Task<void> uniq(std::unique_ptr<Conn> c) { c.reset(); co_await mini::soon(); }  //~ blocking-in-coroutine
mini::Task<void> raw(Conn* c) { delete c; co_return; }  //~ blocking-in-coroutine
mini::Task<void> kept(std::unique_ptr<Conn> c, std::vector<std::unique_ptr<Conn>>& v) { v.push_back(std::move(c)); co_return; }
mini::Task<void> emptied() {
  auto c = std::make_unique<Conn>();
  co_await mini::soon();
  c = nullptr;  //~ blocking-in-coroutine
}
mini::Task<void> refilled(bool b) {
  std::optional<Conn> c;  //~ blocking-in-coroutine
  c.emplace();
  co_await mini::soon();
  if (b) c = std::nullopt;  //~ blocking-in-coroutine
}
