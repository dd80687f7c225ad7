#include "profiler/stacks/call_stacks.h"

namespace concadvise {
namespace {

constexpr std::size_t kFramesKeptMax = 2'000'000;  // 32 MB at most

void add(PythonReader::Counts& sum, const PythonReader::Counts& counts) {
  sum.stacks += counts.stacks;
  sum.torn += counts.torn;
  sum.retries += counts.retries;
}

}  // namespace

double CallStacks::Counts::torn() const {
  const std::uint64_t all = native.stacks + python.stacks;
  return all == 0 ? 0 : static_cast<double>(native.torn + python.torn) / static_cast<double>(all);
}

CallStacks::CallStacks() : unwinder_(modules_), symbolizer_(modules_) {}

CallStacks::~CallStacks() = default;

void CallStacks::set_python(pid_t pid, const PythonRuntime& python) {
  forget(pid);
  auto reader = std::make_unique<PythonReader>(pid, python, codes_);
  if (reader->supported()) readers_[pid] = std::move(reader);
}

void CallStacks::forget(pid_t pid) {
  modules_.forget(pid);
  const auto reader = readers_.find(pid);
  if (reader == readers_.end()) return;
  add(ended_, reader->second->counts());
  readers_.erase(reader);
}

PythonReader* CallStacks::python(pid_t pid) {
  const auto reader = readers_.find(pid);
  return reader == readers_.end() ? nullptr : reader->second.get();
}

CallStacks::Id CallStacks::blocked(pid_t pid, pid_t tid, const BlockedAt& at) {
  // Python's first: the unwinder looks at the end whether the thread stood still.
  PythonReader* reader = python(pid);
  PythonStack python = reader == nullptr ? PythonStack{} : reader->stack(tid);
  NativeStack native = unwinder_.blocked(pid, tid, at);
  if (native.torn) return 0;
  if (python.torn) python = {};
  return kept({std::move(native), std::move(python)});
}

CallStacks::Id CallStacks::running(pid_t pid, pid_t tid) {
  PythonReader* reader = python(pid);
  if (reader == nullptr) return 0;
  PythonStack python = reader->stack(tid);
  return python.torn ? 0 : kept({{}, std::move(python)});
}

CallStacks::Id CallStacks::sampled(pid_t pid, const Registers& registers, std::span<const std::byte> stack) {
  return kept({unwinder_.sampled(pid, registers, stack), {}});
}

CallStacks::Id CallStacks::callchain(pid_t pid, std::span<const std::uint64_t> pcs) {
  return kept({unwinder_.callchain(pid, pcs), {}});
}

CallStacks::Id CallStacks::kept(Stack stack) {
  const std::size_t size = stack.first.frames.size() + stack.second.frames.size();
  if (size == 0) return 0;
  if (const auto known = ids_.find(stack); known != ids_.end()) return known->second;
  if (frames_kept_ + size > kFramesKeptMax) {
    ++dropped_;
    return 0;
  }
  frames_kept_ += size;
  const auto id = static_cast<Id>(stacks_.size() + 1);
  stacks_.push_back(&ids_.emplace(std::move(stack), id).first->first);
  return id;
}

std::vector<Frame> CallStacks::frames(Id id) {
  if (id == 0 || id > stacks_.size()) return {};
  const auto& [native, python] = *stacks_[id - 1];
  std::vector<Frame> frames = symbolizer_.frames(native);
  return python.frames.empty() ? frames : merge_stacks(frames, codes_.frames(python), python.entries);
}

CallStacks::Counts CallStacks::counts() const {
  Counts counts{unwinder_.counts(), ended_, symbolizer_.counts(), dropped_};
  for (const auto& reader : readers_) add(counts.python, reader.second->counts());
  return counts;
}

}  // namespace concadvise
