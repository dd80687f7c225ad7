// Callables that are kept in containers and called later: tables of handlers, lists of subscribers, registries that decorators
// fill. Containers are transparent: what is put in is in the container's node, what is taken out comes from there.
#include <algorithm>

#include "analyzer/python/extract.h"

namespace concadvise::python {
namespace {

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

bool may_be_called(const facts::Text& source) { return source.starts_with("fn:") || source.starts_with("param:"); }

}  // namespace

bool is_mutator(std::string_view method) {
  return one_of(method, {"append", "appendleft", "add", "update", "extend", "insert", "pop", "popleft", "popitem", "remove", "discard", "clear",
                         "setdefault", "sort", "reverse"});
}

/// The node of the container that an expression takes elements from, or that it is; empty if there is none.
std::string Frame::container(NodeId expression) {
  expression = tree_.bare(expression);
  switch (tree_.kind(expression)) {
    case Kind::identifier_:
    case Kind::attribute_: return storage(expression);
    case Kind::await_: return container(tree_.first(expression));
    case Kind::subscript_: return container(tree_.child(expression, Field::value_));
    case Kind::call_: {
      const NodeId function = tree_.child(expression, Field::function_);
      if (tree_.kind(function) == Kind::attribute_) {
        const std::string_view method = tree_.text(tree_.child(function, Field::attribute_));
        const bool takes = one_of(method, {"get", "pop", "popleft", "get_nowait", "values", "items", "copy", "setdefault"});
        return takes ? container(tree_.child(function, Field::object_)) : std::string();
      }
      const bool copies = one_of(tree_.text(function), {"list", "tuple", "set", "sorted", "reversed", "enumerate", "iter", "next"});
      return copies ? container(tree_.at(tree_.child(expression, Field::arguments_), 0)) : std::string();
    }
    default: return {};
  }
}

/// Whether the function calls what it keeps under that name.
bool Frame::calls_variable(std::string_view name) {
  if (!called_names_) {
    called_names_.emplace();
    const NodeId whole = module_.scopes.all[scope_].node;
    for (NodeId at = whole; at < tree_[whole].last; ++at) {
      const NodeId function = tree_.kind(at) == Kind::call_ ? tree_.child(at, Field::function_) : no_node;
      if (tree_.kind(function) == Kind::identifier_) called_names_->insert(tree_.text(function));
    }
  }
  return called_names_->contains(name);
}

/// `for fn in handlers`, `fn = table[key]`: of what the function goes on to call.
void Frame::taken_out(NodeId target, NodeId from) {
  std::string source;
  for (NodeId at = target; target != no_node && at < tree_[target].last; ++at) {
    if (tree_.kind(at) != Kind::identifier_ || tree_[at].field == Field::attribute_ || !calls_variable(tree_.text(at))) continue;
    if (source.empty()) source = container(from);
    if (source.empty()) return;
    if (std::string into = storage(at); into != source) unit_.flows.push_back({source, std::move(into)});
  }
}

/// `table[key] = fn`, `handlers.append(fn)`.
void Frame::put_in(NodeId into, NodeId callable) {
  const NodeId inner = tree_.bare(callable);
  switch (tree_.kind(inner)) {
    case Kind::identifier_:
    case Kind::attribute_:
    case Kind::lambda_:
    case Kind::call_:
    case Kind::tuple_: break;
    default: return;
  }
  facts::Texts sources;
  if (tree_.kind(inner) == Kind::tuple_) {
    for (const NodeId part : tree_.children(inner)) std::ranges::copy(value(part).sources, std::back_inserter(sources));
  } else {
    sources = value(inner).sources;
  }
  std::erase_if(sources, [](const facts::Text& source) { return !may_be_called(source); });
  if (sources.empty()) return;
  const std::string target = container(into);
  if (target.empty()) return;
  for (const facts::Text& source : sources) unit_.flows.push_back({source, target});
}

void Frame::put_in_by_method(NodeId call) {
  const NodeId function = tree_.child(call, Field::function_);
  if (tree_.kind(function) != Kind::attribute_) return;
  const std::string_view method = tree_.text(tree_.child(function, Field::attribute_));
  if (!one_of(method, {"append", "appendleft", "add", "insert", "setdefault", "put", "put_nowait"})) return;
  for (const NodeId argument : tree_.children(tree_.child(call, Field::arguments_))) {
    if (tree_.kind(argument) != Kind::keyword_argument_) put_in(tree_.child(function, Field::object_), argument);
  }
}

/// A decorator of the project that gives the function back as it is has kept it somewhere: it is what its parameter may be.
/// One that wraps it is followed where the function is called.
void Frame::given_to_decorators() {
  for (const NodeId decorator : module_.scopes.all[scope_].decorators) {
    for (const Value& made : inference_.eval(module_.id, decorator)) {
      if (!made.is(Value::Kind::function)) continue;
      const Values back = inference_.returned(made.ref);
      const bool wraps = std::ranges::any_of(back, [&](const Value& one) {
        return one.is(Value::Kind::function) && one.ref.module == made.ref.module &&
               project_.module(made.ref.module).scopes.all[one.ref.scope].parent == made.ref.scope;
      });
      if (wraps) continue;
      unit_.flows.push_back({facts::node::function(out_.key), facts::node::parameter(project_.key(made.ref), 0)});
    }
  }
}

}  // namespace concadvise::python
