#include "analyzer/checks/check.h"
#include "analyzer/checks/cpp_forms.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

bool cheap_call(const std::string& name) {
  return name.starts_with("math.") || name == "builtins.abs" || name == "builtins.len" || name == "builtins.int" || name == "builtins.float" ||
         name == "builtins.str" || name == "builtins.round" || name == "builtins.min" || name == "builtins.max" || name == "builtins.divmod" ||
         name.starts_with("str.") || name == "builtins.ord" || name == "builtins.chr" || name == "builtins.pow";
}

/// A pool's method that sends each item by itself. multiprocessing.Pool.map picks a chunk size of its own.
bool maps_one_by_one(const facts::Call& call) {
  const auto last = call.name.substr(call.name.find_last_of('.') + 1);
  const bool each = (call.name.ends_with("ProcessPoolExecutor.map")) || ((last == "imap" || last == "imap_unordered") && call.name.starts_with("multiprocessing.Pool"));
  return each && std::none_of(call.arguments.begin(), call.arguments.end(), [](const facts::Value& v) { return v.keyword == "chunksize"; });
}

/// `min(words)` goes through all of them; `min(a, b)` does not.
bool cheap(const facts::Call& call) {
  const bool picks = call.name == "builtins.min" || call.name == "builtins.max";
  const auto given = std::count_if(call.arguments.begin(), call.arguments.end(), [](const facts::Value& v) { return v.keyword.empty(); });
  return cheap_call(call.name) && !(picks && given < 2) && call.name != "str.join";
}

bool cheap_callable(const facts::Value& given) {
  return cheap_call(given.spelling) || (given.sources.empty() && cheap_call("builtins." + given.spelling));
}

/// A function of the language itself given to a thread for each item: `await asyncio.to_thread(len, text)` in a loop.
void builtins_in_threads(const Program& program, Findings& findings) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || program.language(id) != facts::Language::python) continue;
    for (const auto& call : f.calls) {
      const ReceiverRow* row = program.knowledge().receiver(call.name);
      const bool mapped = call.name.ends_with(".map");
      if (!row || row->context != "io-pool" || row->callables.empty() || (!mapped && call.loop < 0)) continue;
      const auto at = static_cast<std::size_t>(row->callables.front());
      if (call.arguments.size() <= at + 1 || !cheap_callable(call.arguments[at])) continue;
      if (mapped && call.arguments[at + 1].elements && *call.arguments[at + 1].elements < 100) continue;
      Finding finding = draft();
      finding.context = "plain";
      finding.confidence = 0.75;
      finding.message = fmt::format("`{}` does less than it costs to hand it to a thread, for every item", call.arguments[at].spelling);
      finding.fix = "call it where it is";
      findings.add(id, call.place, std::move(finding));
    }
  }
}

/// A function of the language itself: `pool.imap(abs, numbers)`.
void builtins(const Program& program, Findings& findings) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || program.language(id) != facts::Language::python) continue;
    for (const auto& call : f.calls) {
      if (!maps_one_by_one(call) || call.arguments.size() != 2) continue;
      const auto& given = call.arguments.front();
      if (!cheap_callable(given) || (call.arguments[1].elements && *call.arguments[1].elements < 100)) continue;
      Finding finding = draft();
      finding.context = "plain";
      finding.confidence = 0.75;
      finding.message = fmt::format("`{}` does less than it costs to send it to a worker process, and is sent item by item", given.spelling);
      finding.fix = "chunksize=..., so that each task does a few milliseconds of work";
      findings.add(id, call.place, std::move(finding));
    }
  }
}

void run(const Program& program, Findings& findings) {
  tiny_tasks_in_cpp(program, findings);
  builtins(program, findings);
  builtins_in_threads(program, findings);
  for (const auto& given : program.handovers()) {
    if (given.kind != Context::Kind::process || given.pool.empty()) continue;
    const auto& caller = program.function(given.caller);
    const auto& call = caller.calls[static_cast<std::size_t>(given.call)];
    const auto last = call.name.substr(call.name.find_last_of('.') + 1);
    // multiprocessing.Pool.map picks a chunk size of its own.
    const bool one_by_one = (call.name.find("Executor") != std::string::npos && last == "map") || last == "imap" || last == "imap_unordered" ||
                            ((last == "submit" || last == "apply_async" || last == "apply") && call.loop >= 0);
    if (!one_by_one || caller.test) continue;
    if (std::any_of(call.arguments.begin(), call.arguments.end(), [](const facts::Value& v) { return v.keyword == "chunksize"; })) continue;
    const auto& f = program.function(given.callee);
    const bool tiny = f.has_body && f.loops.empty() && program.effects(given.callee).empty() && !program.compute(given.callee) &&
                      std::all_of(f.calls.begin(), f.calls.end(), cheap) && f.end_line - f.place.line <= 6;
    // A handful of items is not worth a word.
    const bool mapped = last.find("map") != std::string::npos;
    const bool few = mapped && call.arguments.size() >= 2 && call.arguments[1].elements && *call.arguments[1].elements < 100;
    if (!tiny || few) continue;
    Finding finding = draft();
    finding.context = given.why;
    finding.confidence = 0.75;
    finding.message = fmt::format("`{}` does less than it costs to send it to a worker process, and is sent item by item", f.name);
    finding.fix = "chunksize=..., so that each task does a few milliseconds of work";
    findings.add(given.caller, call.place, std::move(finding));
  }
}

}  // namespace

extern const Check check_tiny_tasks;
const Check check_tiny_tasks = {
    .name = "tiny-tasks",
    .severity = "note",
    .summary = "Tasks that are far cheaper than handing them over.",
    .documentation = R"md(
A task for a worker process costs some 50 to 100 microseconds of pickling and pipes. A body of a few operations costs less than
one: the pool makes it a hundred times slower.

    pool.map(square, range(1_000_000))

Instead: give each task a chunk (`chunksize=10_000`, or slices of the data), or don't use a pool.

Never flagged: a chunk size that is given, bodies that loop, wait or call what is not known to be cheap.
)md",
    .run = run,
};

}  // namespace concadvise
