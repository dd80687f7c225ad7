// Contexts downward. Roots are coroutines, what receivers were given, and functions that a framework calls; a context
// then spreads over what its root runs in place.
//
// Where a coroutine continues after a suspension is found from the awaiter's code: the handle that await_suspend gets is
// followed to the places that resume it; if those run on pool threads, so does what comes after. It is a must-analysis:
// where ways with different answers meet, or where the answer is not known after a hop, nothing is claimed.
#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "analyzer/link/linked.h"

namespace concadvise {
namespace {

bool off_loop(Context::Kind kind) {
  return kind == Context::Kind::io_pool || kind == Context::Kind::compute_pool || kind == Context::Kind::pool ||
         kind == Context::Kind::thread || kind == Context::Kind::process;
}

}  // namespace

bool LinkedProgram::add_context(FunctionId id, const Context& context) {
  auto& list = contexts_[static_cast<std::size_t>(id)];
  for (const auto& known : list)
    if (known.kind == context.kind && (known.root == context.root || known.root != id)) {
      if (context.root != id) return false;
      if (known.root == context.root) return false;
    }
  list.push_back(context);
  return true;
}

std::string LinkedProgram::why_of(FunctionId id) const {
  return language(id) == facts::Language::python ? "it is declared `async def`" : "it suspends with co_await";
}

void LinkedProgram::framework_roots() {
  for (FunctionId id = 0; id < static_cast<FunctionId>(functions_.size()); ++id) {
    const auto& f = function(id);
    const auto give = [&](const RootRow& row) {
      Context context;
      context.root = id;
      context.given_at = f.place;
      context.why = row.why;
      if (row.context == "loop-callback") context.kind = Context::Kind::loop_callback;
      else if (row.context == "coroutine") context.kind = Context::Kind::coroutine;
      else if (row.context == "thread") context.kind = Context::Kind::thread;
      else if (row.context == "io-pool") context.kind = Context::Kind::io_pool;
      else if (row.context == "compute-pool") context.kind = Context::Kind::compute_pool;
      else if (row.context == "process") context.kind = Context::Kind::process;
      else return;
      add_context(id, context);
    };
    for (const auto& attribute : f.attributes)
      if (const auto* row = knowledge_->root(attribute)) give(*row);
    const facts::Class* owner = f.owner.empty() ? nullptr : class_of(f.owner);
    if (!owner) continue;
    // Methods of a generated service are known by what they are given first.
    if (!f.parameters.empty() && !f.parameters.front().type.empty())
      if (const auto* row = knowledge_->root("parameter " + f.parameters.front().type.str())) give(*row);
    const auto dot = f.name.find_last_of(".:");
    const std::string method = dot == std::string::npos ? f.name.str() : f.name.substr(dot + 1);
    facts::Texts bases = owner->bases;
    for (std::size_t i = 0; i < bases.size() && i < 64; ++i) {
      const auto* base = class_of(bases[i]);
      const facts::Text name = base ? base->name : bases[i];
      for (const char* separator : {"::", "."})
        if (const auto* row = knowledge_->root(name + separator + method)) give(*row);
      if (base) bases.insert(bases.end(), base->bases.begin(), base->bases.end());
    }
  }
}

void LinkedProgram::compute_contexts() {
  contexts_.resize(functions_.size());
  loop_context_.kind = Context::Kind::coroutine;
  pool_context_.kind = Context::Kind::pool;
  std::vector<char> off(functions_.size(), 0);
  std::vector<char> on(functions_.size(), 0);
  for (const auto& handover : handovers_) {
    auto& mark = off_loop(handover.kind) ? off : on;
    mark[static_cast<std::size_t>(handover.callee)] = 1;
    Context context;
    context.kind = handover.kind;
    context.root = handover.callee;
    context.given_by = handover.caller;
    context.given_by_call = handover.call;
    context.given_at = function(handover.caller).calls[static_cast<std::size_t>(handover.call)].place;
    context.why = handover.why;
    context.pool = handover.pool;
    const bool coroutine = function(handover.callee).kind == facts::FunctionKind::coroutine;
    if (coroutine && (!off_loop(handover.kind) || language(handover.callee) == facts::Language::python)) continue;
    add_context(handover.callee, context);
  }
  executors_.resize(functions_.size());
  for (FunctionId id = 0; id < static_cast<FunctionId>(functions_.size()); ++id) {
    const auto kind = brief(id).kind;
    const auto at = static_cast<std::size_t>(id);
    if (kind != facts::FunctionKind::coroutine && kind != facts::FunctionKind::async_generator) continue;
    executors_[at].after.assign(function(id).suspensions.size(), Where::unreached);
    // In Python no `await` moves a coroutine to another thread, and a function that gives one to a pool only makes it there.
    if (off[at] && !on[at] && language(id) == facts::Language::cpp) {
      executors_[at].entry = Where::pool;
      continue;
    }
    Context context;
    context.kind = Context::Kind::coroutine;
    context.root = id;
    context.given_at = function(id).place;
    context.why = why_of(id);
    add_context(id, context);
  }
  framework_roots();
  spread_contexts();
  index_resumptions();
  solve_executors();
}

// The loop, if any, around the call in which the function waits for events and hands them out: what it calls there by way
// of a variable is a callback of an event loop, on whatever thread that runs.
bool LinkedProgram::from_event_loop(FunctionId id, int index) const {
  const auto& f = function(id);
  const auto outermost = [&](int loop) {
    while (loop >= 0 && f.loops[static_cast<std::size_t>(loop)].parent >= 0) loop = f.loops[static_cast<std::size_t>(loop)].parent;
    return loop;
  };
  const auto& call = f.calls[static_cast<std::size_t>(index)];
  // Several of them in a round: one alone is the only thing that its thread has to do.
  if (call.loop < 0 || outermost(call.loop) == call.loop || call.virtual_call || language(id) != facts::Language::cpp) return false;
  for (const auto& other : f.calls)
    if (other.loop >= 0 && outermost(other.loop) == outermost(call.loop) && meaning(other.name).event_wait) return true;
  return false;
}

void LinkedProgram::spread_contexts() {
  // Where a callable was first given away, for the tasks of hand-written pools.
  std::vector<std::pair<FunctionId, int>> given(functions_.size(), {-1, -1});
  for (FunctionId f = 0; f < static_cast<FunctionId>(functions_.size()); ++f)
    for (int c = 0; c < calls_of(f); ++c) {
      if (call_facts(f, c).constructs) continue;  // wrapping a callable in a std::function gives it to nobody yet
      const auto nodes = all_nodes(f, c);
      for (std::size_t i = 0; i < nodes.size(); ++i)
        if (node_arguments_[call_facts(f, c).first_node + i] >= 0 && flow_.kind(nodes[i]) == FlowGraph::Kind::function && flow_.functions(nodes[i]))
          if (auto& first = given[static_cast<std::size_t>(flow_.functions(nodes[i])->front())]; first.first < 0) first = {f, c};
    }
  std::deque<std::pair<FunctionId, std::size_t>> queue;  // and which of its contexts
  for (FunctionId f = 0; f < static_cast<FunctionId>(functions_.size()); ++f)
    for (std::size_t i = 0; i < contexts(f).size(); ++i) queue.emplace_back(f, i);
  const auto give = [&](FunctionId f, const Context& context) {
    if (add_context(f, context)) queue.emplace_back(f, contexts(f).size() - 1);
  };
  for (FunctionId f = 0; f < static_cast<FunctionId>(functions_.size()); ++f)
    for (int c = 0; c < calls_of(f); ++c) {
      if (!call_facts(f, c).has_through || !from_event_loop(f, c)) continue;
      for (const auto& resolved : callees(f, c)) {
        if (function(resolved.callee).kind != facts::FunctionKind::plain) continue;
        Context context;
        context.kind = Context::Kind::loop_callback;
        context.root = resolved.callee;
        context.given_at = function(f).calls[static_cast<std::size_t>(c)].place;
        context.why = fmt::format("called by the event loop of `{}`", function(f).name.str());
        give(resolved.callee, context);
      }
    }
  while (!queue.empty()) {
    const auto [f, which] = queue.front();
    queue.pop_front();
    for (int c = 0; c < calls_of(f); ++c) {
      if (callees(f, c).empty() || (call_facts(f, c).has_through && from_event_loop(f, c))) continue;
      const auto& call = function(f).calls[static_cast<std::size_t>(c)];
      for (const auto& resolved : callees(f, c)) {
        const Context& context = contexts(f)[which];
        // A thread that takes callables out of a store in a loop is a pool's worker.
        // So is a wrapper that a pool was given around the caller's task.
        // Going once through a list of callables, as observers are told, makes no pool in Python.
        const bool observers = call.loop >= 0 && language(f) == facts::Language::python &&
                               function(f).loops[static_cast<std::size_t>(call.loop)].bound == facts::Bound::collection;
        const bool worker = context.kind == Context::Kind::thread && call.loop >= 0 && !observers;
        const bool wrapper = context.kind == Context::Kind::pool && context.root == f;
        const auto [giver, at] = given[static_cast<std::size_t>(resolved.callee)];
        if ((worker || wrapper) && !call.through.empty() && giver >= 0 && giver != f) {
          const auto& handing = function(giver).calls[static_cast<std::size_t>(at)];
          Context next = context;
          next.kind = Context::Kind::pool;
          next.root = resolved.callee;
          next.given_by = giver;
          next.given_by_call = at;
          next.given_at = handing.place;
          next.pool = handing.object ? handing.object->type.str() : std::string();
          next.why = fmt::format("a task of {}, whose threads take it from a queue", next.pool.empty() ? "a hand-written pool" : next.pool);
          give(resolved.callee, next);
        } else {
          give(resolved.callee, context);
        }
      }
    }
  }
}

// A class whose threads wait for events, or keep timers of coroutines, is the loop on which coroutines live, however many
// threads it has; one that only has threads and a queue is where work goes to be out of the loop's way.
void LinkedProgram::find_loop_classes() {
  for (FunctionId f = 0; f < static_cast<FunctionId>(functions_.size()); ++f) {
    bool waits = false;
    for (int c = 0; c < calls_of(f); ++c) waits = waits || call_facts(f, c).event_wait;
    if (!waits) continue;
    const FunctionId around = function(f).owner.empty() && !function(f).parent.empty() ? find(function(f).parent, function(f).place.file) : f;
    if (around >= 0 && !function(around).owner.empty()) loop_classes_.insert(function(around).owner);
  }
  for (const auto& klass : classes_) {
    const auto has = [](const facts::Field& field, std::string_view type) { return std::find(field.of.begin(), field.of.end(), type) != field.of.end(); };
    if (std::any_of(klass.fields.begin(), klass.fields.end(), [&](const facts::Field& field) { return has(field, "std::coroutine_handle") && has(field, "std::chrono::time_point"); }))
      loop_classes_.insert(klass.key);
  }
}

bool LinkedProgram::is_loop_class(facts::Text type) const {
  const auto* klass = class_of(type);
  return klass && loop_classes_.contains(klass->key);
}

// For each handle parameter of an await_suspend: where the calls that resume it run.
void LinkedProgram::index_resumptions() {
  find_loop_classes();
  const auto note = [&](std::span<const int> sources, Where where) {
    for (const int node : flow_.upstream(sources)) {
      if (flow_.kind(node) != FlowGraph::Kind::parameter) continue;
      const auto [at, fresh] = resumed_on_.try_emplace(flow_.name(node), where);
      if (!fresh && at->second != where) at->second = Where::unknown;
    }
  };
  for (FunctionId f = 0; f < static_cast<FunctionId>(functions_.size()); ++f)
    for (std::size_t c = 0; c < static_cast<std::size_t>(calls_of(f)); ++c) {
      const bool resumes = call_facts(f, static_cast<int>(c)).resumes;
      if (!resumes && !callees(f, static_cast<int>(c)).empty()) continue;
      const auto& call = function(f).calls[c];
      if (resumes) {
        const auto& contexts = contexts_[static_cast<std::size_t>(f)];
        if (from_event_loop(f, static_cast<int>(c)) || (!function(f).owner.empty() && is_loop_class(function(f).owner))) {
          note(object_nodes(f, static_cast<int>(c)), Where::loop);
          continue;
        }
        const bool pool = std::any_of(contexts.begin(), contexts.end(), [](const Context& x) { return off_loop(x.kind); });
        const bool other = contexts.empty() || std::any_of(contexts.begin(), contexts.end(), [](const Context& x) { return !off_loop(x.kind); });
        note(object_nodes(f, static_cast<int>(c)), pool && other ? Where::unknown : pool ? Where::pool : Where::loop);
      } else if (call.object && owns_threads(call.object->type)) {
        for (std::size_t i = 0; i < call.arguments.size(); ++i) note(argument_nodes(f, static_cast<int>(c), i), is_loop_class(call.object->type) ? Where::loop : Where::pool);
      }
    }
}

LinkedProgram::Where LinkedProgram::where_at(FunctionId id, const std::vector<int>& after) const {
  const auto& executors = executors_[static_cast<std::size_t>(id)];
  Where joined = Where::unreached;
  const auto join = [&](Where where) {
    if (where == Where::unreached) return;
    if (joined == Where::unreached || joined == Where::waiter) joined = where;
    else if (where != Where::waiter && joined != where) joined = Where::unknown;
  };
  if (after.empty()) join(executors.entry);
  for (const int s : after)
    join(s < 0 || static_cast<std::size_t>(s) >= executors.after.size() ? executors.entry : executors.after[static_cast<std::size_t>(s)]);
  return joined;
}

LinkedProgram::Where LinkedProgram::after_suspension(FunctionId id, int index, Where before) const {
  const auto& f = function(id);
  const auto& suspension = f.suspensions[static_cast<std::size_t>(index)];
  if (suspension.kind == facts::SuspendKind::yield) return before;
  if (suspension.call >= 0) {
    const auto& call = f.calls[static_cast<std::size_t>(suspension.call)];
    if (const auto* row = knowledge_->trait(call.name)) {
      if (row->trait == "resumes-on-pool") return Where::pool;
      if (row->trait == "resumes-on-loop") return Where::loop;
    }
    if (const auto* row = knowledge_->receiver(call); row && row->executor >= -1) {
      std::string pool;
      const auto kind = kind_of(*row, id, suspension.call, pool);
      if (off_loop(kind)) return Where::pool;
      if (kind == Context::Kind::loop_callback) return Where::loop;
    }
    Where joined = Where::unreached;
    for (const auto* same : target_functions(id, suspension.call))
      each_definition(same, f.place.file, [&](FunctionId target) {
        if (function(target).kind != facts::FunctionKind::coroutine) return;
        const Where exit = executors_[static_cast<std::size_t>(target)].exit;
        joined = joined == Where::unreached || joined == exit ? exit : Where::unknown;
      });
    if (joined != Where::unreached) return joined;
  }
  Where resumed = Where::unreached;
  for (const auto& node : suspension.hands_to)
    if (const auto at = resumed_on_.find(node); at != resumed_on_.end())
      resumed = resumed == Where::unreached || resumed == at->second ? at->second : Where::unknown;
  if (resumed != Where::unreached) return resumed;
  // An awaiter that can't be looked into: on a loop it is taken to come back to the loop, and to one from a thread that waits.
  if (before == Where::waiter) return Where::loop;
  return before == Where::loop || before == Where::unreached || suspension.hands_to.empty() ? before : Where::unknown;
}

// Whether a coroutine that is started here goes straight to a synchronous wait, in code that no loop runs: up to its first
// suspension it holds up nobody but who waits for it anyway.
bool LinkedProgram::waited_for(FunctionId caller, const facts::Call& start) const {
  const auto& f = function(caller);
  if (start.passed_to < 0 || f.kind == facts::FunctionKind::coroutine) return false;
  for (const auto& context : contexts(caller))
    if (!off_loop(context.kind)) return false;
  const EffectRow* row = knowledge_->effect(f.calls[static_cast<std::size_t>(start.passed_to)]);
  return row && row->rule == "sync-over-async";
}

bool LinkedProgram::solve_executor(FunctionId id) {
  auto& executors = executors_[static_cast<std::size_t>(id)];
  const auto& f = function(id);
  bool changed = false;
  for (std::size_t round = 0; round <= f.suspensions.size(); ++round) {
    bool moved = false;
    for (std::size_t s = 0; s < f.suspensions.size(); ++s) {
      const Where next = after_suspension(id, static_cast<int>(s), where_at(id, f.suspensions[s].after));
      if (next != executors.after[s]) {
        executors.after[s] = next;
        moved = true;
      }
    }
    changed = changed || moved;
    if (!moved) break;
  }
  const Where exit = where_at(id, f.at_exit);
  if (exit != executors.exit) {
    executors.exit = exit;
    changed = true;
  }
  return changed;
}

void LinkedProgram::solve_executors() {
  // Who awaits whom: a coroutine that is only awaited starts where its awaiters are.
  std::vector<std::vector<std::pair<FunctionId, int>>> awaiters(functions_.size());
  std::vector<FunctionId> coroutines;
  std::vector<char> started(functions_.size(), 0);
  std::vector<char> waited(functions_.size(), 0);
  for (FunctionId f = 0; f < static_cast<FunctionId>(functions_.size()); ++f) {
    if (language(f) == facts::Language::python) continue;
    if (!executors_[static_cast<std::size_t>(f)].after.empty() || brief(f).kind == facts::FunctionKind::coroutine) coroutines.push_back(f);
    for (std::size_t c = 0; c < static_cast<std::size_t>(calls_of(f)); ++c) {
      for (const auto* same : target_functions(f, static_cast<int>(c)))
        each_definition(same, brief(f).file, [&](FunctionId target) {
          if (brief(target).kind != facts::FunctionKind::coroutine) return;
          const auto& call = function(f).calls[c];
          if (call.use == facts::Use::awaited && function(f).kind == facts::FunctionKind::coroutine)
            awaiters[static_cast<std::size_t>(target)].emplace_back(f, static_cast<int>(c));
          else if (waited_for(f, call)) waited[static_cast<std::size_t>(target)] = 1;
          else started[static_cast<std::size_t>(target)] = 1;
        });
    }
  }
  for (const FunctionId f : coroutines) {
    auto& executors = executors_[static_cast<std::size_t>(f)];
    executors.after.assign(function(f).suspensions.size(), Where::unreached);
    if (executors.entry == Where::pool) continue;
    if (started[static_cast<std::size_t>(f)]) executors.entry = Where::loop;
    else if (awaiters[static_cast<std::size_t>(f)].empty()) executors.entry = waited[static_cast<std::size_t>(f)] ? Where::waiter : Where::loop;
  }
  for (int round = 0; round < 20; ++round) {
    bool changed = false;
    for (const FunctionId f : coroutines) {
      auto& executors = executors_[static_cast<std::size_t>(f)];
      if (!started[static_cast<std::size_t>(f)] && !awaiters[static_cast<std::size_t>(f)].empty()) {
        Where entry = Where::unreached;
        for (const auto& [caller, call] : awaiters[static_cast<std::size_t>(f)]) {
          const Where there = where_at(caller, function(caller).calls[static_cast<std::size_t>(call)].after);
          if (there == Where::unreached) continue;
          // Others may await it elsewhere: what holds for one that waits says nothing of the coroutine itself.
          const Where from = there == Where::waiter ? Where::loop : there;
          entry = entry == Where::unreached || entry == from ? from : Where::unknown;
        }
        if (entry != executors.entry) {
          executors.entry = entry;
          changed = true;
        }
      }
      changed = solve_executor(f) || changed;
    }
    if (!changed) break;
  }
  // A ring of coroutines that nothing outside awaits.
  for (const FunctionId f : coroutines)
    if (auto& executors = executors_[static_cast<std::size_t>(f)]; executors.entry == Where::unreached) {
      executors.entry = Where::loop;
      solve_executor(f);
    }
}

const std::vector<Context>& LinkedProgram::contexts(FunctionId function) const {
  return contexts_[static_cast<std::size_t>(function)];
}

const Context* LinkedProgram::context_at(FunctionId id, const std::vector<int>& after) const {
  switch (language(id) == facts::Language::python ? Where::loop : where_at(id, after)) {
    case Where::loop: {
      for (const auto& context : contexts(id))
        if (context.kind == Context::Kind::coroutine) return &context;
      return &loop_context_;
    }
    case Where::pool: return &pool_context_;
    default: return nullptr;
  }
}

}  // namespace concadvise
