#include "analyzer/checks/async_effects.h"
#include "analyzer/checks/pools.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

bool waits(const Effect& effect) {
  static const std::vector<std::string> kinds = {"network", "database", "dns", "sleep", "stdin"};
  return effect.tier == Tier::unbounded && effect.confidence > 0.5 &&
         std::find(kinds.begin(), kinds.end(), effect.effect) != kinds.end();
}

/// A task of a process pool that does nothing but read or write files, in a few calls that are all known.
bool only_files(const Program& program, FunctionId id, const Effect& effect) {
  const auto& f = program.function(id);
  if (program.language(id) != facts::Language::python || effect.effect != "file" || effect.chain.size() > 2 || !f.loops.empty()) return false;
  for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
    const auto& call = f.calls[static_cast<std::size_t>(c)];
    const bool file = !program.effects_of_call(id, c).empty();
    const bool path = call.name.starts_with("pathlib.") || call.name.starts_with("os.path.") || call.name == "builtins.len";
    if (!file && !path) return false;
  }
  return true;
}

// The very pool that the task is given to was made with the number of cores.
bool made_for_cores(const Program& program, const Handover& given) {
  if (given.kind != Context::Kind::pool || !program.knowledge().pool(given.pool)) return false;
  const auto& call = program.function(given.caller).calls[static_cast<std::size_t>(given.call)];
  const auto fits = [&](const facts::Value& value) { return value.type == given.pool && program.has_trait(value, "cores"); };
  return (call.object && fits(*call.object)) || std::any_of(call.arguments.begin(), call.arguments.end(), fits);
}

// Where it waits, if the task is written where it is handed over; else where that is done.
void tell(const Program& program, FunctionId task, FunctionId giver, const facts::Place& given_at, const Effect& effect, Finding finding, Findings& findings) {
  const auto& first = effect.chain.front();
  if (program.function(task).lambda && first.function == task && first.call >= 0 && program.language(task) == facts::Language::cpp)
    findings.add(task, program.function(task).calls[static_cast<std::size_t>(first.call)].place, std::move(finding));
  else findings.add(giver, given_at, std::move(finding));
}

void run(const Program& program, Findings& findings) {
  for (const auto& given : program.handovers()) {
    if (program.function(given.caller).test || program.compute(given.callee)) continue;
    const bool process_pool = given.kind == Context::Kind::process && !given.pool.empty();
    if (!process_pool && given.kind != Context::Kind::compute_pool && !made_for_cores(program, given)) continue;
    const auto& effects = program.effects(given.callee);
    auto worst = std::find_if(effects.begin(), effects.end(), waits);
    if (worst == effects.end() && process_pool)
      worst = std::find_if(effects.begin(), effects.end(), [&](const Effect& effect) { return only_files(program, given.callee, effect); });
    if (worst == effects.end()) continue;
    const auto& f = program.function(given.callee);
    // Loops that work on what came back: mixed work, which may well be worth a core.
    if (process_pool && std::any_of(f.loops.begin(), f.loops.end(), [](const facts::Loop& loop) { return loop.arithmetic; })) continue;
    Finding finding = draft();
    finding.effect = worst->effect;
    finding.context = given.why;
    finding.confidence = 0.9 * worst->confidence;
    finding.message = fmt::format("`{}` mostly waits (`{}` {}), and is {}: a worker of {} stands still meanwhile", f.name, worst->leaf,
                                  effect_text(*worst), given.why, process_pool ? "a pool of whole processes" : "a pool sized for the cores");
    finding.fix = program.language(given.callee) == facts::Language::python ? "ThreadPoolExecutor, or asyncio" : "an I/O pool, or the event loop";
    finding.chain = chain_of(program, *worst);
    tell(program, given.callee, given.caller, program.function(given.caller).calls[static_cast<std::size_t>(given.call)].place, *worst, std::move(finding), findings);
  }
  // Tasks of the sources' own pools, where these have as many threads as cores.
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id)
    for (const auto& context : program.contexts(id)) {
      if (context.kind != Context::Kind::pool || context.root != id || context.given_by < 0 || context.pool.empty()) continue;
      if (!program.class_of(context.pool) || wraps_tasks(program, context) || size_of_pool(program, context.pool, context.given_by, context.given_by_call) != PoolSize::cores || program.compute(id)) continue;
      const auto& effects = program.effects(id);
      const auto worst = std::find_if(effects.begin(), effects.end(), waits);
      if (worst == effects.end()) continue;
      Finding finding = draft();
      finding.effect = worst->effect;
      finding.context = context.why;
      finding.confidence = 0.8 * worst->confidence;
      finding.message = fmt::format("a task of `{}` {} in `{}`: the pool has one thread per core, and this one stands still meanwhile", context.pool, effect_text(*worst), worst->leaf);
      finding.fix = "an I/O pool, or the event loop";
      finding.chain = chain_of(program, *worst);
      tell(program, id, context.given_by, context.given_at, *worst, std::move(finding), findings);
    }
}

}  // namespace

extern const Check check_io_in_compute_pool;
const Check check_io_in_compute_pool = {
    .name = "io-in-compute-pool",
    .severity = "warning",
    .summary = "Waiting in a pool that is sized for the cores: its workers stand still while cores are free.",
    .documentation = R"md(
A pool with one worker per core (oneTBB, a parallel algorithm, an OpenMP region, one sized by `hardware_concurrency()`) pays off when
each task keeps a core busy. A task that waits for a network or a database takes
a worker out of it; and a process pool for I/O buys start-up time, memory and pickling for nothing.

    with ProcessPoolExecutor(40) as pool:
        pool.map(download, urls)

Instead: threads (`ThreadPoolExecutor`), or asyncio, for what waits; the compute pool for what computes.

Never flagged: tasks that also compute, pools that grow with their tasks.
)md",
    .run = run,
};

}  // namespace concadvise
