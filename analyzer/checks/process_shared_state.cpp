#include "analyzer/checks/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace concadvise {
namespace {

bool shared_on_purpose(const Program& program, const std::string& node) {
  const auto upstream = program.upstream({node});
  return std::any_of(upstream.begin(), upstream.end(), [](const std::string& n) { return n.starts_with("new:multiprocessing") || n.starts_with("new:threading.local"); });
}

bool runs_in_process(const Program& program, FunctionId id) {
  const auto& contexts = program.contexts(id);
  return std::any_of(contexts.begin(), contexts.end(), [](const Context& c) { return c.kind == Context::Kind::process; });
}

void run(const Program& program, Findings& findings) {
  std::map<std::string, std::vector<FunctionId>> readers;
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    if (runs_in_process(program, id)) continue;
    for (const auto& access : program.function(id).accesses)
      if (!access.write) readers[access.node].push_back(id);
  }
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (program.language(id) != facts::Language::python || f.test || !runs_in_process(program, id)) continue;
    std::set<std::string> told;
    for (const auto& access : f.accesses) {
      if (!access.write || !readers.contains(access.node) || shared_on_purpose(program, access.node) || !told.insert(access.node).second) continue;
      Finding finding = draft();
      finding.context = "process";
      finding.confidence = 0.8;
      finding.message = fmt::format("`{}` changes the global `{}` in a worker process; `{}` reads the parent's, which stays as it was", f.name,
                                    access.name, program.function(readers[access.node].front()).name);
      finding.fix = "return the value to the parent, or share it through multiprocessing.Value or a Manager";
      findings.add(id, access.place, std::move(finding));
    }
  }
}

}  // namespace

extern const Check check_process_shared_state;
const Check check_process_shared_state = {
    .name = "process-shared-state",
    .severity = "warning",
    .cpp = false,
    .summary = "A global is changed in a worker process and read in the parent, which never sees the change.",
    .documentation = R"md(
Each process has its own memory. A worker that appends to a list or counts in a global changes its own copy; the parent's stays
as it was.

    def work(n):
        global total
        total += n

Instead: return the value and add it up in the parent; or share on purpose (`multiprocessing.Value`, a `Manager`, shared memory).

Never flagged: objects made to be shared, caches that only workers use, what a pool's initializer sets up.
)md",
    .run = run,
};

}  // namespace concadvise
