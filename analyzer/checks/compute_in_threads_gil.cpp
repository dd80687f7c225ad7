#include "analyzer/checks/calls.h"
#include "analyzer/checks/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace concadvise {
namespace {

// Work that holds the GIL: a loop in Python itself, or a heavy function not known to release it.
bool holds_gil(const Effect* work) { return work && !(work->row && work->row->releases_gil); }

// Rounds of a loop in Python that are worth a thread: 50 ns and more each, some milliseconds in all; and those that are so
// with a further loop of unknown length inside.
constexpr std::int64_t kManyTrips = 50'000;
constexpr std::int64_t kSomeTrips = 500;

/// A loop that counts and computes and does nothing else: how far is not known, but nobody hands it to threads for less than
/// long. Calls in it that are not known to be cheap make it something else. `open`: loops of unknown length around the call of
/// this function; those of functions that it calls stand in its own.
bool counts(const Program& program, FunctionId id, int open_around, int depth = 0) {
  const auto& f = program.function(id);
  for (const auto& effect : program.effects(id))
    if (effect.tier != Tier::lock) return false;
  for (const auto& call : f.calls) {
    const bool plain = call.name.starts_with("builtins.") || call.name.starts_with("math.") || call.name.starts_with("list.") || call.name.starts_with("str.") || call.name.starts_with("dict.");
    if (!plain && call.loop >= 0 && call.targets.empty()) return false;
  }
  const auto open_at = [&](int loop) {
    int open = open_around;
    for (int at = loop; at >= 0; at = f.loops[static_cast<std::size_t>(at)].parent) {
      const auto& one = f.loops[static_cast<std::size_t>(at)];
      if (one.bound != facts::Bound::constant && !one.polls && !one.suspends) ++open;
    }
    return open;
  };
  for (const auto& call : f.calls) {
    if (call.loop < 0 || call.targets.size() != 1 || depth >= 2) continue;
    const FunctionId inner = program.find(call.targets.front());
    if (inner >= 0 && inner != id && program.function(inner).kind == facts::FunctionKind::plain && counts(program, inner, open_at(call.loop), depth + 1)) return true;
  }
  return std::any_of(f.loops.begin(), f.loops.end(), [&](const facts::Loop& loop) {
    if (!loop.arithmetic || loop.suspends || loop.exits) return false;
    std::int64_t trips = 1;
    int open = open_around;
    for (const facts::Loop* at = &loop; at; at = at->parent < 0 ? nullptr : &f.loops[static_cast<std::size_t>(at->parent)]) {
      if (at->bound == facts::Bound::value) return true;
      if (at->bound == facts::Bound::constant) trips = std::min(trips * std::max<std::int64_t>(at->trips, 1), kManyTrips);
      else if (!at->polls) ++open;
    }
    return trips >= kManyTrips || open >= 2 || (open >= 1 && trips >= kSomeTrips);
  });
}

/// A pool's `map` calls what it is given for each item.
int loops_of_receiver(const Program& program, const Handover& given) {
  const auto& call = program.function(given.caller).calls[static_cast<std::size_t>(given.call)];
  return last_part(call.name).find("map") != std::string_view::npos ? 1 : 0;
}

/// A thread that also talks to others has a reason to be one, however much it computes in between.
bool talks(const Program& program, FunctionId id) {
  const auto& effects = program.effects(id);
  return std::any_of(effects.begin(), effects.end(), [](const Effect& effect) {
    return effect.effect == "network" || effect.effect == "process" || effect.effect == "database" || effect.effect == "sleep";
  });
}

/// The program asks whether it runs without a GIL: it knows what it does.
bool asks_for_gil(const Program& program) {
  for (const auto& f : program.functions())
    for (const auto& call : f.calls)
      if (call.name == "sys._is_gil_enabled") return true;
  return false;
}

void run(const Program& program, Findings& findings) {
  if (asks_for_gil(program)) return;
  const auto& all = program.handovers();
  const auto judged = [&](const Handover& given) {
    const bool threads = given.kind == Context::Kind::io_pool || given.kind == Context::Kind::pool || given.kind == Context::Kind::thread;
    if (given.kind == Context::Kind::thread && talks(program, given.callee)) return false;
    return threads && program.language(given.callee) == facts::Language::python && !program.function(given.caller).test &&
           (holds_gil(program.compute(given.callee)) || (!program.compute(given.callee) && counts(program, given.callee, loops_of_receiver(program, given))));
  };
  // A thread of its own keeps a program responsive even if it computes; several are there to be faster.
  std::map<FunctionId, int> threads;
  for (const auto& given : all)
    if (judged(given) && given.kind == Context::Kind::thread)
      threads[given.caller] += program.function(given.caller).calls[static_cast<std::size_t>(given.call)].loop >= 0 ? 2 : 1;
  for (const auto& given : all) {
    if (!judged(given) || (given.kind == Context::Kind::thread && threads[given.caller] < 2)) continue;
    const Effect* work = program.compute(given.callee);
    Finding finding = draft();
    finding.effect = "compute";
    finding.context = given.why;
    finding.confidence = 0.85;
    finding.message = fmt::format("`{}` computes in Python and is {}: under the GIL such threads take turns on one core, so it gets no faster",
                                  program.function(given.callee).name, given.why);
    finding.fix = "ProcessPoolExecutor, or a free-threaded build of CPython";
    if (work) finding.chain = chain_of(program, *work);
    findings.add(given.caller, program.function(given.caller).calls[static_cast<std::size_t>(given.call)].place, std::move(finding));
  }
}

}  // namespace

extern const Check check_compute_in_threads_gil;
const Check check_compute_in_threads_gil = {
    .name = "compute-in-threads-gil",
    .severity = "warning",
    .cpp = false,
    .summary = "CPU-bound Python handed to threads: under the GIL they take turns, and nothing gets faster.",
    .documentation = R"md(
CPython's global interpreter lock lets one thread run Python code at a time. Threads overlap waiting; threads that compute in
pure Python share one core and pay for the switching.

    with ThreadPoolExecutor(4) as pool:
        pool.map(count_primes, limits)

Instead: `ProcessPoolExecutor` (each process has an interpreter and a GIL of its own), or a free-threaded build of CPython.

Never flagged: calls that release the GIL (numpy, zlib, hashlib on large data, I/O), a single background thread.
)md",
    .run = run,
};

}  // namespace concadvise
