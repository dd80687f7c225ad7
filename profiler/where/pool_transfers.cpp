// What process pools spend on handing arguments and results over, by the stacks of their processes.
#include <algorithm>
#include <array>
#include <string_view>

#include "profiler/where/stack_book.h"

namespace concadvise {
namespace {

// CPython's Lib/multiprocessing and Lib/pickle.py, joblib's loky and cloudpickle: what packs, unpacks and moves objects. Any frame:
// what an object's own __reduce__ does is packing too. Not what is done once, when such a module is imported.
constexpr auto kMoving = std::to_array<std::string_view>({"/multiprocessing/connection.py", "/multiprocessing/reduction.py",
                                                          "/multiprocessing/queues.py", "/pickle.py", "/cloudpickle/cloudpickle.py",
                                                          "/loky/backend/reduction.py"});

bool moves(const std::vector<Frame>& stack) {
  return std::any_of(stack.begin(), stack.end(), [](const Frame& frame) {
    return frame.kind == "python" && frame.function != "<module>" &&
           std::any_of(kMoving.begin(), kMoving.end(), [&](std::string_view file) { return frame.file.ends_with(file); });
  });
}

}  // namespace

void StackBook::fill_transfers(Profile& profile) {
  for (Pool& pool : profile.pools) {
    if (pool.kind != "processes" || python(pool.pid) == nullptr) continue;
    double all_s = 0, moving_s = 0;
    for (const auto& [doing, stacks] : weights_) {
      const bool worker = std::find(pool.tids.begin(), pool.tids.end(), doing.pid) != pool.tids.end();
      if (doing.state != State::on_cpu || (!worker && doing.pid != pool.pid)) continue;
      for (const auto& [id, weight] : stacks) {
        if (stacks_[id]->python.frames.empty()) continue;  // not known what it was for
        all_s += weight.seconds;
        if (moves(named(id).frames)) moving_s += weight.seconds;
      }
    }
    if (all_s > 0) pool.transfer_s = pool.cpu_s * moving_s / all_s;
  }
}

}  // namespace concadvise
