// In place of wakeups.cpp in builds without BPF.
#include "profiler/bpf/wakeups.h"

namespace concadvise {

std::unique_ptr<Wakeups> Wakeups::load(std::string& why, int& error) {
  why = "this concadvise was built without BPF";
  error = 0;
  return nullptr;
}

bool Wakeups::is_built() { return false; }

}  // namespace concadvise
