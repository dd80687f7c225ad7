// What a CPython process tells of itself, beside its stacks.
#pragma once

#include "profiler/stacks/python_frames.h"
#include "profiler/timeline/records.h"
#include "profiler/waits/classify.h"

namespace concadvise {

/// Called at each description of a process (0, 0.1, 0.2, 0.4, 0.8 ... s after its start): asks for the imported modules at
/// a few of them, and tells the classifier where sub-interpreters have GILs of their own.
void ask_interpreter(ProcessRecord& process, const PythonRuntime& python, PythonReader& reader, Classifier& classifier);

}  // namespace concadvise
