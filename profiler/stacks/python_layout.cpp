#include "profiler/stacks/python_layout.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace concadvise {
namespace {

constexpr std::uint32_t kWord = 8;

/// The last byte that is read of a structure, as its size.
std::uint32_t end_of(std::initializer_list<std::uint32_t> offsets) {
  return std::max(offsets) + kWord;
}

void set_sizes(PythonLayout& layout) {
  layout.thread.size = end_of({layout.thread.next, layout.thread.native_id, layout.thread.pthread, layout.thread.frame});
  layout.frame.size = end_of({layout.frame.code, layout.frame.previous, layout.frame.instruction, layout.frame.owner});
  layout.code.size = end_of({layout.code.file, layout.code.name, layout.code.qualified_name, layout.code.first_line,
                             layout.code.lines, layout.code.copies, layout.object.bytes_size});
}

// Offsets up to 3.12: offsetof() over the headers that each version installs, x86-64 and AArch64 Linux; the layout is the
// same within a minor version, and in debug builds from 3.8 on (before, those carry two more pointers per object).
PythonLayout layout_3_7() {
  PythonLayout layout;
  layout.runtime.interpreters = 24;
  layout.gil = {1280, 1272, 0};
  layout.interpreter = {0, 8, 40, 0};
  layout.thread = {8, 0, 176, 24, 0};
  layout.frame = {32, 24, 104, 0, 0, 0, 0};
  layout.code = {96, 104, 0, 36, 112, 0, 0, 0};
  return layout;
}

PythonLayout layout_3_8() {
  PythonLayout layout = layout_3_7();
  layout.runtime.interpreters = 32;
  layout.gil = {1168, 1160, 0};
  layout.interpreter.modules = 56;
  layout.code = {104, 112, 0, 40, 120, 0, 0, 0};
  return layout;
}

PythonLayout layout_3_9() {
  PythonLayout layout = layout_3_8();
  layout.gil = {368, 360, 0};
  layout.interpreter.modules = 856;
  return layout;
}

PythonLayout layout_3_10() {
  PythonLayout layout = layout_3_9();
  layout.lines = PythonLayout::Lines::ranges;
  layout.frame.instruction = 96;
  layout.instruction_bytes = 2;
  return layout;
}

PythonLayout layout_3_11() {
  PythonLayout layout;
  layout.frames = PythonLayout::Frames::compact;
  layout.lines = PythonLayout::Lines::locations;
  layout.dict_sizes_are_logs = true;
  layout.runtime.interpreters = 40;
  layout.gil = {376, 368, 0};
  layout.interpreter = {0, 16, 888, 0};
  layout.thread = {8, 160, 152, 56, 0};
  layout.frame_in_c = 8;
  layout.frame = {32, 48, 56, 69, 68, 0, 0};
  layout.code = {112, 120, 128, 72, 136, 184, 0, 0};
  return layout;
}

PythonLayout layout_3_12() {
  PythonLayout layout = layout_3_11();
  layout.frames = PythonLayout::Frames::with_shims;
  layout.gil = {16, 8, 208};
  layout.interpreter = {0, 72, 944, 384};
  layout.thread = {8, 144, 136, 56, 0};
  layout.frame_in_c = 0;
  layout.frame = {0, 8, 56, 70, 0, 0, 0};
  layout.code = {112, 120, 128, 68, 136, 192, 0, 0};
  layout.object.ascii = 40;
  layout.object.compact = 56;
  return layout;
}

/// The words of _Py_DebugOffsets one after another. Offsets above what a structure can have spoil all.
class DebugOffsets {
 public:
  explicit DebugOffsets(std::span<const std::uint64_t> words) : words_(words) {}

  std::uint32_t next() {
    constexpr std::uint64_t kOffsetMax = 1u << 24;
    if (at_ >= words_.size() || words_[at_] >= kOffsetMax) {
      sane_ = false;
      return 0;
    }
    return static_cast<std::uint32_t>(words_[at_++]);
  }
  void skip(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) next();
  }
  bool sane() const { return sane_; }

 private:
  std::span<const std::uint64_t> words_;
  std::size_t at_ = 0;
  bool sane_ = true;
};

// The groups in order, each beginning with the size of its structure; 3.14 has more members in some and a new group.
std::optional<PythonLayout> from_debug_offsets(std::span<const std::uint64_t> words, int minor) {
  const bool is_3_14 = minor >= 14;
  PythonLayout layout;
  layout.frames = PythonLayout::Frames::with_shims;
  layout.lines = PythonLayout::Lines::locations;
  layout.dict_sizes_are_logs = true;
  DebugOffsets offsets(words);
  offsets.skip(2);  // runtime: size, finalizing
  layout.runtime.interpreters = offsets.next();

  offsets.skip(2);  // interpreter: size, id
  layout.interpreter.next = offsets.next();
  layout.interpreter.threads = offsets.next();
  offsets.skip(is_3_14 ? 2 : 1);  // threads_main, gc
  layout.interpreter.modules = offsets.next();
  offsets.skip(2);  // sysdict, builtins
  layout.interpreter.gil = offsets.next();
  const std::uint32_t gil = offsets.next();
  offsets.skip(1);  // enabled
  layout.gil.locked = offsets.next() - gil;
  layout.gil.holder = offsets.next() - gil;
  layout.gil.size = 256;       // two mutexes and two condition variables with four words before them
  if (is_3_14) offsets.skip(2);  // code_object_generation, tlbc_generation

  offsets.skip(2);  // thread: size, prev
  layout.thread.next = offsets.next();
  offsets.skip(1);  // interp
  layout.thread.frame = offsets.next();
  layout.thread.pthread = offsets.next();
  layout.thread.native_id = offsets.next();
  offsets.skip(2);  // datastack_chunk, status

  offsets.skip(1);  // frame: size
  layout.frame.previous = offsets.next();
  layout.frame.code = offsets.next();
  layout.frame.instruction = offsets.next();
  offsets.skip(1);  // localsplus
  layout.frame.owner = offsets.next();
  if (is_3_14) {
    offsets.skip(1);  // stackpointer
    layout.frame.copy = offsets.next();
  }

  offsets.skip(1);  // code: size
  layout.code.file = offsets.next();
  layout.code.name = offsets.next();
  layout.code.qualified_name = offsets.next();
  layout.code.lines = offsets.next();
  layout.code.first_line = offsets.next();
  offsets.skip(3);  // argcount, localsplusnames, localspluskinds
  layout.code.instructions = offsets.next();
  if (is_3_14) layout.code.copies = offsets.next();

  offsets.skip(1);  // object: size
  layout.object.type = offsets.next();
  offsets.skip(10);  // type 4, tuple 3, list 3
  if (is_3_14) offsets.skip(4);  // set
  offsets.skip(1);  // dict: size
  layout.object.dict_keys = offsets.next();
  offsets.skip(1 + 2 + 3);  // dict values, float, int
  offsets.skip(1);          // bytes: size
  layout.object.bytes_size = offsets.next();
  layout.object.bytes_data = offsets.next();
  const std::uint32_t text = offsets.next();
  layout.object.text_state = offsets.next();
  layout.object.text_length = offsets.next();
  layout.object.ascii = offsets.next();
  layout.object.compact = layout.object.ascii + 2 * kWord;
  layout.object.text_shift = is_3_14 ? 16 : 2;
  // A group out of step would show here: the size of a string with its pointer to characters elsewhere.
  if (!offsets.sane() || text != layout.object.compact + kWord) return {};
  return layout;
}

}  // namespace

std::optional<PythonLayout> python_layout(const PythonRuntime& python, Memory& memory) {
  if (python.major != 3) return {};
  std::optional<PythonLayout> layout;
  switch (python.minor) {
    case 7:
      if (!python.debug) layout = layout_3_7();
      break;
    case 8: layout = layout_3_8(); break;
    case 9: layout = layout_3_9(); break;
    case 10: layout = layout_3_10(); break;
    case 11: layout = layout_3_11(); break;
    case 12: layout = layout_3_12(); break;
    case 13:
    case 14: {
      std::array<std::uint64_t, 3 + 84> words{};  // cookie, version, free-threaded; the groups
      std::array<char, 8> cookie{};
      if (!memory.load(python.runtime_address, words)) return {};
      std::memcpy(cookie.data(), words.data(), cookie.size());
      if (std::memcmp(cookie.data(), "xdebugpy", cookie.size()) != 0) return {};
      layout = from_debug_offsets(std::span(words).subspan(3), python.minor);
      break;
    }
    default: break;
  }
  if (layout) set_sizes(*layout);
  return layout;
}

}  // namespace concadvise
