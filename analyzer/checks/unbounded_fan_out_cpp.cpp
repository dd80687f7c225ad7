#include "analyzer/checks/cpp_forms.h"
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

// The coroutines that a call makes: those that start at once and give nothing to await, or the others.
bool makes_coroutine(const Program& program, const facts::Function& f, const facts::Call& call, bool detached) {
  return std::any_of(call.targets.begin(), call.targets.end(), [&](const std::string& key) {
    const FunctionId target = program.find(key, f.place.file);
    if (target < 0) return false;
    const auto& made = program.function(target);
    return made.kind == facts::FunctionKind::coroutine && (detached ? !made.lazy && !made.returns_awaitable : made.lazy);
  });
}

bool dropped(const facts::Call& call) { return call.use == facts::Use::dropped || call.use == facts::Use::voided; }

// A function of the project that gives the coroutine which is made here to one that runs by itself: spawn, detach.
bool detaches(const Program& program, const CallSite& site) {
  const auto& f = site.function;
  const bool makes = std::any_of(f.calls.begin(), f.calls.end(), [&](const facts::Call& one) {
    return one.passed_to == site.index && one.loop == site.call.loop && makes_coroutine(program, f, one, false);
  });
  if (!makes || !dropped(site.call)) return false;
  const auto& callees = program.callees(site.id, site.index);
  return std::any_of(callees.begin(), callees.end(), [&](const Resolved& resolved) {
    const auto& spawner = program.function(resolved.callee);
    return std::any_of(spawner.calls.begin(), spawner.calls.end(), [&](const facts::Call& one) { return dropped(one) && makes_coroutine(program, spawner, one, true); });
  });
}

// A function by whose name it starts what it is given, and a coroutine made for it; nothing that waits for the coroutine.
bool starts_by_name(const Program& program, const CallSite& site) {
  if (!dropped(site.call) || !program.knowledge().type(last_part(site.call.name), "starts-coroutine") || waits_for_argument(program, site.id, site.index)) return false;
  const auto& f = site.function;
  return std::any_of(f.calls.begin(), f.calls.end(), [&](const facts::Call& one) {
    const auto* klass = one.passed_to == site.index && one.loop == site.call.loop ? program.class_of(one.result_type) : nullptr;
    return (klass && klass->lazy) || (one.passed_to == site.index && makes_coroutine(program, f, one, false));
  });
}

// A combinator starts the tasks that it was given; how many there are is its caller's affair.
bool given_tasks(const Program& program, const facts::Call& call) {
  return std::any_of(call.arguments.begin(), call.arguments.end(), [&](const facts::Value& value) {
    const auto* klass = program.class_of(value.type);
    return (klass && klass->awaitable) || program.knowledge().type(value.type, "lazy-awaitable");
  });
}

bool starts_concurrent_work(const Program& program, const CallSite& site) {
  const auto* row = program.receiver(site.id, site.index);
  if (row && row->context == "coroutine") return true;
  return detaches(program, site) || starts_by_name(program, site) || (!given_tasks(program, site.call) && dropped(site.call) && makes_coroutine(program, site.function, site.call, true));
}

// A loop that suspends (an accept loop) starts no more than arrive; a bounded one no more than it says.
bool without_limit(const facts::Function& f, const facts::Call& call) {
  if (call.loop < 0 || guarded(call, "limited")) return false;
  const auto& loop = f.loops[static_cast<std::size_t>(call.loop)];
  const bool until = loop.bound == facts::Bound::condition && !loop.polls;  // while (getline(in, item))
  return (loop.bound == facts::Bound::collection || until) && !loop.suspends;
}

// The coroutine, or one that it awaits, waits its turn first.
bool waits_its_turn(const Program& program, const facts::Function& from, const facts::Call& made, int depth = 0) {
  return std::any_of(made.targets.begin(), made.targets.end(), [&](const std::string& key) {
    const FunctionId target = program.find(key, from.place.file);
    if (target < 0 || depth > 3) return false;
    const auto& f = program.function(target);
    return std::any_of(f.calls.begin(), f.calls.end(), [&](const facts::Call& call) {
      const auto last = last_part(call.name);
      const std::string_view owner = std::string_view(call.name).substr(0, call.name.size() - last.size());
      const bool limits = owner.find("emaphore") != std::string_view::npos || owner.find("imiter") != std::string_view::npos || owner.find("hrottle") != std::string_view::npos;
      return limits || (call.use == facts::Use::awaited && waits_its_turn(program, f, call, depth + 1));
    });
  });
}

// Coroutines that are made for the call: given to it, or what it is itself.
bool wait_their_turns(const Program& program, const facts::Function& f, int index) {
  for (int c = 0; c < static_cast<int>(f.calls.size()); ++c)
    if (const auto& made = f.calls[static_cast<std::size_t>(c)]; (c == index || made.passed_to == index) && waits_its_turn(program, f, made)) return true;
  return false;
}

// `for (auto& url : urls) tasks.push_back(fetch(url)); co_await when_all(tasks);`: the call that has put a coroutine for each
// element into what this one is given, or -1.
int collected(const Program& program, const CallSite& site) {
  if (site.call.loop >= 0 || site.call.arguments.empty() || site.function.loops.empty() || !program.knowledge().type(last_part(site.call.name), "gathers-coroutines")) return -1;  // in a loop: a few at a time
  const auto& f = site.function;
  facts::Texts given;
  for (const auto& argument : site.call.arguments)
    for (auto& node : program.upstream(argument.sources)) given.push_back(std::move(node));
  for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
    const auto& made = f.calls[static_cast<std::size_t>(c)];
    const auto* into = made.passed_to >= 0 ? &f.calls[static_cast<std::size_t>(made.passed_to)] : nullptr;
    if (into && into->object && without_limit(f, *into) && makes_coroutine(program, f, made, false) && !given_tasks(program, made) && share_node(given, into->object->sources)) return made.passed_to;
  }
  return -1;
}

void tell(const CallSite& site, std::string message, Findings& findings) {
  Finding finding = draft();
  finding.context = "plain";
  finding.confidence = 0.6;
  finding.message = std::move(message);
  finding.fix = "let a fixed number of workers take the elements, or hold a semaphore per element";
  findings.add(site.id, site.call.place, std::move(finding));
}

}  // namespace

void unbounded_fan_out_in_cpp(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    if (program.language(site.id) != facts::Language::cpp) return;
    if (const int into = collected(program, site); into >= 0) {
      if (!wait_their_turns(program, site.function, into))
        tell(site, fmt::format("`{}` runs the coroutines of all elements of a collection at once, however many there are", site.call.name), findings);
    } else if (without_limit(site.function, site.call) && starts_concurrent_work(program, site) && !wait_their_turns(program, site.function, site.index)) {
      tell(site, fmt::format("`{}` is called for every element of a collection with no limit on how many run at once", site.call.name), findings);
    }
  });
}

}  // namespace concadvise
