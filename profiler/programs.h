// What a process executes: names, mapped objects, language runtime.
#pragma once

#include <functional>

#include "profiler/stacks/python.h"
#include "profiler/timeline/records.h"
#include "profiler/waits/classify.h"

namespace concadvise {

class Programs {
 public:
  explicit Programs(Classifier& classifier) : classifier_(classifier) {}

  /// Looks the process up when it is new or executes something else than before, and now and then again because modules
  /// are loaded later. Tells the classifier where the GIL is.
  void look_up(ProcessRecord& process);

  /// Called when a process is new or executes another program, and with its interpreter (null: none) at every look.
  std::function<void(int pid)> on_program;
  std::function<void(ProcessRecord&, const PythonRuntime*)> on_python;

 private:
  void describe(ProcessRecord& process);

  Classifier& classifier_;
  PythonRecogniser python_;
};

/// Language and runtime of the processes that did the work.
void describe_target_language(Profile& profile);

}  // namespace concadvise
