// Names that only look like libc's, operands that never run, suppressed lines.
#include <unistd.h>

#include "mini.h"

namespace wire {
struct Peer {
  mini::Task<int> connect() { co_return 1; }
  int read(char* to, int n) { return n > 0 ? (*to = 'x', 1) : 0; }
  void join(int) {}
  void wait() {}
};
void sleep(int& counter) { ++counter; }
}  // namespace wire
int poll(int* counter) { return ++*counter; }

mini::Task<int> lookalikes() {
  wire::Peer peer;
  char c = 0;
  int n = 0;
  co_await peer.connect();
  wire::sleep(n);
  peer.join(1);
  peer.wait();
  co_return peer.read(&c, 1) + poll(&n);
}

template <bool Loud>
mini::Task<int> discarded() {
  if constexpr (Loud) ::sleep(1);
  co_return sizeof(::sleep(1)) + noexcept(::sleep(1));
}
template mini::Task<int> discarded<false>();

mini::Task<void> accepted() {
  ::sleep(1);  // NOLINT(blocking-in-coroutine)
  // NOLINTNEXTLINE(blocking-in-coroutine)
  ::sleep(2);
  // NOLINTBEGIN
  ::sleep(3);
  ::sleep(4);
  // NOLINTEND
  co_await mini::soon();  // NOLINT(blocking-in-coroutine) //~ unused-suppression
}

[[clang::annotate("blocking")]] void waits_by_contract();
[[clang::annotate("nonblocking")]] void quick_by_contract() { ::usleep(1); }
mini::Task<void> contracts() {
  waits_by_contract();  //~ blocking-in-coroutine
  quick_by_contract();
  co_await mini::soon();
}
