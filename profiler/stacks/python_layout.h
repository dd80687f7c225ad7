// Where CPython keeps what is read from outside: offsets in bytes into its structures, per version.
#pragma once

#include <cstdint>
#include <optional>

#include "profiler/stacks/memory.h"
#include "profiler/stacks/python.h"

namespace concadvise {

/// Offsets are from the start of the structure that the group is named after.
struct PythonLayout {
  /// How frames are kept, and with that what their fields mean.
  enum class Frames {
    objects,      // 3.7 to 3.10: a list of frame objects, f_lasti an index
    compact,      // 3.11: records with a mark on those that C entered
    with_shims,   // 3.12 on: records with one between for each entry from C
  };
  Frames frames = Frames::objects;

  /// How code objects map instructions to lines.
  enum class Lines { pairs, ranges, locations };  // co_lnotab to 3.9, co_linetable of 3.10, co_linetable from 3.11 on
  Lines lines = Lines::pairs;

  struct {
    std::uint32_t interpreters = 0;
  } runtime;
  struct {
    std::uint32_t next = 0;
    std::uint32_t threads = 0;
    std::uint32_t modules = 0;
    std::uint32_t gil = 0;  // pointer to the GIL in use; 0: the GIL lies in the runtime
  } interpreter;
  struct {
    std::uint32_t locked = 0;  // from the GIL, or from the runtime when it lies there
    std::uint32_t holder = 0;
    std::uint32_t size = 0;
  } gil;
  struct {
    std::uint32_t next = 0;
    std::uint32_t native_id = 0;  // 0: unknown, use pthread
    std::uint32_t pthread = 0;    // pthread_self() of the thread
    std::uint32_t frame = 0;      // pointer to the innermost frame, or to what has it
    std::uint32_t size = 0;       // bytes to read
  } thread;
  std::int32_t frame_in_c = -1;  // offset of the innermost frame in what thread.frame points to; -1: it is the frame
  struct {
    std::uint32_t code = 0;
    std::uint32_t previous = 0;
    std::uint32_t instruction = 0;  // pointer; for frame objects the index f_lasti
    std::uint32_t owner = 0;        // byte; 3 and above: a shim
    std::uint32_t entry = 0;        // byte; 3.11: C entered the interpreter here
    std::uint32_t copy = 0;         // 3.14 free-threaded: which thread's copy of the bytecode runs
    std::uint32_t size = 0;         // bytes to read
  } frame;
  std::uint32_t instruction_bytes = 1;  // of one step of f_lasti
  struct {
    std::uint32_t file = 0;
    std::uint32_t name = 0;
    std::uint32_t qualified_name = 0;  // 0: there is none
    std::uint32_t first_line = 0;
    std::uint32_t lines = 0;
    std::uint32_t instructions = 0;  // start of the bytecode in the object; 0: apart from it
    std::uint32_t copies = 0;        // 3.14 free-threaded: pointer to the threads' copies; 0 none
    std::uint32_t flags = 0;         // co_flags
    std::uint32_t bytecode = 0;      // pointer to the bytes object with it; 0: it lies in the object
    std::uint32_t size = 0;          // bytes to read
  } code;
  struct {
    std::uint32_t type = 8;
    std::uint32_t head = 16;         // bytes before what an object holds
    std::uint32_t bytes_size = 16;
    std::uint32_t bytes_data = 32;
    std::uint32_t dict_keys = 32;
    std::uint32_t text_length = 16;
    std::uint32_t text_state = 32;
    std::uint32_t ascii = 48;      // where the characters of an ASCII string begin
    std::uint32_t compact = 72;    // ... of another compact one
  } object;
  bool dict_sizes_are_logs = false;  // dictionary keys as from 3.11 on
};

/// The layout of a recognised interpreter: a table up to 3.12, from 3.13 on what the process says itself in
/// _Py_DebugOffsets. Nothing for versions that aren't known or whose offsets make no sense.
std::optional<PythonLayout> python_layout(const PythonRuntime& python, Memory& memory);

}  // namespace concadvise
