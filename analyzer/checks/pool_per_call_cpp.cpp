#include "analyzer/checks/cpp_forms.h"
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

// A class of the sources that keeps several threads and takes tasks.
bool keeps_threads(const Program& program, const facts::Class& klass) {
  return std::any_of(klass.fields.begin(), klass.fields.end(), [&](const facts::Field& field) {
    return std::any_of(field.of.begin(), field.of.end(), [&](const std::string& of) { return program.knowledge().type(of, "thread") != nullptr; });
  });
}

bool is_pool(const Program& program, const facts::Call& call) {
  const std::string type = built_type(call);
  if (const auto* row = program.knowledge().pool(type)) return row->per_call_is_wasteful;
  const auto* klass = program.class_of(type);
  if (!klass) return false;
  if (keeps_threads(program, *klass)) return true;
  // Or one that owns such an object.
  return std::any_of(klass->fields.begin(), klass->fields.end(), [&](const facts::Field& field) {
    return field.type == "std::unique_ptr" && std::any_of(field.of.begin(), field.of.end(), [&](const std::string& of) {
             const auto* owned = program.class_of(of);
             return owned && keeps_threads(program, *owned);
           });
  });
}

// Tasks are given to objects of the class.
bool takes_tasks(const Program& program, const std::string& type) {
  if (program.knowledge().pool(type)) return true;
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id)
    for (const auto& context : program.contexts(id))
      if (context.kind == Context::Kind::pool && context.pool == type) return true;
  return false;
}

// Called from nowhere that is known: then how often is anybody's guess, and each call pays.
bool for_anyone(const Program& program, const CallSite& site) {
  if (site.function.name == "::main" || site.function.name == "main") return false;
  bool called = false;
  each_call(program, [&](const CallSite& caller) {
    const auto& targets = program.callees(caller.id, caller.index);
    called = called || std::any_of(targets.begin(), targets.end(), [&](const Resolved& r) { return r.callee == site.id; });
  });
  return !called && takes_tasks(program, built_type(site.call));
}

// A unique_ptr that is given away or back: the pool may be kept.
bool escapes(const Program& program, const CallSite& site) {
  if (site.call.implicit.empty() || site.call.stored_in.empty()) return false;
  const auto has = [&](const facts::Texts& nodes) { return std::find(nodes.begin(), nodes.end(), site.call.stored_in) != nodes.end(); };
  if (has(program.upstream({facts::node::result(site.function.key)}))) return true;
  for (int c = site.index + 1; c < static_cast<int>(site.function.calls.size()); ++c) {
    const auto& later = site.function.calls[static_cast<std::size_t>(c)];
    if (program.receiver(site.id, c) || !later.implicit.empty()) continue;
    if (std::any_of(later.arguments.begin(), later.arguments.end(), [&](const facts::Value& value) { return has(value.sources); })) return true;
  }
  return false;
}

// Once for every item or event: called in a loop over items, or what a loop or pool was given to run.
bool runs_per_item(const Program& program, FunctionId id) {
  const auto& contexts = program.contexts(id);
  if (std::any_of(contexts.begin(), contexts.end(), [&](const Context& context) {
        return context.root == id && (context.kind == Context::Kind::loop_callback || context.kind == Context::Kind::io_pool || context.kind == Context::Kind::pool);
      }))
    return true;
  bool found = false;
  each_call(program, [&](const CallSite& caller) {
    if (found || caller.call.loop < 0 || program.language(caller.id) != facts::Language::cpp) return;
    const auto& loop = caller.function.loops[static_cast<std::size_t>(caller.call.loop)];
    const bool until = loop.bound == facts::Bound::condition && !loop.polls;  // while (next(request))
    if (loop.bound != facts::Bound::collection && loop.bound != facts::Bound::endless && !until) return;
    if (program.knowledge().type(loop.over.type, "measurement")) return;  // repeats it on purpose
    const auto& targets = program.callees(caller.id, caller.index);
    found = std::any_of(targets.begin(), targets.end(), [&](const Resolved& r) { return r.callee == id; });
  });
  return found;
}

}  // namespace

void pool_per_call_in_cpp(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    const auto& call = site.call;
    if (program.language(site.id) != facts::Language::cpp || !call.constructs || !is_pool(program, call)) return;
    const bool local = call.use != facts::Use::stored || call.stored_in.find('/') != std::string::npos;
    if (!local || site.function.kind == facts::FunctionKind::module) return;
    if (guarded(call, "once")) return;
    // Outside of loops only what ends with the function: others may be handed out and kept.
    if (call.loop < 0 && (call.use != facts::Use::stored || site.function.constructor)) return;
    if (call.loop < 0 && escapes(program, site)) return;
    const bool per_item = call.loop >= 0 || runs_per_item(program, site.id);
    if (!per_item && !for_anyone(program, site)) return;
    Finding finding = draft();
    finding.context = "plain";
    finding.confidence = call.loop >= 0 ? 0.9 : per_item ? 0.75 : 0.6;
    finding.message = fmt::format("a `{}` is built in every {}: starting and joining its threads costs more than most tasks", built_type(call),
                                  call.loop >= 0 ? "turn of a loop" : "call of `" + site.function.name + "`" + (per_item ? ", which runs once per item" : ""));
    finding.fix = "build it once, where the program starts, and pass it in";
    findings.add(site.id, call.place, std::move(finding));
  });
}

}  // namespace concadvise
