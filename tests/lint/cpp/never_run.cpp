// Code that is never run, or stored for later.
#include "mini.h"
#include <unistd.h>
#include <cassert>
#ifdef NEVER
mini::Task<void> x() { ::sleep(1); co_return; }
#endif
mini::Task<void> dead() { if constexpr (sizeof(int) == 8) ::sleep(1); co_return; }
mini::Task<void> dead2() { if (false) { ::sleep(1); } co_return; }
mini::Task<void> address() { auto p = &::sleep; (void)p; std::function<unsigned(unsigned)> f = ::sleep; co_return; }
mini::Task<void> stored(std::vector<std::function<void()>>& q) { q.emplace_back([] { ::sleep(1); }); co_return; }
mini::Task<void> nolint() { ::sleep(1);  // NOLINT
  ::sleep(1);  // NOLINT(blocking-in-coroutine)
  co_return; }
mini::Task<void> after_return(bool b) { co_return; ::sleep(1); }
struct T { ~T() { if (joinable) t.join(); } std::thread t; bool joinable = false; };
