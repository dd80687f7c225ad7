// What is known of the values in calls and loops: where they come from, constants, types, and where they are stored.
#include <algorithm>
#include <cmath>

#include "analyzer/python/constants.h"
#include "analyzer/python/extract.h"

namespace concadvise::python {
namespace {

constexpr std::size_t max_spelling = 60;

void add_unique(facts::Texts& list, facts::Text text) {
  if (std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

}  // namespace

/// Number of elements, at most: written out, or in what a property or method gives, or picked from that.
std::optional<std::int64_t> Frame::elements_of(NodeId expression, int depth) {
  if (const auto known = constant_elements(module_, expression)) return known;
  expression = tree_.bare(expression);
  if (expression == no_node || depth > 4) return std::nullopt;
  switch (tree_.kind(expression)) {
    case Kind::identifier_: {
      const NodeId value = only_value(module_, expression);
      return value == no_node ? std::nullopt : elements_of(value, depth + 1);
    }
    case Kind::list_comprehension_:
    case Kind::set_comprehension_:
    case Kind::generator_expression_: {
      NodeId clause = no_node;
      for (const NodeId child : tree_.children(expression)) {
        if (tree_.kind(child) != Kind::for_in_clause_) continue;
        if (clause != no_node) return std::nullopt;
        clause = child;
      }
      return clause == no_node ? std::nullopt : elements_of(tree_.child(clause, Field::right_), depth + 1);
    }
    case Kind::call_:
    case Kind::attribute_: {
      const bool called = tree_.kind(expression) == Kind::call_;
      const NodeId attribute = called ? tree_.child(expression, Field::function_) : expression;
      if (tree_.kind(attribute) != Kind::attribute_) return std::nullopt;
      const std::string_view name = tree_.text(tree_.child(attribute, Field::attribute_));
      const Values& objects = inference_.eval(module_.id, tree_.child(attribute, Field::object_));
      if (objects.size() != 1 || !objects.front().is(Value::Kind::instance)) return std::nullopt;
      const Values members = inference_.member(objects.front().ref, name);
      if (members.size() != 1 || !members.front().is(Value::Kind::function)) return std::nullopt;
      const Scope& made = project_.scope(members.front().ref);
      if (made.returns.size() != 1 || made.decorators.empty() == !called) return std::nullopt;
      return constant_elements(project_.module(members.front().ref.module), made.returns.front());
    }
    default: return std::nullopt;
  }
}

/// Whether a local variable is used anywhere in its function, nested ones included. Of others it is taken for granted.
bool Frame::read_somewhere(NodeId variable) const {
  const Scope& scope = module_.scopes.all[scope_];
  const std::string_view name = tree_.text(variable);
  if (!scope.is_function() || !scope.names.contains(name) || scope.outer.contains(name) || scope.nonlocal.contains(name)) return true;
  for (NodeId at = scope.node; at < tree_[scope.node].last; ++at) {
    if (tree_.kind(at) != Kind::identifier_ || tree_.text(at) != name || at == variable) continue;
    const bool assigned = tree_.kind(tree_[at].parent) == Kind::assignment_ && tree_[at].field == Field::left_;
    if (!assigned) return true;
  }
  return false;
}

/// A flag of a library by its name, or several of them or-ed: as far as they are known.
std::optional<std::int64_t> Frame::flags(NodeId expression) {
  expression = tree_.bare(expression);
  switch (tree_.kind(expression)) {
    case Kind::binary_operator_: {
      if (tree_.text(tree_.child(expression, Field::operator_)) != "|") return std::nullopt;
      const auto left = flags(tree_.child(expression, Field::left_));
      const auto right = flags(tree_.child(expression, Field::right_));
      return left && right ? std::optional(*left | *right) : left ? left : right;
    }
    case Kind::identifier_:
    case Kind::attribute_: {
      const Values& values = inference_.eval(module_.id, expression);
      if (values.size() != 1 || !values.front().is(Value::Kind::external)) return std::nullopt;
      return inference_.signatures().constant(values.front().name);
    }
    default: {
      const auto number = constant(module_, expression);
      return number ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
    }
  }
}

facts::Value Frame::value(NodeId expression) {
  facts::Value out;
  expression = tree_.bare(expression);
  if (expression == no_node) return out;
  const Values& values = inference_.eval(module_.id, expression);
  out.spelling = tree_.text(expression).substr(0, max_spelling);
  out.type = type_of(values);
  out.null = tree_.kind(expression) == Kind::none_;
  out.text = literal_text(tree_, expression);
  if (const auto number = constant(module_, expression)) {
    out.seconds = *number;
    if (std::floor(*number) == *number && std::abs(*number) < 9e18) out.integer = static_cast<std::int64_t>(*number);
  } else {
    out.integer = flags(expression);
  }
  out.elements = elements_of(expression);
  out.payload = constant_payload(module_, expression);
  const Kind literal = tree_.kind(expression);
  if (literal == Kind::list_ || literal == Kind::tuple_ || literal == Kind::binary_operator_) {
    for (NodeId at = expression; at < tree_[expression].last; ++at) {
      if (tree_.kind(at) != Kind::integer_ && tree_.kind(at) != Kind::identifier_) continue;
      if (const auto number = constant(module_, at); number && std::abs(*number) < 9e18) {
        out.largest = std::max(out.largest.value_or(0), static_cast<std::int64_t>(*number));
      }
    }
  }
  sources(out, values, expression);
  return out;
}

void Frame::sources(facts::Value& out, const Values& values, NodeId expression) {
  for (const Value& one : values) source(out, one);
  const Kind kind = tree_.kind(expression);
  if (kind == Kind::identifier_ || kind == Kind::attribute_) {
    if (std::string node = storage(expression); !node.empty()) add_unique(out.sources, std::move(node));
    const auto& names = module_.scopes.all[scope_].names;
    if (const auto found = names.find(tree_.text(expression)); kind == Kind::identifier_ && found != names.end()) {
      const Binding& binding = found->second.front();
      const int first = module_.scopes.all[scope_].self.empty() ? 0 : 1;
      if (binding.kind == Binding::Kind::parameter && binding.index >= first) {
        add_unique(out.sources, facts::node::parameter(out_.key, static_cast<std::size_t>(binding.index - first)));
      }
    }
  }
  if (kind == Kind::call_) {
    for (const Value& called : inference_.eval(module_.id, tree_.child(expression, Field::function_))) {
      if (called.is(Value::Kind::function)) add_unique(out.sources, facts::node::result(project_.key(called.ref)));
    }
  }
}

void Frame::source(facts::Value& out, const Value& value) {
  switch (value.kind) {
    case Value::Kind::function:
      add_unique(out.sources, facts::node::function(project_.key(value.ref)));
      if (module_.id == value.ref.module) out.lifetime = facts::Lifetime::global;
      return;
    case Value::Kind::partial:
      for (const Value& inner : *value.inner) source(out, inner);
      return;
    case Value::Kind::instance:
      add_unique(out.sources, facts::node::object(project_.key(value.ref)));
      for (const Value& method : inference_.member(value.ref, "__call__")) {
        if (method.is(Value::Kind::function)) source(out, method);
      }
      return;
    case Value::Kind::class_:
      for (const Value& method : inference_.member(value.ref, "__init__")) {
        if (method.is(Value::Kind::function)) source(out, method);
      }
      return;
    case Value::Kind::object: add_unique(out.sources, facts::node::object(knowledge_name(value.name))); return;
    case Value::Kind::awaitable:
    case Value::Kind::generator:
      if (value.ref.module >= 0) add_unique(out.sources, facts::node::result(project_.key(value.ref)));
      return;
    case Value::Kind::collection:
      if (value.inner) {
        for (const Value& inner : *value.inner) {
          if (inner.is(Value::Kind::function) || inner.is(Value::Kind::awaitable)) source(out, inner);
        }
      }
      return;
    default: return;
  }
}

std::string Frame::type_of(const Values& values) {
  for (const Value& value : values) {
    switch (value.kind) {
      case Value::Kind::object:
      case Value::Kind::collection: return value.name;
      case Value::Kind::instance: {
        // The outside class that it is, if it is one: that is what knowledge is about.
        const std::vector<std::string> bases = inference_.external_bases(value.ref);
        return bases.size() == 1 && knowledge_.type(bases.front(), "thread") != nullptr ? bases.front() : project_.key(value.ref);
      }
      case Value::Kind::awaitable: return "awaitable";
      case Value::Kind::generator: return "generator";
      default: break;
    }
  }
  return {};
}

/// The node of a variable or attribute; empty for anything else.
std::string Frame::storage(NodeId target) {
  target = tree_.bare(target);
  if (tree_.kind(target) == Kind::identifier_) {
    const std::string_view name = tree_.text(target);
    ScopeId at = module_.scopes.of_node[target];
    for (; at != no_scope; at = module_.scopes.all[at].parent) {
      const Scope& scope = module_.scopes.all[at];
      if (scope.outer.contains(name)) {
        at = module_scope;
        break;
      }
      if (scope.names.contains(name)) break;
    }
    if (at == no_scope) return {};
    // A name that another module of the project binds: that module's variable.
    if (const auto found = module_.scopes.all[at].names.find(name); found != module_.scopes.all[at].names.end()) {
      const Binding& binding = found->second.front();
      const Import* import = binding.kind == Binding::Kind::import ? &module_.scopes.imports[static_cast<std::size_t>(binding.index)] : nullptr;
      if (import != nullptr && !import->symbol.empty()) {
        const Found from = project_.find(module_, import->level, import->module);
        if (from.module >= 0) return facts::node::storage(project_.key({from.module, module_scope}) + "." + std::string(import->symbol));
      }
    }
    return facts::node::storage(project_.key({module_.id, at}) + "." + std::string(name));
  }
  if (tree_.kind(target) == Kind::attribute_) {
    const std::string name(tree_.text(tree_.child(target, Field::attribute_)));
    for (const Value& object : inference_.eval(module_.id, tree_.child(target, Field::object_))) {
      if (object.is(Value::Kind::instance) || object.is(Value::Kind::class_)) {
        // The class that assigns it, so that a base and what derives from it mean the same.
        Ref owner = object.ref;
        for (const Ref& one : inference_.ancestors(object.ref)) {
          const Scope& scope = project_.scope(one);
          if (scope.attributes.contains(name) || scope.names.contains(name)) owner = one;
        }
        return facts::node::storage(project_.key(owner) + "." + name);
      }
      if (object.is(Value::Kind::module)) {
        return facts::node::storage(project_.key({object.ref.module, module_scope}) + "." + name);
      }
    }
  }
  return {};
}

}  // namespace concadvise::python
