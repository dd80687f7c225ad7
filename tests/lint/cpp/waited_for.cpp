// Coroutines that plain code waits for synchronously: up to its first suspension one of them runs on the thread that waits.
#include "mini.h"
#include <chrono>
#include <thread>
using namespace std::chrono_literals;
namespace cppcoro {
template <typename T>
int sync_wait(T&& task);
}
mini::Task<void> waited_for() {
  std::this_thread::sleep_for(100ms);
  co_await mini::soon();
  std::this_thread::sleep_for(100ms);  //~ blocking-in-coroutine
}
mini::Task<void> waited_for_and_started() {
  std::this_thread::sleep_for(100ms);  //~ blocking-in-coroutine
  co_await mini::soon();
}
mini::Task<void> awaited() {
  std::this_thread::sleep_for(100ms);  //~ blocking-in-coroutine
  co_return;
}
mini::Task<void> awaits() { co_await awaited(); }
int main() {
  mini::Loop loop;
  cppcoro::sync_wait(waited_for());
  cppcoro::sync_wait(waited_for_and_started());
  cppcoro::sync_wait(awaits());
  loop.start(waited_for_and_started());
  loop.drive();
}
