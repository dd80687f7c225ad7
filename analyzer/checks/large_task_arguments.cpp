#include "analyzer/checks/check.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

// Elements of one task from which on sending costs more than it brings: pickling and rebuilding a Python int takes some 50 ns,
// so half a million are tens of milliseconds a task, several times what a worker's start costs.
constexpr std::int64_t kManyElements = 500'000;

bool is_bulk(const std::string& type) {
  static const std::vector<std::string> types = {"pandas.DataFrame", "numpy.ndarray", "torch.Tensor", "polars.DataFrame"};
  return std::find(types.begin(), types.end(), type) != types.end();
}

bool maps(const std::string& name) {
  const auto last = name.substr(name.find_last_of('.') + 1);
  return last.find("map") != std::string::npos;
}

void run(const Program& program, Findings& findings) {
  for (const auto& given : program.handovers()) {
    if (program.language(given.caller) != facts::Language::python || given.kind != Context::Kind::process) continue;
    const auto& caller = program.function(given.caller);
    if (caller.test) continue;
    const auto& call = caller.calls[static_cast<std::size_t>(given.call)];
    for (const auto& argument : call.arguments) {
      const std::int64_t elements = maps(call.name) ? argument.payload.value_or(0) : std::max(argument.elements.value_or(0), argument.payload.value_or(0));
      const bool again = call.loop >= 0 && !maps(call.name) && is_bulk(argument.type) && argument.lifetime != facts::Lifetime::temporary;
      if (elements < kManyElements && !again) continue;
      Finding finding = draft();
      finding.context = given.why;
      finding.confidence = 0.8;
      finding.message = elements >= kManyElements
                            ? fmt::format("each task gets about {} elements of `{}`, pickled and sent to a worker process", elements, argument.spelling)
                            : fmt::format("`{}` ({}) is pickled and sent again with every task", argument.spelling, argument.type);
      finding.fix = "send a range, path or key and let the worker make or read it; or share it once through the pool's initializer";
      findings.add(given.caller, call.place, std::move(finding));
      break;
    }
  }
}

}  // namespace

extern const Check check_large_task_arguments;
const Check check_large_task_arguments = {
    .name = "large-task-arguments",
    .severity = "note",
    .cpp = false,
    .summary = "Large objects are pickled and sent to worker processes with every task.",
    .documentation = R"md(
What a task gets is pickled, written through a pipe and built again on the other side, for each task. With megabytes per task
that costs more than the work it is meant to spread.

    data = list(range(10_000_000))
    pool.map(total, [data[i::4] for i in range(4)])

Instead: send what the worker needs to make or read it (a range, a path, a key), share it once (`initializer`, shared memory), or
use what is copied at fork.

Never flagged: arguments whose size is not known, unless they are arrays or tables sent again with every task.
)md",
    .run = run,
};

}  // namespace concadvise
