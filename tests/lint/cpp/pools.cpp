// Threads and pools: how many, for what, and waiting on oneself.
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <latch>
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

// Let go by another task of the same pool.
class Pipeline {
 public:
  void start() {
    crew_.run([this] {
      crew_.run([this] { header_.set_value(crunch(1)); });
      crunch(header_.get_future().get());  //~ pool-waits-on-itself
    });
  }
  void fan(int parts) {
    crew_.run([this, parts] {
      std::latch done(parts);
      for (int i = 0; i < parts; ++i) crew_.run([i, &done] { crunch(i); done.count_down(); });
      done.wait();  //~ pool-waits-on-itself
    });
  }
  void elsewhere(mini::Crew& other) {
    crew_.run([&other] {
      std::latch done(1);
      other.run([&done] { crunch(2); done.count_down(); });
      done.wait();
    });
  }

 private:
  std::promise<int> header_;
  mini::Crew crew_{2};
};

// Called from nowhere that is seen: each call pays for the threads.
int for_anyone(int x) {
  mini::Crew crew(4);  //~ pool-per-call
  crew.run([x] { crunch(x); crunch(x + 1); });
  return x;
}
int by_pointer(int x) {
  auto crew = std::make_unique<mini::Crew>(4);  //~ pool-per-call
  crew->run([x] { crunch(x); crunch(x + 2); });
  return x;
}
std::unique_ptr<mini::Crew> given_back(int x) {
  auto crew = std::make_unique<mini::Crew>(4);
  crew->run([x] { crunch(x); crunch(x + 3); });
  return crew;
}
struct Keeper {
  std::unique_ptr<mini::Crew> crew_;
  void open() {
    auto crew = std::make_unique<mini::Crew>(4);
    crew->run([] { crunch(4); crunch(5); });
    crew_ = std::move(crew);
  }
};
int main() { return once(3); }

// Several results, kept together.
double bake(mini::Crew& crew, const std::vector<int>& meshes) {
  auto all = crew.ask([&crew, &meshes] {
    std::vector<std::future<int>> parts;
    for (int mesh : meshes) parts.push_back(crew.ask([mesh] { return crunch(mesh); }));
    int sum = 0;
    for (auto& part : parts) sum += part.get();  //~ pool-waits-on-itself
    return sum;
  });
  return all.get();
}

// Threads that let the lock go while they work or wait.
class Lanes {
 public:
  Lanes() {
    for (int i = 0; i < 8; ++i) threads_.emplace_back([this] { lane(); });
  }
  void give(std::function<void()> job) {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }

 private:
  void lane() {
    std::unique_lock lock(mutex_);
    for (;;) {
      while (jobs_.empty()) wake_.wait(lock);
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
};

// Nothing is known of what they call, but that it is all under one lock.
void integrate(std::vector<int>& cells, int scan);
void decay(std::vector<int>& cells);
class Mapper {
 public:
  void scan(int one) {
    crew_.run([this, one] {
      std::lock_guard hold(mutex_);  //~ serialized-pool
      integrate(cells_, one);
      decay(cells_);
    });
  }
  void note(int one) {
    crew_.run([this, one] {
      std::lock_guard hold(mutex_);
      cells_.push_back(one);
    });
  }
  void norm(double* out) {
    crew_.run([this, out] {
      std::packaged_task<int()> job([] { return crunch(1); });
      std::future<int> part = job.get_future();
      later_.run(std::ref(job));
      *out = crunch(2) + part.get();
    });
  }
  // A helper gives the task and hands its future back.
  std::future<int> start(int of) {
    std::packaged_task<int()> job([of] { return crunch(of); });
    auto part = job.get_future();
    crew_.run(std::move(job));
    return part;
  }
  void norm_of_parts(double* out) {
    crew_.run([this, out] {
      std::vector<std::future<int>> parts;
      for (int i = 0; i < 4; ++i) parts.push_back(start(i));
      for (auto& part : parts) *out += part.get();  //~ pool-waits-on-itself
    });
  }
  void norm_here(double* out) {
    crew_.run([this, out] {
      std::packaged_task<int()> job([] { return crunch(1); });
      std::future<int> part = job.get_future();
      crew_.run(std::ref(job));
      *out = crunch(2) + part.get();  //~ pool-waits-on-itself
    });
  }

 private:
  mini::Crew crew_{2};
  mini::Crew later_{2};
  std::mutex mutex_;
  std::vector<int> cells_;
};
