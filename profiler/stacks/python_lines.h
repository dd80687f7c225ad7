// CPython's tables from instructions to source lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "profiler/stacks/python_layout.h"

namespace concadvise {

/// The line of the instruction at byte `offset` of a code object's bytecode (negative: before the first one); 0 when the
/// table gives it none. `first_line` is co_firstlineno. Formats: Objects/lnotab_notes.txt (to 3.10) and
/// Objects/locations.md (InternalDocs/code_objects.md) of CPython.
int python_line(PythonLayout::Lines format, std::span<const std::byte> table, int first_line, std::int64_t offset);

}  // namespace concadvise
