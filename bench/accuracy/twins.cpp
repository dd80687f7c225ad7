// The C++ twins: waits sequential | waits threads | count sequential | count threads.
#include <chrono>
#include <cstdint>
#include <string_view>
#include <thread>
#include <vector>

namespace {

void wait_once() { std::this_thread::sleep_for(std::chrono::milliseconds(250)); }

void count_once() {
  volatile std::uint64_t state = 1;
  for (std::uint64_t i = 0; i < 350'000'000; ++i) state = state * 6364136223846793005ULL + i;
}

void run(bool threads, int times, void (*work)()) {
  std::vector<std::jthread> pool;
  for (int i = 0; i < times; ++i) {
    if (threads) pool.emplace_back(work);
    else work();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const bool threads = std::string_view(argv[2]) == "threads";
  if (std::string_view(argv[1]) == "waits") run(threads, 6, wait_once);
  else run(threads, 2, count_once);
}
