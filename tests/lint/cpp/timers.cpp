// Sleeps and multiplexed waits, with zero and constant timeouts, under their aliases.
#include "mini.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>
#include <csignal>
mini::Task<void> naps(timespec ts) {
  ::nanosleep(&ts, nullptr);  //~ blocking-in-coroutine
  clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, nullptr);  //~ blocking-in-coroutine
  co_await mini::soon();
  ::pause();  //~ blocking-in-coroutine
}
mini::Task<int> multiplex(int ep, fd_set* set) {
  epoll_event ev[4];
  int n = ::epoll_wait(ep, ev, 4, 0);
  n += ::epoll_wait(ep, ev, 4, -1);  //~ blocking-in-coroutine
  timeval zero{0, 0};
  n += ::select(4, set, nullptr, nullptr, &zero);
  timeval some{1, 0};
  n += ::select(4, set, nullptr, nullptr, &some);  //~ blocking-in-coroutine
  n += ::select(4, set, nullptr, nullptr, nullptr);  //~ blocking-in-coroutine
  co_return n;
}
constexpr auto kPause = std::chrono::milliseconds(20);
using clk = std::chrono::steady_clock;
mini::Task<void> alias_names() {
  using namespace std;
  namespace tt = this_thread;
  tt::sleep_for(kPause);  //~ blocking-in-coroutine
  using std::this_thread::sleep_until;
  sleep_until(clk::now() + kPause);  //~ blocking-in-coroutine
  std::this_thread::yield();
  co_return;
}
