#include "profiler/where/python_facts.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

// Sub-interpreters have a GIL of their own from 3.12 on (PEP 684).
bool may_have_several_gils(const PythonRuntime& python) {
  return !python.free_threaded && (python.major > 3 || (python.major == 3 && python.minor >= 12));
}

// Modules are imported at the start, mostly: after 0.1 s for programs that end soon, 0.4 s, and at last 6.4 s.
bool is_time_for_modules(unsigned lookups) { return lookups == 2 || lookups == 5 || lookups == 65; }

}  // namespace

void ask_interpreter(ProcessRecord& process, const PythonRuntime& python, PythonReader& reader, Classifier& classifier) {
  if (is_time_for_modules(process.lookups))
    if (auto modules = reader.imported_modules(); !modules.empty()) process.described.modules = std::move(modules);
  process.interpreters = std::max(process.interpreters, reader.interpreters());
  if (process.interpreters > 1)
    process.described.runtime = fmt::format("{} with {} interpreters", python.name(), process.interpreters);
  if (!may_have_several_gils(python) || process.interpreters < 2) return;
  std::vector<GilRange> ranges;
  for (const auto& [address, size] : reader.gil_ranges()) ranges.push_back({address, address + size});
  if (!ranges.empty()) classifier.set_gils(process.pid, std::move(ranges));
}

}  // namespace concadvise
