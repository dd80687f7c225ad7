#include "analyzer/checks/calls.h"
#include "analyzer/checks/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace concadvise {
namespace {

bool is_pool_or_process(const Program& program, const std::string& name) {
  const PoolRow* pool = program.knowledge().pool(name);
  return (pool && pool->role == "process") || program.knowledge().type(name, "process");
}

/// The call that starts processes, of a function that is run in place; nullptr if it starts none.
const facts::Call* starts_processes(const Program& program, FunctionId id, std::set<FunctionId>& seen) {
  if (!seen.insert(id).second) return nullptr;
  const auto& f = program.function(id);
  for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
    const auto& call = f.calls[static_cast<std::size_t>(c)];
    if (guarded(call, "main-guard")) continue;
    const std::string type = call.object ? call.object->type.str() : std::string();
    const auto last = call.name.substr(call.name.find_last_of('.') + 1);
    // multiprocessing.Pool forks its workers when it is made, ProcessPoolExecutor when it gets its first task; entering a
    // `with` block is where the work begins for both.
    if (call.constructs && is_pool_or_process(program, call.name) && (call.name == "multiprocessing.Pool" || call.use == facts::Use::context)) return &call;
    if (!type.empty() && is_pool_or_process(program, type) && (last == "submit" || last == "map" || last == "start")) return &call;
    for (const auto& resolved : program.callees(id, c))
      if (starts_processes(program, resolved.callee, seen)) return &call;
  }
  return nullptr;
}

bool pinned_to_fork(const Program& program) {
  for (const auto& f : program.functions())
    for (const auto& call : f.calls)
      if ((call.name == "multiprocessing.set_start_method" || call.name == "multiprocessing.get_context") && !call.arguments.empty() &&
          call.arguments.front().text == "fork")
        return true;
  return false;
}

void run(const Program& program, Findings& findings) {
  if (pinned_to_fork(program)) return;
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.kind != facts::FunctionKind::module || f.test || program.language(id) != facts::Language::python) continue;
    std::set<FunctionId> seen;
    const facts::Call* call = starts_processes(program, id, seen);
    if (!call) continue;
    Finding finding = draft();
    finding.effect = "process";
    finding.context = "import";
    finding.confidence = 0.9;
    finding.message = fmt::format("`{}` starts worker processes while the module is imported: where workers are spawned, each of them does it again", call->name);
    finding.fix = "if __name__ == \"__main__\":";
    findings.add(id, call->place, std::move(finding));
  }
}

}  // namespace

extern const Check check_missing_main_guard;
const Check check_missing_main_guard = {
    .name = "missing-main-guard",
    .severity = "error",
    .cpp = false,
    .summary = "Processes are started when the module is imported.",
    .documentation = R"md(
Where worker processes are spawned (macOS, Windows, and Linux by default from Python 3.14 on) each of them imports the main
module again. Without a guard the workers start workers of their own, and Python stops with a RuntimeError.

    with Pool(4) as pool:
        print(pool.map(heavy, jobs))

Instead:

    if __name__ == "__main__":
        main()

Never flagged: programs that pin the start method to fork; pools that are only made, not used, at import.
)md",
    .run = run,
};

}  // namespace concadvise
