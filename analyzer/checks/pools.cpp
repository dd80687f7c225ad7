#include "analyzer/checks/pools.h"

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {

bool sized_for_cores(const Program& program, const std::string& pool) {
  if (const auto* row = program.knowledge().pool(pool)) return row->role == "compute";
  for (const auto& f : program.functions()) {
    if (f.constructor && f.name.starts_with(pool + "::") &&
        std::any_of(f.loops.begin(), f.loops.end(), [&](const facts::Loop& loop) { return program.has_trait(loop.over, "cores"); }))
      return true;
    if (f.constructor && f.name.starts_with(pool + "::"))
      for (std::size_t i = 0; i < f.parameters.size(); ++i) {
        facts::Value given;
        given.sources = {facts::node::parameter(f.key, i)};
        if (program.has_trait(given, "cores")) return true;
      }
    for (const auto& call : f.calls)
      if (call.constructs && built_type(call) == pool &&
          std::any_of(call.arguments.begin(), call.arguments.end(), [&](const facts::Value& v) { return program.has_trait(v, "cores"); }))
        return true;
  }
  return false;
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

bool threads_run_io_context(const Program& program) {
  bool found = false;
  each_call(program, [&](const CallSite& site) {
    if (found || (site.call.name != "asio::io_context::run" && site.call.name != "asio::io_service::run")) return;
    const auto& contexts = program.contexts(site.id);
    found = std::any_of(contexts.begin(), contexts.end(), [&](const Context& context) {
      if (context.kind != Context::Kind::thread || context.given_by < 0 || context.given_by_call < 0) return false;
      return program.function(context.given_by).calls[static_cast<std::size_t>(context.given_by_call)].loop >= 0;
    });
  });
  return found;
}

bool is_io_pool(const Program& program, const Context& context) {
  if (context.kind == Context::Kind::loop_callback) return context.pool.starts_with("asio::io_") && threads_run_io_context(program);
  if (context.kind == Context::Kind::io_pool) return true;
  if (context.kind != Context::Kind::pool || context.pool.empty()) return false;
  return program.class_of(context.pool) != nullptr && !program.knowledge().pool(context.pool) && !sized_for_cores(program, context.pool);
}

}  // namespace concadvise
