#include "analyzer/checks/calls.h"
#include "analyzer/checks/check.h"
#include "analyzer/checks/pools.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

// A class of the sources with one thread is a worker; its tasks take turns anyway.
bool one_thread(const Program& program, const std::string& pool) {
  const auto* klass = program.class_of(pool);
  if (!klass || program.knowledge().pool(pool)) return false;
  return std::none_of(klass->fields.begin(), klass->fields.end(), [&](const facts::Field& field) {
    const bool holder = field.type == "std::unique_ptr" || field.type == "std::shared_ptr" || field.type == "std::optional";
    return !holder && std::any_of(field.of.begin(), field.of.end(), [&](const std::string& of) { return program.knowledge().type(of, "thread") != nullptr; });
  });
}

/// Something that waits or computes for long runs while the lock is held.
bool waits_inside(const Program& program, FunctionId id, const facts::Lock& lock) {
  const auto& f = program.function(id);
  for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
    const auto& held = f.calls[static_cast<std::size_t>(c)].held;
    if (std::none_of(held.begin(), held.end(), [&](int l) { return f.locks[static_cast<std::size_t>(l)].place == lock.place; })) continue;
    const auto& effects = program.effects_of_call(id, c);
    const bool waits = std::any_of(effects.begin(), effects.end(), [&](const Effect& e) {
      // A wait for a condition gives the lock back meanwhile.
      return e.tier == Tier::unbounded && !waits_for_condition(program, e.leaf);
    });
    if (waits || program.compute_of_call(id, c)) return true;
  }
  return false;
}

/// C++: whether what runs under the lock is more than a look at shared state: a loop, a wait, or something that computes.
bool works_inside(const Program& program, FunctionId id, const facts::Lock& lock) {
  const auto& f = program.function(id);
  const auto inside = [&](int line) { return line >= lock.first_line && line <= lock.last_line; };
  if (std::any_of(f.loops.begin(), f.loops.end(), [&](const facts::Loop& loop) { return inside(loop.place.line); }) || waits_inside(program, id, lock)) return true;
  for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
    if (!inside(f.calls[static_cast<std::size_t>(c)].place.line)) continue;
    const auto& callees = program.callees(id, c);
    if (std::any_of(callees.begin(), callees.end(), [&](const Resolved& r) { return !program.function(r.callee).loops.empty() || program.compute(r.callee); })) return true;
  }
  return false;
}

/// C++: the lock is let go on the way: unlocked before other work, or given back while a condition is waited for.
bool let_go_between(const Program& program, const facts::Function& f, const facts::Lock& lock) {
  const auto about = [&](const facts::Texts& nodes) {
    return (!lock.guard.empty() && std::find(nodes.begin(), nodes.end(), lock.guard) != nodes.end()) || share_node(nodes, lock.mutex.sources);
  };
  return std::any_of(f.calls.begin(), f.calls.end(), [&](const facts::Call& call) {
    const bool mine = (call.object && about(call.object->sources)) || std::any_of(call.arguments.begin(), call.arguments.end(), [&](const facts::Value& value) { return about(value.sources); });
    if (!mine || !call.implicit.empty()) return false;
    if (waits_for_condition(program, call.name)) return true;
    if (!last_part(call.name).ends_with("unlock")) return false;
    const auto later = [&](const facts::Place& place) { return place.line > call.place.line; };
    return std::any_of(f.loops.begin(), f.loops.end(), [&](const facts::Loop& loop) { return later(loop.place) || loop.end_line > call.place.line; }) ||
           std::any_of(f.calls.begin(), f.calls.end(), [&](const facts::Call& other) { return later(other.place) && other.implicit.empty(); });
  });
}

/// C++: calls at least two functions of the project whose bodies are not there while it holds the lock: that is what the task does.
bool calls_unknown(const facts::Function& f, const Program& program, FunctionId id, const facts::Lock& lock) {
  int unknown = 0;
  for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
    const auto& call = f.calls[static_cast<std::size_t>(c)];
    if (!call.implicit.empty() || call.targets.empty() || call.constructs || program.knowledge().type(call.name, "library") || program.knowledge().effect(call)) continue;
    if (std::none_of(call.held.begin(), call.held.end(), [&](int l) { return f.locks[static_cast<std::size_t>(l)].place == lock.place; })) continue;
    unknown += program.callees(id, c).empty() && call.through.empty() && !call.name.starts_with("std::");
  }
  return unknown >= 2;
}

/// The function that a lambda, or a function that is nothing but a call, passes its work on to; else itself.
FunctionId worker_of(const Program& program, FunctionId id) {
  for (int step = 0; step < 3; ++step) {
    const auto& f = program.function(id);
    const bool cpp = program.language(id) == facts::Language::cpp;
    if (!f.locks.empty() || f.calls.size() != 1 || !f.loops.empty() || (cpp && !f.lambda)) return id;
    if (!f.lambda && f.end_line - f.place.line > 1) return id;
    const auto& callees = program.callees(id, 0);
    if (callees.size() != 1) return id;
    id = callees.front().callee;
  }
  return id;
}

void run(const Program& program, Findings& findings) {
  for (const auto& given : pool_tasks(program)) {
    const bool many = given.kind == Context::Kind::io_pool || given.kind == Context::Kind::pool || given.kind == Context::Kind::compute_pool ||
                      (given.kind == Context::Kind::thread && program.function(given.caller).calls[static_cast<std::size_t>(given.call)].loop >= 0);
    const FunctionId worker = worker_of(program, given.callee);
    const auto& f = program.function(worker);
    if (!many || one_thread(program, given.pool) || f.test || program.function(given.caller).test) continue;
    for (const auto& lock : f.locks) {
      if (!lock.whole_body || lock.shared || lock.cooperative || lock.type.find("emaphore") != std::string::npos) continue;
      if (program.language(worker) == facts::Language::cpp && let_go_between(program, f, lock)) continue;
      // Nothing but a line or two: short enough to be the critical section itself.
      const bool cpp = program.language(worker) == facts::Language::cpp;
      if (cpp ? !works_inside(program, worker, lock) && !calls_unknown(f, program, worker, lock) : lock.last_line - lock.first_line < 2 && !waits_inside(program, worker, lock)) continue;
      Finding finding = draft();
      finding.effect = "lock";
      finding.context = given.why;
      finding.confidence = 0.8;
      finding.message = fmt::format("`{}` holds `{}` from beginning to end, and is {}: the workers take turns, so the pool is one thread", f.name,
                                    lock.mutex.spelling, given.why);
      finding.fix = "hold the lock for the shared part only";
      finding.chain = {{program.files()[program.function(given.caller).place.file], program.function(given.caller).calls[static_cast<std::size_t>(given.call)].place.line, program.function(given.caller).name}};
      // The method may be right for its other callers; that a pool runs nothing else is wrong where the task is given.
      if (cpp && worker != given.callee) {
        finding.chain = {{program.files()[lock.place.file], lock.place.line, f.name}};
        findings.add(given.caller, program.function(given.caller).calls[static_cast<std::size_t>(given.call)].place, std::move(finding));
      } else findings.add(worker, lock.place, std::move(finding));
    }
  }
}

}  // namespace

extern const Check check_serialized_pool;
const Check check_serialized_pool = {
    .name = "serialized-pool",
    .severity = "warning",
    .summary = "Every task of a pool runs wholly under one lock: the pool is one thread.",
    .documentation = R"md(
One lock around all that a task does lets one task run at a time.

    def work(item):
        with lock:
            ...          # everything

However many workers there are, one of them works and the others wait for it.

Instead: keep the lock for the part that touches shared state; collect results per task and merge them at the end.

Never flagged: locks held for part of the task only.
)md",
    .run = run,
};

}  // namespace concadvise
