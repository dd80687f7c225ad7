// Code that is written in a coroutine and runs elsewhere, and executor hops.
#include <unistd.h>

#include "mini.h"

void slow() { ::sleep(1); }

mini::Task<int> hands_off(mini::Crew& crew) {
  crew.run([] { ::sleep(1); });
  crew.run(slow);
  auto answer = crew.ask([] {
    slow();
    return 7;
  });
  while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) co_await mini::soon();
  co_return answer.get();
}

mini::Task<void> hops(mini::Crew& crew) {
  co_await crew.hop();
  ::sleep(1);
  co_await mini::the_loop().turn();
  ::sleep(1);  //~ blocking-in-coroutine
}

mini::Task<void> hops_on_one_way(mini::Crew& crew, bool far) {
  if (far) co_await crew.hop();
  ::sleep(1);
}

mini::Task<void> helper() {
  ::sleep(1);
  co_return;
}
mini::Task<void> hops_then_helps(mini::Crew& crew) {
  co_await crew.hop();
  co_await helper();
}

void stored_for_later(std::vector<std::function<void()>>& later) {
  later.push_back([] { ::sleep(1); });
}

mini::Sequence<int> numbers() {
  for (int i = 0; i < 3; ++i) {
    ::sleep(1);
    co_yield i;
  }
}
int sum_in_main() {
  int sum = 0;
  for (int n : numbers()) sum += n;
  return sum;
}
mini::Task<int> sum_on_loop() {
  int sum = 0;
  for (int n : numbers()) sum += n;  //~ blocking-in-coroutine
  co_return sum;
}
