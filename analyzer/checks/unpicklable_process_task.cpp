#include "analyzer/checks/calls.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

bool lives_here_only(const Program& program, const facts::Value& value) {
  if (value.type == "generator" || value.type == "io.TextIOWrapper" || value.type == "socket.socket" || value.type.starts_with("threading.") ||
      value.type == "sqlite3.Connection" || value.type == "sqlite3.Cursor" || value.type == "queue.Queue")
    return true;
  const LockRow* lock = program.knowledge().lock(value.type);
  return lock && lock->kind == "mutex";
}

/// The field of a class that keeps its objects from being pickled; empty if there is none, or if the class pickles itself.
std::string stuck_field(const Program& program, const std::string& key) {
  const facts::Class* owner = program.class_of(key);
  if (!owner) return {};
  const auto& methods = owner->method_names;
  if (std::any_of(methods.begin(), methods.end(), [](const std::string& m) { return m == "__getstate__" || m == "__reduce__" || m == "__reduce_ex__"; })) return {};
  for (const auto& field : owner->fields) {
    facts::Value value;
    value.type = field.type;
    if (lives_here_only(program, value)) return field.name;
  }
  return {};
}

/// A lambda or nested function among the values that a `functools.partial` given to the call carries along; empty if none is.
std::string nameless_argument(const Program& program, FunctionId caller, int call) {
  for (const auto& part : program.function(caller).calls) {
    if (part.passed_to != call || part.name != "functools.partial") continue;
    for (std::size_t i = 1; i < part.arguments.size(); ++i)
      for (const FunctionId found : functions_in(program, part.arguments[i]))
        if (program.function(found).lambda || !program.function(found).parent.empty()) return part.arguments[i].spelling;
  }
  return {};
}

void report(const Handover& given, const Program& program, std::string message, std::string fix, Findings& findings) {
  Finding finding = draft();
  finding.context = given.why;
  finding.confidence = 0.95;
  finding.message = std::move(message);
  finding.fix = std::move(fix);
  findings.add(given.caller, program.function(given.caller).calls[static_cast<std::size_t>(given.call)].place, std::move(finding));
}

void run(const Program& program, Findings& findings) {
  for (const auto& given : program.handovers()) {
    if (program.language(given.caller) != facts::Language::python || given.kind != Context::Kind::process || given.pool.empty()) continue;
    if (program.function(given.caller).test) continue;
    const auto& f = program.function(given.callee);
    const auto& call = program.function(given.caller).calls[static_cast<std::size_t>(given.call)];
    if (f.lambda || !f.parent.empty()) {
      report(given, program, fmt::format("{} is {}, but has no name that another process could import: it can't be pickled",
                                         f.lambda ? "a lambda" : fmt::format("the nested function `{}`", f.name), given.why),
             "move it to module level", findings);
      continue;
    }
    if (const std::string nameless = nameless_argument(program, given.caller, given.call); !nameless.empty())
      report(given, program, fmt::format("`{}` travels with {}, but has no name that another process could import: it can't be pickled", nameless, given.why),
             "move it to module level", findings);
    for (const auto& argument : call.arguments)
      if (lives_here_only(program, argument))
        report(given, program, fmt::format("`{}` ({}) is an argument of {}, and can't be pickled", argument.spelling, argument.type, given.why),
               "pass a value that the worker makes its own object from, or use the pool's initializer", findings);
    if (f.owner.empty()) continue;
    if (const std::string field = stuck_field(program, f.owner); !field.empty())
      report(given, program, fmt::format("the method `{}` is {}, and takes its object along: `{}` in it can't be pickled", f.name, given.why, field),
             "a function at module level, or __getstate__ without that field", findings);
  }
}

}  // namespace

extern const Check check_unpicklable_process_task;
const Check check_unpicklable_process_task = {
    .name = "unpicklable-process-task",
    .severity = "error",
    .cpp = false,
    .summary = "Something that cannot be pickled is given to a process pool.",
    .documentation = R"md(
Tasks travel to worker processes as bytes. Lambdas and functions defined inside functions have no name that the worker could
import; locks, open files, connections, threads and generators have no meaning in another process.

    pool.map(lambda row: row["a"] * row["b"], rows)
    pool.submit(work, data, threading.Lock())

Instead: a function at module level; pass paths, keys or values instead of live objects; make per-process objects in the pool's
`initializer`; share a lock through a `multiprocessing.Manager`.

Never flagged: targets of a bare `multiprocessing.Process`, which inherit what they need where processes are forked.
)md",
    .run = run,
};

}  // namespace concadvise
