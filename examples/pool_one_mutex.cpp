// Eight workers fill one table, and each holds the table's only mutex while it computes.
//
// concadvise profile -- build/dev/examples/pool_one_mutex
//   lock-bound / mutex: seven workers stand behind the one that holds the mutex, while CPUs are free.
//   Advice: reduce-contention; compute outside the lock, or one table for each worker, merged at the end.
#include <cstdint>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace {

constexpr int kWorkers = 8;
constexpr std::uint64_t kItemsPerWorker = 60;

std::uint64_t digest(std::uint64_t item) {
  std::uint64_t state = item + 1;
  for (int round = 0; round < 2'000'000; ++round) state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return state;
}

class Table {
 public:
  void add(std::uint64_t item) {
    std::lock_guard<std::mutex> guard(mutex_);
    digests_[item] = digest(item);
  }
  std::size_t size() const { return digests_.size(); }

 private:
  std::mutex mutex_;
  std::map<std::uint64_t, std::uint64_t> digests_;
};

}  // namespace

int main() {
  Table table;
  std::vector<std::thread> workers;
  for (std::uint64_t worker = 0; worker < kWorkers; ++worker) {
    workers.emplace_back([&table, worker] {
      for (std::uint64_t item = 0; item < kItemsPerWorker; ++item) table.add(worker * kItemsPerWorker + item);
    });
  }
  for (std::thread& worker : workers) worker.join();
  std::cout << table.size() << " digests\n";
}
