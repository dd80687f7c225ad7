// A pool of the common shape, with packaged tasks and futures.
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>
#include <cmath>
class ThreadPool {
 public:
  explicit ThreadPool(size_t threads) : stop(false) {
    for (size_t i = 0; i < threads; ++i)
      workers.emplace_back([this] {
        for (;;) {
          std::function<void()> task;
          { std::unique_lock<std::mutex> lock(this->queue_mutex);
            this->condition.wait(lock, [this] { return this->stop || !this->tasks.empty(); });
            if (this->stop && this->tasks.empty()) return;
            task = std::move(this->tasks.front()); this->tasks.pop(); }
          task();
        }
      });
  }
  template <class F, class... Args> auto enqueue(F&& f, Args&&... args) -> std::future<std::invoke_result_t<F, Args...>> {
    using R = std::invoke_result_t<F, Args...>;
    auto task = std::make_shared<std::packaged_task<R()>>(std::bind(std::forward<F>(f), std::forward<Args>(args)...));
    std::future<R> res = task->get_future();
    { std::unique_lock<std::mutex> lock(queue_mutex); if (stop) throw std::runtime_error("stopped"); tasks.emplace([task]() { (*task)(); }); }
    condition.notify_one();
    return res;
  }
  ~ThreadPool() { { std::unique_lock<std::mutex> lock(queue_mutex); stop = true; } condition.notify_all(); for (std::thread& w : workers) w.join(); }
 private:
  std::vector<std::thread> workers; std::queue<std::function<void()>> tasks; std::mutex queue_mutex; std::condition_variable condition; bool stop;
};
int parse(int x);
double heavy(int n) { double s = 0; for (int i = 0; i < n; ++i) for (int j = 0; j < n; ++j) s += std::sqrt(i * j); return s; }
int sum(ThreadPool& p, std::vector<int>& v) {
  std::vector<std::future<int>> r;
  for (int x : v) r.emplace_back(p.enqueue(parse, x));
  int s = 0; for (auto& f : r) s += f.get();
  return s;
}
void crunch(ThreadPool& p) {
  auto f = p.enqueue(heavy, 4000);  //~ compute-in-io-pool
  auto g = p.enqueue([] { return heavy(1000); });  //~ compute-in-io-pool
  f.get(); g.get();
}
int nested(ThreadPool& p) {
  return p.enqueue([&p] {
    auto inner = p.enqueue(parse, 1);
    return inner.get() + 1;  //~ pool-waits-on-itself
  }).get();
}
void requests(std::vector<int>& v) {
  for (int x : v) { ThreadPool p(2); p.enqueue(parse, x); }  //~ pool-per-call
}
