// Work that is shared out among threads by index, so that the result does not depend on who does what.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace concadvise {

/// `jobs`, or as many as there are processors when it is 0 or less.
inline std::size_t workers(int jobs) {
  return jobs > 0 ? static_cast<std::size_t>(jobs) : std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

/// Calls `work` once for each index below `count`, on up to `jobs` threads of which the caller is one. `work` must not throw.
inline void share_out(std::size_t count, int jobs, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < std::min(workers(jobs), count); ++i) others.emplace_back(run);
  run();
  for (auto& other : others) other.join();
}

/// The same for many small pieces of work of about the same size: each thread takes a run of indexes at a time.
inline void share_out_many(std::size_t count, int jobs, const std::function<void(std::size_t first, std::size_t end)>& work) {
  constexpr std::size_t kRun = 512;
  share_out((count + kRun - 1) / kRun, jobs, [&](std::size_t i) { work(i * kRun, std::min(count, (i + 1) * kRun)); });
}

}  // namespace concadvise
