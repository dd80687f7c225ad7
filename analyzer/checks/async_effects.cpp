#include "analyzer/checks/async_effects.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace concadvise {
namespace {

// A call with several possible targets is reported when at least this share of them blocks: with fewer, most of such
// reports were wrong on class hierarchies of real code.
constexpr double kLeastConfidence = 0.3;

// A future that an asynchronous operation of Asio was told to give.
bool of_use_future(const Program& program, const facts::Call& call) {
  if (!call.object) return false;
  const auto upstream = program.upstream(call.object->sources);
  return std::any_of(upstream.begin(), upstream.end(), [](const std::string& node) { return node.find("@asio@use_future") != std::string::npos; });
}

// A plain function that is given a coroutine and waits until that is done: block_on, sync_wait by any name.
bool runs_coroutine(const Program& program, const ChainStep& step) {
  if (step.call < 0) return false;
  const auto& call = program.function(step.function).calls[static_cast<std::size_t>(step.call)];
  if (call.use == facts::Use::awaited || call.constructs || !call.implicit.empty()) return false;
  if (step.callee >= 0 && program.function(step.callee).kind != facts::FunctionKind::plain) return false;
  const auto lazy = [&](const facts::Value& value) {
    const auto* klass = program.class_of(value.type);
    return !value.type.empty() && ((klass && klass->lazy) || program.knowledge().type(value.type, "lazy-awaitable"));
  };
  return (call.object && lazy(*call.object)) || std::any_of(call.arguments.begin(), call.arguments.end(), lazy);
}

bool waits_for_coroutine(const Program& program, FunctionId function, const Effect& effect) {
  if (program.language(function) != facts::Language::cpp || effect.effect != "wait" || effect.chain.empty()) return false;
  const auto& leaf = effect.chain.back();
  if (leaf.call >= 0 && of_use_future(program, program.function(leaf.function).calls[static_cast<std::size_t>(leaf.call)])) return true;
  return std::any_of(effect.chain.begin(), effect.chain.end(), [&](const ChainStep& step) { return runs_coroutine(program, step); });
}

// Which of the family a place belongs to. Waits and file access of a C++ coroutine are blocking-in-coroutine: the thread
// stands still all the same, and C++ has no second kind of `await` that they could be mistaken for.
std::string_view rule_of(const Program& program, FunctionId function, const Context& context, const Effect& effect) {
  if (waits_for_coroutine(program, function, effect)) return "sync-over-async";
  const bool coroutine = context.kind == Context::Kind::coroutine;
  const std::string_view base = coroutine ? "blocking-in-coroutine" : "blocking-in-callback";
  if (!effect.row || effect.row->rule.empty()) return base;
  const std::string_view own = effect.row->rule;
  if (own == "sync-over-async") return own;
  if (program.language(function) == facts::Language::cpp && coroutine) return base;
  return own;
}

int weight(const Effect& effect) {
  static const std::map<std::string, int, std::less<>> order = {{"sleep", 9}, {"dns", 8},     {"network", 8}, {"database", 8},
                                                                {"wait", 7},  {"process", 7}, {"stdin", 6},   {"file", 3}};
  const auto at = order.find(effect.effect);
  return (effect.tier == Tier::unbounded ? 100 : 0) + (at == order.end() ? 1 : at->second) - static_cast<int>(effect.chain.size());
}

}  // namespace

const Context* async_context(const Program& program, FunctionId id, const facts::Call& call) {
  const auto& f = program.function(id);
  if (f.kind == facts::FunctionKind::coroutine || f.kind == facts::FunctionKind::async_generator) {
    const Context* context = program.context_at(id, call.after);
    return context && context->kind == Context::Kind::coroutine ? context : nullptr;
  }
  for (const auto& context : program.contexts(id))
    if ((context.kind == Context::Kind::loop_callback || context.kind == Context::Kind::coroutine) && context.root == id) return &context;
  return nullptr;
}

/// Run once before anything is served: there is nothing yet that would have to wait.
static bool at_start_up(const Program& program, const facts::Function& f) {
  return std::any_of(f.attributes.begin(), f.attributes.end(), [&](const std::string& attribute) {
    const RootRow* root = program.knowledge().root(attribute);
    return attribute == "start-up" || (root && root->context == "start-up");
  });
}

void each_async_effect(const Program& program, std::string_view rule, const std::function<void(const AsyncEffect&)>& found) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || at_start_up(program, f)) continue;
    for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
      const auto& effects = program.effects_of_call(id, c);
      if (effects.empty()) continue;
      const Context* context = async_context(program, id, f.calls[static_cast<std::size_t>(c)]);
      if (!context) continue;
      const Effect* worst = nullptr;
      for (const auto& effect : effects) {
        if (effect.tier == Tier::lock || effect.confidence < kLeastConfidence) continue;
        if (!worst || weight(effect) > weight(*worst)) worst = &effect;
      }
      if (!worst) continue;
      const AsyncEffect one{id, c, worst, context, rule_of(program, id, *context, *worst)};
      // What a library does inside, also where its sources lie in the project, is told where it is called.
      if (one.rule == rule && !program.knowledge().type(f.name, "library")) found(one);
    }
  }
}

std::string context_text(const Program& program, const Context& context) {
  switch (context.kind) {
    case Context::Kind::coroutine: return context.why.empty() ? "a coroutine" : fmt::format("a coroutine ({})", context.why);
    case Context::Kind::loop_callback: return context.why.empty() ? "an event-loop callback" : context.why;
    case Context::Kind::io_pool: return context.why.empty() ? "a task of an I/O pool" : context.why;
    case Context::Kind::compute_pool: return context.why.empty() ? "a task of a compute pool" : context.why;
    case Context::Kind::pool: return context.why.empty() ? "a task of a pool" : context.why;
    case Context::Kind::thread: return context.why.empty() ? "a thread" : context.why;
    case Context::Kind::process: return context.why.empty() ? "a worker process" : context.why;
    case Context::Kind::plain: break;
  }
  (void)program;
  return "plain code";
}

std::string effect_text(const Effect& effect) {
  if (effect.row && !effect.row->what.empty()) return effect.row->what;
  static const std::map<std::string, std::string, std::less<>> texts = {
      {"sleep", "sleeps"},          {"wait", "waits"},          {"dns", "resolves a name"},   {"network", "waits for the network"},
      {"file", "accesses files"},   {"process", "waits for a process"}, {"database", "waits for a database"}, {"stdin", "waits for input"},
      {"compute", "computes for long"}, {"lock", "takes a lock"}};
  const auto at = texts.find(effect.effect);
  return at == texts.end() ? "blocks" : at->second;
}

void report_async_effect(const Program& program, const AsyncEffect& found, Findings& findings) {
  const auto& f = program.function(found.function);
  const auto& call = f.calls[static_cast<std::size_t>(found.call)];
  const bool direct = found.effect->chain.size() == 1;
  Finding finding = draft();
  finding.rule = found.rule;
  finding.confidence = found.effect->confidence;
  finding.effect = found.effect->effect;
  finding.context = context_text(program, *found.context);
  if (found.effect->tier == Tier::disk || found.rule == "file-io-in-async") finding.severity = "note";
  else {
    const bool sure = found.rule == "wait-in-async" || found.rule == "sync-over-async";
    finding.severity = direct || (sure && found.effect->confidence >= 0.9) ? "error" : "warning";
  }
  const std::string what = direct ? (call.name.empty() ? found.effect->leaf : call.name.str())
                                  : (call.implicit.empty() ? "the call" : call.implicit.str());
  const std::string via = direct ? std::string() : fmt::format(" through `{}`", found.effect->leaf);
  const std::string implicit = direct && !call.implicit.empty() ? fmt::format(" ({})", call.implicit) : std::string();
  finding.message = fmt::format("{}{} {}{}, and the loop stands still meanwhile: `{}` is {}", direct ? "`" + what + "`" : what, implicit,
                                effect_text(*found.effect), via, f.name, finding.context);
  if (found.effect->row) finding.fix = found.effect->row->replacement;
  if (found.rule == "sync-over-async" && found.effect->row && found.effect->row->rule != found.rule) finding.fix = "co_await the coroutine; start it with use_awaitable instead of use_future";
  finding.chain = chain_of(program, *found.effect);
  findings.add(found.function, call.place, std::move(finding));
}

}  // namespace concadvise
