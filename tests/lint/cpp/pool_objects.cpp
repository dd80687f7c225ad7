// Pools of one class that differ, sections of their tasks that are short or long, and coroutines started for each item.
#include <algorithm>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <map>

#include "mini.h"

class Workers {
 public:
  explicit Workers(unsigned n) {
    for (unsigned i = 0; i < n; ++i)
      threads_.emplace_back([this] {
        for (;;) {
          std::unique_lock lock(m_);
          cv_.wait(lock, [this] { return !jobs_.empty(); });
          auto job = std::move(jobs_.front());
          jobs_.pop_front();
          lock.unlock();
          job();
        }
      });
  }
  void execute(std::function<void()> job) {
    {
      std::lock_guard lock(m_);
      jobs_.push_back(std::move(job));
    }
    cv_.notify_one();
  }

 private:
  std::mutex m_;
  std::condition_variable cv_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
};

void download() { ::sleep(1); }
struct Engine {
  Workers cores;
  Engine() : cores(std::thread::hardware_concurrency()) {}
  void fetch() {
    cores.execute([] { download(); });  //~ io-in-compute-pool
  }
};
struct Fetcher {
  Workers many{64};
  void fetch() {
    many.execute([] { download(); });
  }
};

class Histogram {
 public:
  void add(const std::vector<double>& samples) {
    std::lock_guard lock(m_);
    for (double s : samples) {
      double x = std::log1p(std::fabs(s));
      for (int k = 0; k < 40; ++k) x = 0.5 * (x + std::sqrt(x + k));
      bins_[static_cast<int>(x)]++;
    }
  }
  void count(Workers& workers) {
    workers.execute([this] {
      std::lock_guard lock(m_);
      total_ = bins_.size();
    });
  }
  void wait_for_it(Workers& workers) {
    workers.execute([this] {
      std::unique_lock lock(m_);
      cv_.wait(lock, [this] { return total_ > 0; });
    });
  }

 private:
  std::mutex m_;
  std::condition_variable cv_;
  std::map<int, long> bins_;
  std::size_t total_ = 0;
};
void fill(Workers& workers, Histogram& h, const std::vector<std::vector<double>>& parts) {
  for (const auto& part : parts)
    workers.execute([&h, &part] { h.add(part); });  //~ serialized-pool
}

int per_request(const std::string& word) {
  Workers workers(8);  //~ pool-per-call
  workers.execute([&word] { (void)word.size(); });
  return 0;
}
class Batch {
 public:
  explicit Batch(unsigned n) : workers_(std::make_unique<Workers>(n)) {}

 private:
  std::unique_ptr<Workers> workers_;
};
void per_batch() {
  Batch batch(4);  //~ pool-per-call
}
void requests(bool (*next)(std::string&)) {
  std::string word;
  while (next(word)) {
    per_request(word);
    per_batch();
  }
}

struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};
Detached drive(mini::Task<void> task) { co_await std::move(task); }
void spawn(mini::Task<void> task) { drive(std::move(task)); }
mini::Task<void> refresh(int id) {
  co_await mini::soon();
  (void)id;
}
Detached session(int fd) {
  co_await mini::soon();
  (void)fd;
}
void refresh_all(const std::vector<int>& ids) {
  for (int id : ids) spawn(refresh(id));  //~ unbounded-fan-out
  for (int id : ids) session(id);         //~ unbounded-fan-out
  std::ranges::for_each(ids, [](int id) { spawn(refresh(id)); });  //~ unbounded-fan-out
  for (int i = 0; i < 4; ++i) session(i);
}
void read_all(std::ifstream& in) {
  for (std::string line; std::getline(in, line);) session(static_cast<int>(line.size()));  //~ unbounded-fan-out
}
void start_given(std::vector<mini::Task<void>> tasks) {
  for (auto& task : tasks) spawn(std::move(task));
}

// Known by what it is called: the body is elsewhere.
struct Reactor {
  void spawn(mini::Task<void> task);
  void keep(mini::Task<void> task);
};
void refresh_on(Reactor& reactor, const std::vector<int>& ids) {
  for (int id : ids) reactor.spawn(refresh(id));  //~ unbounded-fan-out
  for (int id : ids) reactor.keep(refresh(id));
}

// Collected first, then started and awaited together.
mini::Task<void> when_all(std::vector<mini::Task<void>> tasks);
struct Semaphore { mini::Loop::Turn acquire(); void release(); };
mini::Task<void> refresh_in_turn(int id, Semaphore& turns) {
  co_await turns.acquire();
  co_await refresh(id);
  turns.release();
}
mini::Task<void> refresh_together(const std::vector<int>& ids) {
  std::vector<mini::Task<void>> all;
  for (int id : ids) all.push_back(refresh(id));
  co_await when_all(std::move(all));  //~ unbounded-fan-out
}
mini::Task<void> refresh_in_turns(const std::vector<int>& ids, Semaphore& turns) {
  std::vector<mini::Task<void>> all;
  for (int id : ids) all.push_back(refresh_in_turn(id, turns));
  co_await when_all(std::move(all));
}
mini::Task<void> refresh_in_chunks(const std::vector<std::vector<int>>& chunks) {
  for (const auto& chunk : chunks) {
    std::vector<mini::Task<void>> few;
    for (int id : chunk) few.push_back(refresh(id));
    co_await when_all(std::move(few));
  }
}
mini::Task<void> counted(mini::Task<void> task, int& done) {
  co_await std::move(task);
  ++done;
}
mini::Task<void> all_of(std::vector<mini::Task<void>> given, int& done) {
  std::vector<mini::Task<void>> all;
  for (auto& task : given) all.push_back(counted(std::move(task), done));
  co_await when_all(std::move(all));
}
mini::Task<void> refresh_two() {
  std::vector<mini::Task<void>> two;
  for (int id = 0; id < 2; ++id) two.push_back(refresh(id));
  co_await when_all(std::move(two));
}
