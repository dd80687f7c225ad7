#include "profiler/stacks/python_layout.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <string_view>

namespace concadvise {
namespace {

constexpr std::uint32_t kWord = 8;

/// The last byte that is read of a structure, as its size.
std::uint32_t end_of(std::initializer_list<std::uint32_t> offsets) {
  return std::max(offsets) + kWord;
}

void set_sizes(PythonLayout& layout) {
  layout.thread.size =
      end_of({layout.thread.next, layout.thread.native_id, layout.thread.pthread, layout.thread.frame});
  layout.frame.size = end_of({layout.frame.code, layout.frame.previous, layout.frame.instruction, layout.frame.owner});
  layout.code.size = end_of({layout.code.file, layout.code.name, layout.code.qualified_name, layout.code.first_line,
                             layout.code.lines, layout.code.copies, layout.code.flags, layout.code.bytecode, layout.object.bytes_size});
}

// Offsets up to 3.12: offsetof() over the headers that each version installs, x86-64 and AArch64 Linux; the layout is
// the same within a minor version, and in debug builds from 3.8 on (before, those carry two more pointers per object).
PythonLayout layout_3_7() {
  PythonLayout layout;
  layout.runtime.interpreters = 24;
  layout.gil = {1280, 1272, 0};
  layout.interpreter = {0, 8, 40, 0};
  layout.thread = {8, 0, 176, 24, 0};
  layout.frame = {32, 24, 104, 0, 0, 0, 0};
  layout.code = {96, 104, 0, 36, 112, 0, 0, 32, 40, 0};
  return layout;
}

PythonLayout layout_3_8() {
  PythonLayout layout = layout_3_7();
  layout.runtime.interpreters = 32;
  layout.gil = {1168, 1160, 0};
  layout.interpreter.modules = 56;
  layout.code = {104, 112, 0, 40, 120, 0, 0, 36, 48, 0};
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
  layout.code = {112, 120, 128, 72, 136, 184, 0, 48, 0, 0};
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
  layout.code = {112, 120, 128, 68, 136, 192, 0, 48, 0, 0};
  layout.object.ascii = 40;
  layout.object.compact = 56;
  return layout;
}

/// A word of _Py_DebugOffsets. They stand one after another; later versions put more between them.
struct Member {
  std::string_view name;
  int since = 13;  // minor version
};

// Include/internal/pycore_runtime.h of 3.13, pycore_debug_offsets.h of 3.14.10 and 3.15.2.
constexpr auto kMembers = std::to_array<Member>({
    {"cookie"},
    {"version"},
    {"free_threaded"},
    {"runtime size"},
    {"runtime finalizing"},
    {"runtime interpreters_head"},
    {"interpreter size"},
    {"interpreter id"},
    {"interpreter next"},
    {"interpreter threads_head"},
    {"interpreter threads_main", 14},
    {"interpreter gc"},
    {"interpreter imports_modules"},
    {"interpreter sysdict"},
    {"interpreter builtins"},
    {"interpreter ceval_gil"},
    {"interpreter gil"},
    {"interpreter gil_enabled"},
    {"interpreter gil_locked"},
    {"interpreter gil_holder"},
    {"interpreter code_object_generation", 14},
    {"interpreter tlbc_generation", 14},
    {"thread size"},
    {"thread prev"},
    {"thread next"},
    {"thread interp"},
    {"thread current_frame"},
    {"thread base_frame", 15},
    {"thread last_profiled_frame", 15},
    {"thread last_profiled_frame_seq", 15},
    {"thread thread_id"},
    {"thread native_thread_id"},
    {"thread datastack_chunk"},
    {"thread status"},
    {"thread holds_gil", 15},
    {"thread gil_requested", 15},
    {"thread current_exception", 15},
    {"thread exc_state", 15},
    {"err_stackitem exc_value", 15},
    {"frame size"},
    {"frame previous"},
    {"frame executable"},
    {"frame instr_ptr"},
    {"frame localsplus"},
    {"frame owner"},
    {"frame stackpointer", 14},
    {"frame tlbc_index", 14},
    {"code size"},
    {"code filename"},
    {"code name"},
    {"code qualname"},
    {"code linetable"},
    {"code firstlineno"},
    {"code argcount"},
    {"code localsplusnames"},
    {"code localspluskinds"},
    {"code co_code_adaptive"},
    {"code co_tlbc", 14},
    {"object size"},
    {"object ob_type"},
    {"type size"},
    {"type tp_name"},
    {"type tp_repr"},
    {"type tp_flags"},
    {"type tp_basicsize", 15},
    {"type tp_dictoffset", 15},
    {"heap_type size", 15},
    {"heap_type ht_cached_keys", 15},
    {"tuple size"},
    {"tuple ob_item"},
    {"tuple ob_size"},
    {"list size"},
    {"list ob_item"},
    {"list ob_size"},
    {"set size", 14},
    {"set used", 14},
    {"set table", 14},
    {"set mask", 14},
    {"dict size"},
    {"dict ma_keys"},
    {"dict ma_values"},
    {"float size"},
    {"float ob_fval"},
    {"long size"},
    {"long lv_tag"},
    {"long ob_digit"},
    {"bytes size"},
    {"bytes ob_size"},
    {"bytes ob_sval"},
    {"unicode size"},
    {"unicode state"},
    {"unicode length"},
    {"unicode asciiobject_size"},
});

using Words = std::array<std::uint64_t, kMembers.size()>;

/// What a process says of itself. Offsets above what a structure can have spoil all.
class DebugOffsets {
 public:
  DebugOffsets(const Words& words, int minor) {
    std::size_t at = 0;
    for (const Member& member : kMembers)
      if (member.since <= minor) values_.emplace(member.name, words[at++]);
  }

  std::uint32_t operator[](std::string_view name) {
    constexpr std::uint64_t kOffsetMax = 1u << 24;
    const auto found = values_.find(name);
    if (found == values_.end()) return 0;  // not in this version
    if (found->second >= kOffsetMax) sane_ = false;
    return static_cast<std::uint32_t>(found->second);
  }
  bool sane() const { return sane_; }

 private:
  std::map<std::string_view, std::uint64_t> values_;
  bool sane_ = true;
};

std::optional<PythonLayout> from_debug_offsets(const Words& words, int minor) {
  PythonLayout layout;
  layout.frames = PythonLayout::Frames::with_shims;
  layout.lines = PythonLayout::Lines::locations;
  layout.dict_sizes_are_logs = true;
  DebugOffsets offsets(words, minor);
  layout.runtime.interpreters = offsets["runtime interpreters_head"];
  layout.interpreter = {offsets["interpreter next"], offsets["interpreter threads_head"],
                        offsets["interpreter imports_modules"], offsets["interpreter ceval_gil"]};
  layout.gil.locked = offsets["interpreter gil_locked"] - offsets["interpreter gil"];
  layout.gil.holder = offsets["interpreter gil_holder"] - offsets["interpreter gil"];
  layout.gil.size = 256;  // two mutexes and two condition variables with four words before them
  layout.thread.next = offsets["thread next"];
  layout.thread.frame = offsets["thread current_frame"];
  layout.thread.pthread = offsets["thread thread_id"];
  layout.thread.native_id = offsets["thread native_thread_id"];
  layout.frame.previous = offsets["frame previous"];
  layout.frame.code = offsets["frame executable"];
  layout.frame.instruction = offsets["frame instr_ptr"];
  layout.frame.owner = offsets["frame owner"];
  layout.frame.copy = offsets["frame tlbc_index"];
  layout.code.file = offsets["code filename"];
  layout.code.name = offsets["code name"];
  layout.code.qualified_name = offsets["code qualname"];
  layout.code.lines = offsets["code linetable"];
  layout.code.first_line = offsets["code firstlineno"];
  layout.code.instructions = offsets["code co_code_adaptive"];
  layout.code.copies = offsets["code co_tlbc"];
  layout.code.flags = offsets["code argcount"] - 4;  // co_flags, both int
  layout.object.type = offsets["object ob_type"];
  layout.object.head = offsets["object size"];
  layout.object.dict_keys = offsets["dict ma_keys"];
  layout.object.bytes_size = offsets["bytes ob_size"];
  layout.object.bytes_data = offsets["bytes ob_sval"];
  layout.object.text_state = offsets["unicode state"];
  layout.object.text_length = offsets["unicode length"];
  layout.object.ascii = offsets["unicode asciiobject_size"];
  layout.object.compact = layout.object.ascii + 2 * kWord;
  // A group out of step would show here: the size of a string with its pointer to characters elsewhere.
  if (!offsets.sane() || offsets["unicode size"] != layout.object.compact + kWord) return {};
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
    case 8:
      layout = layout_3_8();
      break;
    case 9:
      layout = layout_3_9();
      break;
    case 10:
      layout = layout_3_10();
      break;
    case 11:
      layout = layout_3_11();
      break;
    case 12:
      layout = layout_3_12();
      break;
    case 13:
    case 14:
    case 15: {
      Words words{};
      if (!memory.load(python.runtime_address, words)) return {};
      if (std::memcmp(words.data(), "xdebugpy", sizeof words[0]) != 0) return {};
      layout = from_debug_offsets(words, python.minor);
      break;
    }
    default:
      break;
  }
  if (layout) set_sizes(*layout);
  return layout;
}

}  // namespace concadvise
