#include <algorithm>
#include <array>
#include <string_view>

#include "profiler/stacks/python_frames.h"

namespace concadvise {
namespace {

/// What CPython calls on its way from one Python function to the next, and what starts it: names of Python/ceval.c,
/// Objects/call.c, methodobject.c, classobject.c, typeobject.c, genobject.c, Modules/main.c and Python/pythonrun.c.
constexpr std::array kMachinery = std::to_array<std::string_view>(
    {"_PyEval_", "PyEval_", "_PyFunction_", "_PyObject_", "PyObject_", "_PyVectorcall_", "PyVectorcall_", "_PyCFunction",
     "PyCFunction_", "cfunction_", "method_vectorcall", "vectorcall_", "call_function", "do_call_core", "function_code_fastcall",
     "slot_tp_", "_PyMethodDef_", "_TAIL_CALL_", "gen_send_ex", "PyGen_am_send", "PyIter_Send", "gen_iternext", "context_run",
     "trampoline_", "py_trampoline", "pymain_", "Py_RunMain", "PyRun_", "_PyRun_"});

/// Below the outermost Python function: the C library's and the interpreter's start of the process and of threads.
constexpr std::array kStart = std::to_array<std::string_view>(
    {"_start", "__libc_start_call_main", "__libc_start_main", "start_thread", "clone3", "__clone3", "clone", "__clone", "main"});

/// The interpreter's loop: one native frame of it per entry from C, in all versions.
bool is_loop(const Frame& frame) { return frame.kind == "native" && !frame.inlined && frame.function == "_PyEval_EvalFrameDefault"; }

template <std::size_t Count>
bool begins_with_any(const std::string& function, const std::array<std::string_view, Count>& names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return function.starts_with(name); });
}

}  // namespace

std::vector<Frame> merge_stacks(const std::vector<Frame>& native, const std::vector<Frame>& python,
                                const std::vector<std::uint32_t>& entries) {
  const auto loop = std::find_if(native.begin(), native.end(), is_loop);
  const std::string interpreter = loop == native.end() ? std::string{} : loop->module;
  std::vector<Frame> merged;
  auto next = python.begin();
  auto entry = entries.begin();
  std::size_t kept = 0;  // up to the outermost Python function
  for (const Frame& frame : native) {
    if (frame.kind == "python" && !python.empty()) continue;  // of a perf map: the same function without its line
    if (is_loop(frame) && entry != entries.end()) {
      const auto left = static_cast<std::uint32_t>(python.end() - next);
      const auto end = next + std::min(*entry++, left);
      merged.insert(merged.end(), next, end);
      next = end;
      kept = merged.size();
    } else if (frame.module != interpreter || !begins_with_any(frame.function, kMachinery)) {
      merged.push_back(frame);
    }
  }
  const auto is_start = [&](const Frame& frame) {
    return frame.kind == "native" && (frame.module == interpreter || begins_with_any(frame.function, kStart));
  };
  while (!python.empty() && merged.size() > kept && kept > 0 && is_start(merged.back())) merged.pop_back();
  merged.insert(merged.end(), next, python.end());
  return merged;
}

}  // namespace concadvise
