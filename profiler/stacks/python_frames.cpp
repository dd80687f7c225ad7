#include "profiler/stacks/python_frames.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <unordered_map>

#include "profiler/stacks/bytecode_map.h"
#include "profiler/stacks/memory_snapshot.h"
#include "profiler/stacks/python_layout.h"
#include "profiler/stacks/python_lines.h"
#include "profiler/stacks/python_objects.h"

namespace concadvise {
namespace {

constexpr std::size_t kFramesMax = 512;        // of one stack; deeper ones are truncated
constexpr std::size_t kThreadsMax = 20000;     // of one process
constexpr int kInterpretersMax = 256;
constexpr std::size_t kViewsMax = 256;         // threads whose last stack's places are kept
constexpr std::size_t kCodesMax = 100000;
constexpr std::size_t kFunctionsOfThread = 1000;  // whose last callers are kept
constexpr std::uint32_t kAwaitable = 0x180;    // CO_COROUTINE, CO_ITERABLE_COROUTINE
constexpr int kAttempts = 4;
constexpr std::uint64_t kTagBits = 7;          // 3.14 marks references in the low bits of pointers
constexpr std::uint8_t kFirstShimOwner = 3;    // FRAME_OWNED_BY_CSTACK of 3.12, ..._INTERPRETER of 3.14

// Offset of `tid` in glibc's struct pthread, which pthread_self() points to: the same in all glibc for x86-64 and AArch64
// since 2.4, known to debuggers through libthread_db.
constexpr std::uint64_t kPthreadTid =
#if defined(__aarch64__)
    0xd0;
#else
    0x2d0;
#endif

template <typename T>
T value_at(std::span<const std::byte> bytes, std::size_t offset) {
  T value{};
  if (offset <= bytes.size() && sizeof(T) <= bytes.size() - offset) std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

/// The last number in the NSpid line: the thread's number in its own PID namespace; 0 when it is gone.
pid_t innermost_number(pid_t pid, pid_t tid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/task/" + std::to_string(tid) + "/status");
  std::string line;
  while (std::getline(status, line)) {
    if (!line.starts_with("NSpid:")) continue;
    std::istringstream numbers(line.substr(6));
    pid_t number = 0;
    while (numbers >> number) {
    }
    return number;
  }
  return 0;
}

/// A code object as it was when it was first seen.
struct Code {
  std::uint64_t name = 0;
  std::uint64_t file = 0;
  std::uint64_t lines = 0;
  int first_line = 0;

  std::uint32_t number = 0;  // of PythonCodes
  std::vector<std::byte> table;
  std::unordered_map<std::int64_t, int> line_at;

  bool same_object(const Code& other) const {
    return name == other.name && file == other.file && lines == other.lines && first_line == other.first_line;
  }
};

/// A frame as found: enough to tell whether two looks saw the same stack.
struct RawFrame {
  std::uint64_t address = 0;
  std::uint64_t code = 0;
  std::int64_t offset = 0;  // of the instruction in the bytecode
  bool entered_from_c = false;

  bool same_place(const RawFrame& other) const { return address == other.address && code == other.code; }
};

struct RawStack {
  std::vector<RawFrame> frames;
  bool readable = true;
  bool truncated = false;

  bool same_places(const RawStack& other) const {
    return std::equal(frames.begin(), frames.end(), other.frames.begin(), other.frames.end(),
                      [](const RawFrame& a, const RawFrame& b) { return a.same_place(b); });
  }
};

}  // namespace

class PythonReader::Engine {
 public:
  Engine(std::unique_ptr<Memory> memory, const PythonRuntime& python, PythonCodes& codes, pid_t pid)
      : memory_(std::move(memory)), python_(python), layout_(python_layout(python, *memory_)), names_(codes), pid_(pid) {
    nested_ = pid != 0 && innermost_number(pid, pid) != pid;
    if (layout_) tasks_.emplace(*memory_, *layout_);
  }

  bool supported() const { return layout_.has_value(); }
  PythonStack stack(pid_t tid, const SampledWords* sampled);
  std::optional<PythonTask> task();
  std::optional<std::size_t> tasks_alive();
  bool has_asyncio() const { return tasks_ && tasks_->has_asyncio(); }
  std::vector<pid_t> threads();
  pid_t gil_holder();
  std::vector<std::pair<std::uint64_t, std::uint64_t>> gil_ranges();
  std::vector<std::uint64_t> interpreters();
  std::vector<std::string> imported_modules();
  const Counts& counts() const { return counts_; }

 private:
  /// A thread's state object, and the memory that its last stack was read from.
  struct View {
    std::uint64_t state = 0;
    MemorySnapshot snapshot;
    std::map<std::uint64_t, std::vector<RawFrame>> last_in;  // by code: the last stack whose innermost function it was
  };

  bool find_modules();
  pid_t number_inside(pid_t tid);
  pid_t native_id(std::span<const std::byte> state);
  void list_threads();
  View* view_of(pid_t inside);
  RawStack walk(View& view, pid_t inside);
  bool add_frame(MemorySnapshot& snapshot, std::span<const std::byte> frame, std::uint64_t address, RawStack& stack);
  std::int64_t instruction_offset(MemorySnapshot& snapshot, std::span<const std::byte> frame, std::span<const std::byte> code,
                                  std::uint64_t code_address) const;
  void rewind(RawStack& raw, View& view, const SampledWords& sampled);
  PythonStack resolved(const RawStack& raw, MemorySnapshot& snapshot);
  PythonPlace place_of(const RawFrame& raw, std::span<const std::byte> code);
  void know_bytecode(std::uint64_t code, std::span<const std::byte> object);
  std::uint64_t gil_of(std::uint64_t interpreter);

  std::unique_ptr<Memory> memory_;
  PythonRuntime python_;
  std::optional<PythonLayout> layout_;
  PythonCodes& names_;
  pid_t pid_;
  bool nested_ = false;  // in a PID namespace of its own
  std::unordered_map<pid_t, pid_t> numbers_inside_;
  std::unordered_map<pid_t, std::uint64_t> states_;  // by native number inside
  std::unordered_map<pid_t, View> views_;
  std::unordered_map<std::uint64_t, Code> codes_;  // by address
  BytecodeMap bytecode_;
  std::optional<PythonTasks> tasks_;
  std::vector<std::uint64_t> coroutine_frames_;  // addresses, of the last stack
  std::uint64_t modules_ = 0;                    // sys.modules of the main interpreter
  Counts counts_;
};

pid_t PythonReader::Engine::number_inside(pid_t tid) {
  if (!nested_) return tid;
  const auto [entry, is_new] = numbers_inside_.try_emplace(tid);
  if (is_new) entry->second = innermost_number(pid_, tid);
  return entry->second;
}

pid_t PythonReader::Engine::native_id(std::span<const std::byte> state) {
  if (layout_->thread.native_id != 0) return value_at<pid_t>(state, layout_->thread.native_id);
  const auto pthread = value_at<std::uint64_t>(state, layout_->thread.pthread);
  pid_t tid = 0;
  return pthread != 0 && memory_->load(pthread + kPthreadTid, tid) ? tid : 0;
}

std::vector<std::uint64_t> PythonReader::Engine::interpreters() {
  std::vector<std::uint64_t> found;
  std::uint64_t next = 0;
  if (!layout_ || !memory_->load(python_.runtime_address + layout_->runtime.interpreters, next)) return found;
  while (next != 0 && found.size() < kInterpretersMax) {
    found.push_back(next);
    if (!memory_->load(next + layout_->interpreter.next, next)) break;
  }
  return found;
}

// A thread that runs code of two interpreters has a state in each. From 3.13 on a state belongs to the thread that runs it
// and the newer interpreter's is the inner one; before, it belongs to the thread that made the interpreter, so only the main
// interpreter's can be trusted.
void PythonReader::Engine::list_threads() {
  states_.clear();
  std::vector<std::uint64_t> order = interpreters();  // newest first
  if (python_.minor < 13) std::reverse(order.begin(), order.end());
  std::vector<std::byte> state(layout_->thread.size);
  std::size_t steps = 0;
  for (const std::uint64_t interpreter : order) {
    std::uint64_t next = 0;
    if (!memory_->load(interpreter + layout_->interpreter.threads, next)) continue;
    while (next != 0 && ++steps < kThreadsMax && memory_->read(next, state) == state.size()) {
      if (const pid_t tid = native_id(state); tid > 0) states_.try_emplace(tid, next);
      next = value_at<std::uint64_t>(state, layout_->thread.next);
    }
  }
}

PythonReader::Engine::View* PythonReader::Engine::view_of(pid_t inside) {
  if (const auto known = views_.find(inside); known != views_.end()) return &known->second;
  if (!states_.contains(inside)) list_threads();
  const auto state = states_.find(inside);
  if (state == states_.end()) return nullptr;
  if (views_.size() >= kViewsMax) views_.clear();
  return &views_.try_emplace(inside, View{state->second, MemorySnapshot(*memory_), {}}).first->second;
}

std::int64_t PythonReader::Engine::instruction_offset(MemorySnapshot& snapshot, std::span<const std::byte> frame,
                                                      std::span<const std::byte> code, std::uint64_t code_address) const {
  if (layout_->frames == PythonLayout::Frames::objects) {
    return std::int64_t{value_at<std::int32_t>(frame, layout_->frame.instruction)} * layout_->instruction_bytes;
  }
  std::uint64_t start = code_address + layout_->code.instructions;
  if (python_.free_threaded && layout_->code.copies != 0) {
    const auto index = value_at<std::int32_t>(frame, layout_->frame.copy);
    const auto copies = value_at<std::uint64_t>(code, layout_->code.copies);
    if (index > 0 && copies != 0) snapshot.load(copies + 8 + static_cast<std::uint64_t>(index) * 8, start);
  }
  return static_cast<std::int64_t>(value_at<std::uint64_t>(frame, layout_->frame.instruction) - start);
}

/// False when what stands there is no frame of code.
bool PythonReader::Engine::add_frame(MemorySnapshot& snapshot, std::span<const std::byte> frame, std::uint64_t address,
                                     RawStack& stack) {
  const std::uint64_t code = value_at<std::uint64_t>(frame, layout_->frame.code) & ~kTagBits;
  const std::span<const std::byte> object = snapshot.bytes(code, layout_->code.size);
  if (code == 0 || object.empty()) return false;
  if (python_.code_type != 0 && value_at<std::uint64_t>(object, layout_->object.type) != python_.code_type) return false;
  const std::int64_t offset = instruction_offset(snapshot, frame, object, code);
  if (layout_->frames != PythonLayout::Frames::objects) {
    const auto units = value_at<std::int64_t>(object, layout_->object.bytes_size);
    if (units < 0 || units > (1 << 28) || offset < -2 || offset > units * 2) return false;
  }
  const bool entry = layout_->frame.entry != 0 ? value_at<std::uint8_t>(frame, layout_->frame.entry) != 0
                                               : layout_->frames == PythonLayout::Frames::objects;
  stack.frames.push_back({address, code, offset, entry});
  return true;
}

RawStack PythonReader::Engine::walk(View& view, pid_t inside) {
  RawStack stack;
  MemorySnapshot& snapshot = view.snapshot;
  const std::span<const std::byte> state = snapshot.bytes(view.state, layout_->thread.size);
  stack.readable = !state.empty() && native_id(state) == inside;
  std::uint64_t address = value_at<std::uint64_t>(state, layout_->thread.frame);
  if (layout_->frame_in_c >= 0 && address != 0) {
    stack.readable = stack.readable && snapshot.load(address + static_cast<std::uint64_t>(layout_->frame_in_c), address);
  }
  std::size_t steps = 0;
  while (stack.readable && address != 0) {
    if (++steps > 2 * kFramesMax || stack.frames.size() >= kFramesMax) {
      stack.truncated = true;
      break;
    }
    const std::span<const std::byte> frame = snapshot.bytes(address, layout_->frame.size);
    const bool shim = layout_->frames == PythonLayout::Frames::with_shims &&
                      value_at<std::uint8_t>(frame, layout_->frame.owner) >= kFirstShimOwner;
    if (frame.empty() || (!shim && !add_frame(snapshot, frame, address, stack))) stack.readable = false;
    if (shim && !stack.frames.empty()) stack.frames.back().entered_from_c = true;
    address = value_at<std::uint64_t>(frame, layout_->frame.previous);
  }
  return stack;
}

PythonStack PythonReader::Engine::stack(pid_t tid, const SampledWords* sampled) {
  PythonStack result;
  coroutine_frames_.clear();
  const pid_t inside = number_inside(tid);
  if (!layout_ || inside <= 0) return result;
  View* view = view_of(inside);
  if (view == nullptr) return result;
  ++counts_.stacks;
  RawStack last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    counts_.retries += attempt > 0 ? 1 : 0;
    view->snapshot.begin();
    RawStack raw = walk(*view, inside);
    // Read at once, or pieces of it twice with the same result: then it hangs together.
    const bool settled = view->snapshot.complete() || (attempt > 0 && last.readable && raw.same_places(last));
    if (raw.readable && settled) {
      if (sampled == nullptr || raw.frames.empty()) return resolved(raw, view->snapshot);
      rewind(raw, *view, *sampled);
      return resolved(raw, view->snapshot);
    }
    if (!raw.readable && attempt == 1) {  // the thread's state may have gone elsewhere
      views_.erase(inside);
      states_.erase(inside);
      view = view_of(inside);
      if (view == nullptr) return result;
    }
    last = std::move(raw);
  }
  ++counts_.torn;
  result.torn = true;
  return result;
}

// What was read is later than the sample. The innermost function is the one whose bytecode the interpreter was in: where that is one
// of those read, the inner ones were called since; where it is another, its callers are those that it had last time.
void PythonReader::Engine::rewind(RawStack& raw, View& view, const SampledWords& sampled) {
  if (view.last_in.size() >= kFunctionsOfThread) view.last_in.clear();
  view.last_in[raw.frames.front().code] = raw.frames;
  if (python_.free_threaded) return;  // each thread may run a copy of the bytecode
  place_of(raw.frames.front(), view.snapshot.bytes(raw.frames.front().code, layout_->code.size));  // makes its bytecode known
  const auto at = bytecode_.found_in(sampled.kept_registers, sampled.stack, raw.frames.front().code);
  if (!at) return;
  const auto current = std::find_if(raw.frames.begin(), raw.frames.end(), [&](const RawFrame& frame) { return frame.code == at->code; });
  if (current != raw.frames.end()) {
    counts_.rewound += current != raw.frames.begin() || current->offset != at->offset ? 1 : 0;
    raw.frames.erase(raw.frames.begin(), current);
  } else {
    const auto known = view.last_in.find(at->code);
    if (known == view.last_in.end() || known->second.back().address != raw.frames.back().address) return;
    ++counts_.rewound;
    raw.frames = known->second;
  }
  raw.frames.front().offset = at->offset;
}

PythonStack PythonReader::Engine::resolved(const RawStack& raw, MemorySnapshot& snapshot) {
  PythonStack stack;
  stack.truncated = raw.truncated;
  std::uint32_t run = 0;
  for (const RawFrame& frame : raw.frames) {
    stack.frames.push_back(place_of(frame, snapshot.bytes(frame.code, layout_->code.size)));
    if (names_.is_coroutine(stack.frames.back())) coroutine_frames_.push_back(frame.address);
    ++run;
    if (frame.entered_from_c) {
      stack.entries.push_back(run);
      run = 0;
    }
  }
  if (run > 0) stack.entries.push_back(run);
  return stack;
}

void PythonReader::Engine::know_bytecode(std::uint64_t code, std::span<const std::byte> object) {
  if (layout_->code.bytecode == 0) {
    bytecode_.add(code, code + layout_->code.instructions, value_at<std::int64_t>(object, layout_->object.bytes_size));
    return;
  }
  const auto bytes = value_at<std::uint64_t>(object, layout_->code.bytecode);
  std::int64_t size = 0;
  if (bytes != 0 && memory_->load(bytes + layout_->object.bytes_size, size)) bytecode_.add(code, bytes + layout_->object.bytes_data, size / 2);
}

PythonPlace PythonReader::Engine::place_of(const RawFrame& raw, std::span<const std::byte> object) {
  Code seen;
  seen.name = value_at<std::uint64_t>(object, layout_->code.qualified_name != 0 ? layout_->code.qualified_name : layout_->code.name);
  seen.file = value_at<std::uint64_t>(object, layout_->code.file);
  seen.lines = value_at<std::uint64_t>(object, layout_->code.lines);
  seen.first_line = value_at<std::int32_t>(object, layout_->code.first_line);
  if (codes_.size() >= kCodesMax) codes_.clear();
  Code& code = codes_[raw.code];
  if (code.number == 0 || !code.same_object(seen)) {
    const std::vector<std::string> texts = python_texts(*memory_, *layout_, {seen.name, seen.file});
    const bool awaitable = (value_at<std::uint32_t>(object, layout_->code.flags) & kAwaitable) != 0;
    seen.number = names_.number(texts[0], texts[1], seen.first_line, awaitable);
    seen.table = python_bytes(*memory_, *layout_, seen.lines);
    code = std::move(seen);
    know_bytecode(raw.code, object);
  }
  const auto [line, is_new] = code.line_at.try_emplace(raw.offset);
  if (is_new) line->second = python_line(layout_->lines, code.table, code.first_line, raw.offset);
  return {code.number, line->second};
}

bool PythonReader::Engine::find_modules() {
  if (modules_ != 0) return true;
  const std::vector<std::uint64_t> all = interpreters();
  return !all.empty() && memory_->load(all.back() + layout_->interpreter.modules, modules_) && modules_ != 0;
}

std::optional<PythonTask> PythonReader::Engine::task() {
  if (coroutine_frames_.empty() || !find_modules()) return {};
  return tasks_->running(coroutine_frames_, modules_);
}

std::optional<std::size_t> PythonReader::Engine::tasks_alive() {
  if (!tasks_ || !find_modules()) return {};
  return tasks_->alive(modules_);
}

std::vector<pid_t> PythonReader::Engine::threads() {
  std::vector<pid_t> tids;
  if (!layout_) return tids;
  list_threads();
  for (const auto& state : states_) tids.push_back(state.first);
  std::sort(tids.begin(), tids.end());
  return tids;
}

/// Address of the GIL that an interpreter uses; of the runtime where it lies there.
std::uint64_t PythonReader::Engine::gil_of(std::uint64_t interpreter) {
  if (layout_->interpreter.gil == 0) return python_.runtime_address;
  std::uint64_t gil = 0;
  return memory_->load(interpreter + layout_->interpreter.gil, gil) ? gil : 0;
}

pid_t PythonReader::Engine::gil_holder() {
  const std::vector<std::uint64_t> all = interpreters();
  if (all.empty() || python_.free_threaded) return 0;
  const std::uint64_t gil = gil_of(all.back());  // new interpreters are put in front
  std::int32_t locked = 0;
  std::uint64_t holder = 0;
  if (gil == 0 || !memory_->load(gil + layout_->gil.locked, locked) || locked != 1) return 0;
  if (!memory_->load(gil + layout_->gil.holder, holder) || holder == 0) return 0;
  std::vector<std::byte> state(layout_->thread.size);
  return memory_->read(holder, state) == state.size() ? native_id(state) : 0;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> PythonReader::Engine::gil_ranges() {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  if (python_.free_threaded) return ranges;
  ranges.emplace_back(python_.runtime_address, python_.runtime_size);
  if (!layout_ || layout_->interpreter.gil == 0) return ranges;
  for (const std::uint64_t interpreter : interpreters()) {
    const std::uint64_t gil = gil_of(interpreter);
    if (gil != 0 && !python_.is_gil(gil)) ranges.emplace_back(gil, layout_->gil.size);
  }
  return ranges;
}

std::vector<std::string> PythonReader::Engine::imported_modules() {
  if (!find_modules()) return {};
  std::vector<std::uint64_t> names;
  for (const auto& entry : python_dict(*memory_, *layout_, modules_)) names.push_back(entry.first);
  std::set<std::string> top;
  for (const std::string& name : python_texts(*memory_, *layout_, names)) {
    if (!name.empty()) top.insert(name.substr(0, name.find('.')));
  }
  return {top.begin(), top.end()};
}

PythonReader::PythonReader(pid_t pid, const PythonRuntime& python, PythonCodes& codes)
    : engine_(std::make_unique<Engine>(std::make_unique<ProcessMemory>(pid), python, codes, pid)) {}

PythonReader::PythonReader(std::unique_ptr<Memory> memory, const PythonRuntime& python, PythonCodes& codes)
    : engine_(std::make_unique<Engine>(std::move(memory), python, codes, 0)) {}

PythonReader::~PythonReader() = default;

bool PythonReader::supported() const { return engine_->supported(); }
PythonStack PythonReader::stack(pid_t tid, const SampledWords* sampled) { return engine_->stack(tid, sampled); }
std::optional<PythonTask> PythonReader::task() { return engine_->task(); }
std::optional<std::size_t> PythonReader::tasks_alive() { return engine_->tasks_alive(); }
bool PythonReader::has_asyncio() const { return engine_->has_asyncio(); }
std::vector<pid_t> PythonReader::threads() { return engine_->threads(); }
pid_t PythonReader::gil_holder() { return engine_->gil_holder(); }
int PythonReader::interpreters() { return static_cast<int>(engine_->interpreters().size()); }
std::vector<std::string> PythonReader::imported_modules() { return engine_->imported_modules(); }
PythonReader::Counts PythonReader::counts() const { return engine_->counts(); }

std::vector<std::pair<std::uint64_t, std::uint64_t>> PythonReader::gil_ranges() { return engine_->gil_ranges(); }

PythonCodes::PythonCodes() : codes_(1) {}

std::uint32_t PythonCodes::number(const std::string& function, const std::string& file, int first_line, bool coroutine) {
  const auto known = numbers_.find({function, file, first_line});
  if (known != numbers_.end()) return known->second;
  if (codes_.size() >= kCodesMax) return 0;
  codes_.push_back({function, file, coroutine});
  return numbers_[{function, file, first_line}] = static_cast<std::uint32_t>(codes_.size() - 1);
}

Frame PythonCodes::frame(const PythonPlace& place) const {
  Frame frame;
  frame.kind = "python";
  if (place.code == 0 || place.code >= codes_.size()) return frame;
  const Code& code = codes_[place.code];
  frame.function = code.function;
  frame.file = code.file;
  frame.module = code.file.substr(code.file.rfind('/') + 1);
  frame.line = place.line;
  return frame;
}

std::vector<Frame> PythonCodes::frames(const PythonStack& stack) const {
  std::vector<Frame> all;
  for (const PythonPlace& place : stack.frames) all.push_back(frame(place));
  return all;
}

}  // namespace concadvise
