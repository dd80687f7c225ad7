#include "analyzer/checks/cpp_forms.h"
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

const facts::Value* pool_of(const facts::Call& call) {
  if (call.object) return &*call.object;
  return call.arguments.empty() ? nullptr : &call.arguments.front();
}

bool is_wait(const facts::Call& call) {
  const auto name = last_part(call.name);
  // What is there already is taken, not waited for.
  if (guarded(call, "ready")) return false;
  return name == "get" || name == "wait" || name == "join" || name == "result";
}

// The call in `f` that waits for what call `given` returned, or nullptr.
const facts::Call* waits_for(const Program& program, const facts::Function& f, int given) {
  const auto& call = f.calls[static_cast<std::size_t>(given)];
  for (int c = given + 1; c < static_cast<int>(f.calls.size()); ++c) {
    const auto& later = f.calls[static_cast<std::size_t>(c)];
    if (!later.object || !is_wait(later) || !later.implicit.empty()) continue;
    if (call.use == facts::Use::chained && later.place.line >= call.place.line && later.place.line <= call.end_line + 1) return &later;
    const auto nodes = program.upstream(later.object->sources);
    // Kept in a container with others: `parts.push_back(pool.submit(...))`.
    const auto* into = call.use == facts::Use::argument && call.passed_to >= 0 ? &f.calls[static_cast<std::size_t>(call.passed_to)] : nullptr;
    if (into && into->object && into->name.starts_with("std::") && share_node(nodes, into->object->sources)) return &later;
    // The future of a std::packaged_task that is handed over itself.
    if (std::any_of(call.arguments.begin(), call.arguments.end(), [&](const facts::Value& value) {
          return std::any_of(value.sources.begin(), value.sources.end(), [&](const facts::Text& node) { return is_local(f, node) && std::find(nodes.begin(), nodes.end(), node) != nodes.end(); });
        }))
      return &later;
    if (call.stored_in.empty()) continue;
    if (std::find(nodes.begin(), nodes.end(), call.stored_in) != nodes.end()) return &later;
  }
  return nullptr;
}

// A latch, barrier, semaphore or promise is let go by these.
bool releases(const facts::Call& call) {
  static const std::vector<std::string_view> names = {"count_down", "arrive", "arrive_and_wait", "arrive_and_drop", "release", "set_value", "set_exception"};
  return call.object && std::find(names.begin(), names.end(), last_part(call.name)) != names.end();
}

// The call in `f` that waits until a task given by call `given` has let something go, or nullptr.
const facts::Call* waits_for_release(const Program& program, FunctionId id, int given) {
  const auto& f = program.function(id);
  for (int c = given + 1; c < static_cast<int>(f.calls.size()); ++c) {
    const auto& later = f.calls[static_cast<std::size_t>(c)];
    if (!later.object || !later.implicit.empty() || !(is_wait(later) || last_part(later.name) == "acquire")) continue;
    const auto waited = program.upstream(later.object->sources);
    for (const auto& argument : f.calls[static_cast<std::size_t>(given)].arguments)
      for (const FunctionId task : program.callables(argument)) {
        const auto& calls = program.function(task).calls;
        if (std::any_of(calls.begin(), calls.end(), [&](const facts::Call& one) { return releases(one) && share_node(one.object->sources, waited); })) return &later;
      }
  }
  return nullptr;
}

// The same pool, by what both may be.
bool same_pool(const Program& program, const facts::Call& call, const facts::Value& own) {
  const auto* other = pool_of(call);
  return other && other->type == own.type && last_part(call.name) != "get_executor" &&
         (share_node(own.sources, other->sources) || share_node(program.upstream(own.sources), program.upstream(other->sources)));
}

// A function that gives a task to the pool and returns the task's future.
bool gives_future_of(const Program& program, FunctionId id, const facts::Value& own) {
  const auto& f = program.function(id);
  return program.knowledge().type(f.return_type, "future") && std::any_of(f.calls.begin(), f.calls.end(), [&](const facts::Call& call) { return same_pool(program, call, own); });
}

struct Wait {
  FunctionId function = -1;
  facts::Place place;
};

// Where a task hands work to the pool `own` and waits for it, itself or in what it calls (a few levels down).
std::optional<Wait> wait_in(const Program& program, FunctionId id, const facts::Value& own, int depth = 0) {
  const auto& f = program.function(id);
  for (int c = 0; c < static_cast<int>(f.calls.size()) && depth < 4; ++c) {
    const auto& call = f.calls[static_cast<std::size_t>(c)];
    const bool same = same_pool(program, call, own);
    const auto& callees = program.callees(id, c);
    const bool through = !same && std::any_of(callees.begin(), callees.end(), [&](const Resolved& resolved) { return gives_future_of(program, resolved.callee, own); });
    if (const auto* wait = same || through ? waits_for(program, f, c) : nullptr) return Wait{id, wait->place};
    if (const auto* wait = same ? waits_for_release(program, id, c) : nullptr) return Wait{id, wait->place};
    // The pool's own members wait for their queue; that is not a task's doing.
    if (same && call.object) continue;
    for (const auto& resolved : callees)
      if (const auto found = wait_in(program, resolved.callee, own, depth + 1)) return found;
  }
  return std::nullopt;
}

}  // namespace

void pool_waits_on_itself_in_cpp(const Program& program, Findings& findings) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    if (program.language(id) != facts::Language::cpp) continue;
    for (const auto& context : program.contexts(id)) {
      const bool pool = context.kind == Context::Kind::pool || context.kind == Context::Kind::io_pool || context.kind == Context::Kind::process;
      if (!pool || context.root != id || context.given_by < 0 || context.given_by_call < 0) continue;
      const auto* own = pool_of(program.function(context.given_by).calls[static_cast<std::size_t>(context.given_by_call)]);
      if (!own) continue;
      if (const auto wait = wait_in(program, id, *own)) {
        Finding finding = draft();
        finding.effect = "wait";
        finding.context = context.why;
        finding.message = fmt::format("a task of `{}` waits for another task of the same pool: when all threads do so, none is left to run what they wait for", own->spelling.empty() ? own->type : own->spelling);
        finding.fix = "call the function directly, chain the tasks, or use a second pool";
        findings.add(wait->function, wait->place, std::move(finding));
      }
    }
  }
}

}  // namespace concadvise
