#include "analyzer/checks/calls.h"

#include <algorithm>
#include <cctype>

namespace concadvise {
namespace {

// Constant loops up to this many start a set of workers rather than one thread per item: some tens of threads are what the
// guides on concurrency call the reasonable use of threads.
constexpr std::int64_t kFewThreads = 64;

}  // namespace

Callers callers_by_name(const Program& program) {
  Callers callers(program.functions().size());
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& calls = program.function(id).calls;
    for (std::size_t c = 0; c < calls.size(); ++c)
      for (const auto& key : calls[c].targets)
        if (const FunctionId target = program.find(key); target >= 0) callers[static_cast<std::size_t>(target)].emplace_back(id, static_cast<int>(c));
  }
  return callers;
}

bool has_language(const Program& program, facts::Language language) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id)
    if (program.language(id) == language) return true;
  return false;
}

std::vector<FunctionId> functions_in(const Program& program, const facts::Value& value) {
  std::vector<FunctionId> found;
  constexpr std::string_view function = "fn:";
  for (const std::string& node : program.upstream(value.sources))
    if (const FunctionId id = node.starts_with(function) ? program.find(std::string_view(node).substr(function.size())) : -1; id >= 0) found.push_back(id);
  return found;
}

void each_call(const Program& program, const std::function<void(const CallSite&)>& visit) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test) continue;
    for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) visit({id, f, c, f.calls[static_cast<std::size_t>(c)]});
  }
}

bool mentions(std::string_view expression, std::string_view identifier) {
  const auto in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  char quote = 0;          // of the text that we are in
  bool formatted = false;  // that text is an f-string
  int braces = 0;          // open in it
  for (std::size_t at = 0; at < expression.size(); ++at) {
    const char c = expression[at];
    if (quote != 0 && braces == 0) {
      if (c == '\\') ++at;
      else if (c == quote) quote = 0;
      else if (formatted && c == '{') ++braces;
      continue;
    }
    if (c == '"' || c == '\'') {
      if (quote == 0) {
        quote = c;
        formatted = false;
        for (std::size_t before = at; before > 0 && in_word(expression[before - 1]); --before)
          formatted = formatted || expression[before - 1] == 'f' || expression[before - 1] == 'F';
      }
      continue;
    }
    if (quote != 0 && (c == '{' || c == '}')) {
      braces += c == '{' ? 1 : -1;
      continue;
    }
    if (!in_word(c) || (at > 0 && in_word(expression[at - 1]))) continue;
    const std::string_view rest = expression.substr(at);
    const bool same = rest.starts_with(identifier) && (rest.size() == identifier.size() || !in_word(rest[identifier.size()]));
    const bool attribute = at > 0 && expression[at - 1] == '.';
    if (same && !attribute) return true;
  }
  return false;
}

std::string_view last_part(std::string_view name) {
  const auto at = name.find_last_of(":.");
  return at == std::string_view::npos ? name : name.substr(at + 1);
}

std::string built_type(const facts::Call& call) {
  if (!call.constructs) return {};
  const std::string_view name = call.name;
  const auto at = name.rfind("::");
  if (at == std::string_view::npos) return call.name;
  const std::string_view scope = name.substr(0, at);
  return last_part(scope) == name.substr(at + 2) ? std::string(scope) : call.name.str();
}

bool builds(const Program& program, const facts::Call& call, std::string_view is) {
  if (!call.constructs) return false;
  const auto matches = [&](const std::string& name) { return program.knowledge().type(name, is) != nullptr; };
  return matches(built_type(call)) || std::any_of(call.names.begin(), call.names.end(), matches);
}

bool on_loop(const Program& program, FunctionId id) {
  const auto kind = program.function(id).kind;
  if (kind == facts::FunctionKind::coroutine || kind == facts::FunctionKind::async_generator) return true;
  const auto& contexts = program.contexts(id);
  return std::any_of(contexts.begin(), contexts.end(), [&](const Context& context) {
    const bool loop = context.kind == Context::Kind::loop_callback || context.kind == Context::Kind::coroutine;
    return loop && (context.root < 0 || !program.function(context.root).test);
  });
}

bool stays(const Program& program, const CallSite& site) {
  if (site.function.name == "::main" || site.function.name == "main") return true;
  for (int c = site.index + 1; c < static_cast<int>(site.function.calls.size()); ++c) {
    const auto& later = site.function.calls[static_cast<std::size_t>(c)];
    const auto& effects = program.effects_of_call(site.id, c);
    if (std::any_of(effects.begin(), effects.end(), [](const Effect& e) { return e.tier == Tier::unbounded; }) || last_part(later.name) == "run" || last_part(later.name) == "join") return true;
  }
  return !site.function.suspensions.empty();
}

bool waits_for_argument(const Program& program, FunctionId function, int call) {
  const auto& effects = program.effects_of_call(function, call);
  return std::any_of(effects.begin(), effects.end(), [](const Effect& e) { return e.tier == Tier::unbounded && e.effect == "wait"; });
}

bool guarded(const facts::Call& call, std::string_view guard) { return std::find(call.guards.begin(), call.guards.end(), guard) != call.guards.end(); }

bool waits_for_condition(const Program& program, std::string_view name) {
  if (program.knowledge().type(name, "condition-wait")) return true;
  const auto method = last_part(name).size();
  const std::string_view owner = name.substr(0, name.size() - method);
  const bool cpp = owner.ends_with("::");
  return (cpp || owner.ends_with('.')) && program.knowledge().type(owner.substr(0, owner.size() - (cpp ? 2 : 1)), "condition-variable");
}

bool share_node(const facts::Texts& a, const facts::Texts& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& node) {
    return (node.starts_with("var:") || node.starts_with("param:")) && std::find(b.begin(), b.end(), node) != b.end();
  });
}

bool is_local(const facts::Function& f, const facts::Text& node) { return node.starts_with(facts::node::storage(f.key + "/")); }

bool loops_without_limit(const Program& program, FunctionId id, int loop) {
  const auto& f = program.function(id);
  for (; loop >= 0; loop = f.loops[static_cast<std::size_t>(loop)].parent) {
    const auto& one = f.loops[static_cast<std::size_t>(loop)];
    if (one.cores) return false;
    if (one.bound == facts::Bound::constant && one.trips > kFewThreads) return true;
    // A count that is a variable is a number of workers; elements of a collection are items, counted or not.
    if (one.bound == facts::Bound::value && program.language(id) == facts::Language::cpp && one.over.spelling == "size()") return true;
    if (one.bound == facts::Bound::collection || one.bound == facts::Bound::endless || one.bound == facts::Bound::condition) return true;
  }
  return false;
}

}  // namespace concadvise
