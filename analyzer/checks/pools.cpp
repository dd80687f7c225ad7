#include "analyzer/checks/pools.h"

#include <algorithm>
#include <map>
#include <set>

#include "analyzer/checks/calls.h"

namespace concadvise {

namespace {

bool has_cores(const Program& program, const std::vector<facts::Value>& values) {
  return std::any_of(values.begin(), values.end(), [&](const facts::Value& v) { return program.has_trait(v, "cores"); });
}

// What the parameter is given, its default argument with that, is the number of cores.
bool takes_cores(const Program& program, const facts::Function& constructor, std::size_t parameter) {
  facts::Value value;
  value.sources = {facts::node::parameter(constructor.key, parameter)};
  return program.has_trait(value, "cores");
}

// Every object of the pool has as many threads as cores, whoever makes it.
bool always_for_cores(const Program& program, const std::string& pool) {
  return std::any_of(program.functions().begin(), program.functions().end(), [&](const facts::Function& f) {
    return f.constructor && f.name.starts_with(pool + "::") && std::any_of(f.loops.begin(), f.loops.end(), [&](const facts::Loop& loop) {
             const bool given = std::any_of(loop.over.sources.begin(), loop.over.sources.end(), [](const std::string& node) { return node.starts_with("param:"); });
             return !given && program.has_trait(loop.over, "cores");
           });
  });
}

}  // namespace

PoolSize size_of_pool(const Program& program, const std::string& pool, FunctionId giver, int call) {
  if (const auto* row = program.knowledge().pool(pool)) return row->role == "compute" ? PoolSize::cores : PoolSize::other;
  if (always_for_cores(program, pool)) return PoolSize::cores;
  // Objects of one class may differ: the one that the task is given to counts, where it can be told.
  facts::Texts given;
  if (giver >= 0 && call >= 0)
    if (const auto& object = program.function(giver).calls[static_cast<std::size_t>(call)].object) given = program.upstream(object->sources);
  bool cores = false;
  bool other = false;
  for (const auto& f : program.functions())
    for (const auto& made : f.calls) {
      if (!made.constructs || built_type(made) != pool) continue;
      bool sized = has_cores(program, made.arguments);
      // A constructor's default argument is no argument of the call.
      for (const auto& key : made.targets)
        if (const FunctionId constructor = program.find(key, f.place.file); constructor >= 0)
          for (std::size_t i = made.arguments.size(); i < program.function(constructor).parameters.size(); ++i)
            sized = sized || takes_cores(program, program.function(constructor), i);
      if (!made.stored_in.empty() && std::find(given.begin(), given.end(), made.stored_in) != given.end()) return sized ? PoolSize::cores : PoolSize::other;
      (sized ? cores : other) = true;
    }
  // Nobody is seen to make one (a member that is made by default): its constructors' default arguments tell.
  if (!cores && !other)
    for (const auto& f : program.functions())
      for (std::size_t i = 0; i < f.parameters.size() && f.constructor && f.name.starts_with(pool + "::"); ++i) cores = cores || takes_cores(program, f, i);
  return cores && other ? PoolSize::unknown : cores ? PoolSize::cores : PoolSize::other;
}

std::vector<Handover> pool_tasks(const Program& program) {
  std::vector<Handover> tasks = program.handovers();
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id)
    for (const auto& context : program.contexts(id)) {
      if (context.kind != Context::Kind::pool || context.root != id || context.given_by < 0) continue;
      const bool known = std::any_of(tasks.begin(), tasks.end(), [&](const Handover& one) { return one.callee == id && one.caller == context.given_by; });
      if (!known) tasks.push_back({context.given_by, context.given_by_call, id, context.kind, context.why, context.pool});
    }
  return tasks;
}

bool wraps_tasks(const Program& program, const Context& context) {
  const auto* klass = program.class_of(context.pool);
  return klass && context.given_by >= 0 && program.function(context.given_by).owner == klass->key;
}

bool threads_run_io_context(const Program& program) {
  bool found = false;
  // Started in one function for one io_context: many objects that have one with a thread each are no pool.
  std::map<std::pair<std::string, FunctionId>, std::set<int>> threads;
  each_call(program, [&](const CallSite& site) {
    if (found || (site.call.name != "asio::io_context::run" && site.call.name != "asio::io_service::run")) return;
    const auto& contexts = program.contexts(site.id);
    found = std::any_of(contexts.begin(), contexts.end(), [&](const Context& context) {
      if (context.kind != Context::Kind::thread || context.given_by < 0 || context.given_by_call < 0) return false;
      auto& same = threads[{site.call.object && !site.call.object->sources.empty() ? site.call.object->sources.front().str() : std::string(), context.given_by}];
      same.insert(context.given_by_call);
      return same.size() > 1 || program.function(context.given_by).calls[static_cast<std::size_t>(context.given_by_call)].loop >= 0;
    });
  });
  return found;
}

bool is_io_pool(const Program& program, const Context& context) {
  if (context.kind == Context::Kind::loop_callback) return context.pool.starts_with("asio::io_") && threads_run_io_context(program);
  if (context.kind == Context::Kind::io_pool) return true;
  if (context.kind != Context::Kind::pool || context.pool.empty()) return false;
  return program.class_of(context.pool) != nullptr && !program.knowledge().pool(context.pool) &&
         size_of_pool(program, context.pool, context.given_by, context.given_by_call) == PoolSize::other;
}

}  // namespace concadvise
