// CPython processes seen from outside: is it one, which one, what its threads execute. Nothing is stopped or changed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/profile.h"
#include "profiler/stacks/maps.h"
#include "profiler/stacks/memory.h"

namespace concadvise {

/// The interpreter of a process.
struct PythonRuntime {
  int major = 0;
  int minor = 0;
  int micro = -1;              // -1 unknown
  bool free_threaded = false;  // built without a GIL
  bool debug = false;          // built with assertions (a Py_DEBUG build)
  std::uint64_t runtime_address = 0;  // of _PyRuntime in the process
  std::uint64_t runtime_size = 0;     // bytes; the GIL of the main interpreter lies inside from 3.7 on
  std::uint64_t code_type = 0;        // address of PyCode_Type; 0 unknown
  std::string module;                 // path of the file that holds the interpreter

  /// "CPython 3.11.2", "CPython 3.13.0 free-threaded".
  std::string name() const;

  /// True for a futex wait on the GIL: an address inside _PyRuntime. False in free-threaded builds. Sub-interpreters
  /// with a GIL of their own (3.12 on) keep it elsewhere: PythonReader::gil_ranges.
  bool is_gil(std::uint64_t futex_address) const {
    return !free_threaded && futex_address >= runtime_address && futex_address - runtime_address < runtime_size;
  }
};

/// Recognises CPython 3.7 and later by the _PyRuntime symbol of the executable or of a mapped libpython. What a file
/// says is kept per file, so the second process with it costs one read of /proc/PID/maps.
class PythonRecogniser {
 public:
  PythonRecogniser();
  ~PythonRecogniser();

  /// Nothing when the process isn't a CPython (yet: before the dynamic linker ran there is no libpython), is gone, or
  /// its maps may not be read. Python 3.6 and before are not recognised.
  std::optional<PythonRuntime> recognise(pid_t pid);
  std::optional<PythonRuntime> recognise(Maps& maps);

 private:
  struct FileFacts;
  const FileFacts& facts_of(pid_t pid, const Mapping& mapping);
  std::map<std::pair<std::uint64_t, std::uint64_t>, FileFacts> files_;  // by device and inode
};

}  // namespace concadvise
