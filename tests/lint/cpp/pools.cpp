// Threads and pools: how many, for what, and waiting on oneself.
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <vector>

#include "mini.h"

void serve(int fd);

void per_item(const std::vector<int>& sockets) {
  std::vector<std::thread> threads;
  for (int fd : sockets) threads.emplace_back(serve, fd);  //~ thread-per-task
  for (auto& thread : threads) thread.join();
}
void fixed() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(serve, i);
  const unsigned cores = std::thread::hardware_concurrency();
  for (unsigned i = 0; i < cores; ++i) threads.emplace_back(serve, 1);
  for (auto& thread : threads) thread.join();
}

static std::uint64_t primes(std::uint64_t limit) {
  std::uint64_t found = 0;
  for (std::uint64_t n = 2; n < limit; ++n) {
    bool prime = true;
    for (std::uint64_t d = 2; d * d <= n; ++d) prime = prime && n % d != 0;
    found += prime;
  }
  return found;
}

void mixed_up(mini::Crew& crew, std::uint64_t* out) {
  crew.run([out] { *out = primes(5'000'000); });  //~ compute-in-io-pool
  crew.run([out] { *out += 1; });
}

// A pool of its own, as large as the machine.
struct Cores {
  std::vector<std::thread> threads;
  std::deque<std::function<void()>> jobs;
  Cores() {
    for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i)
      threads.emplace_back([this] {
        while (!jobs.empty()) {
          auto job = std::move(jobs.front());
          jobs.pop_front();
          job();
        }
      });
  }
  void add(std::function<void()> job) { jobs.push_back(std::move(job)); }
};
void where_it_belongs(Cores& cores, std::uint64_t* out) {
  cores.add([out] { *out = primes(5'000'000); });
}

void waits_on_itself(mini::Crew& crew) {
  auto outer = crew.ask([&crew] {
    auto part = crew.ask([] { return 1; });
    return part.get();  //~ pool-waits-on-itself
  });
  outer.get();
}

mini::Task<std::uint64_t> computes(std::uint64_t n) {
  co_await mini::soon();
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < 50'000'000; ++i) sum += i * i;  //~ compute-in-async
  for (int i = 0; i < 100; ++i) sum += i;
  co_return sum + primes(n);  //~ compute-in-async
}
mini::Task<std::uint64_t> computes_elsewhere(mini::Crew& crew, std::uint64_t n) {
  co_await crew.hop();
  co_return primes(n);
}

void polls(std::atomic<bool>& done) {
  while (!done) std::this_thread::sleep_for(std::chrono::milliseconds(5));  //~ sleep-polling
}

int crunch(int);
int answer(int x) {
  mini::Crew crew(4);  //~ pool-per-call
  return crew.ask([x] { return crunch(x); }).get();  //~ [create-then-wait]
}
void answer_all(const std::vector<int>& questions) {
  for (int q : questions) answer(q);
}
int once(int x) {
  mini::Crew crew(4);
  return crew.ask([x] { return crunch(x); }).get();  //~ [create-then-wait]
}
static std::mutex everything;
void in_turns(mini::Crew& crew) {
  crew.run([] {
    std::lock_guard all(everything);  //~ serialized-pool
    ::sleep(1);  //~ [blocking-under-lock]
  });
  crew.run([] {
    ::sleep(1);
    std::lock_guard all(everything);
  });
}

// Splits itself and waits in the pool; `split` alone is what the task calls.
long split(mini::Crew& crew, long from, long to) {
  if (to - from < 1000) return crunch(static_cast<int>(from));
  auto left = crew.ask([&crew, from, to] { return split(crew, from, (from + to) / 2); });
  const long right = split(crew, (from + to) / 2, to);
  return left.get() + right;  //~ pool-waits-on-itself
}
mini::Crew& shared() {
  static mini::Crew crew(4);
  return crew;
}
std::unique_ptr<mini::Crew> made() { return std::make_unique<mini::Crew>(2); }
void for_all(const std::vector<int>& items, std::vector<std::unique_ptr<mini::Crew>>& crews) {
  for (int item : items) {
    shared().run([item] { crunch(item); crunch(item + 1); });
    crews.push_back(made());
  }
}

// A statement for each task.
void mark_all(mini::Crew& crew, std::vector<int>& marks) {
  for (std::size_t i = 0; i < marks.size(); ++i) crew.run([&marks, i] { marks[i] = 1; });  //~ tiny-tasks
}
