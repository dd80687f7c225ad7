#include "analyzer/python/infer.h"

#include <algorithm>

namespace concadvise::python {
namespace {

// Chains of inference longer than this are not believed any more; also the guard against unbounded recursion.
constexpr int max_depth = 80;
// More candidates than this say nothing useful about an expression.
constexpr std::size_t max_candidates = 8;

void merge(Values& into, const Values& more) {
  for (const Value& value : more) {
    if (value.is(Value::Kind::unknown) || into.size() >= max_candidates) continue;
    if (std::ranges::find(into, value) == into.end()) into.push_back(value);
  }
}

bool is_statement_block(Kind kind) {
  return kind == Kind::block_ || kind == Kind::module_ || kind == Kind::parameters_ || kind == Kind::lambda_parameters_;
}

NodeId block_of(const Tree& tree, NodeId id) {
  while (id != no_node && !is_statement_block(tree.kind(id))) id = tree[id].parent;
  return id;
}

NodeId loop_of(const Tree& tree, NodeId id, NodeId frame) {
  for (NodeId up = tree[id].parent; up != no_node && up != frame; up = tree[up].parent) {
    if (tree.kind(up) == Kind::for_statement_ || tree.kind(up) == Kind::while_statement_) return up;
  }
  return no_node;
}

}  // namespace

bool operator==(const Value& a, const Value& b) {
  if (a.kind != b.kind || !(a.ref == b.ref) || a.name != b.name || a.bound != b.bound) return false;
  if (a.inner == b.inner) return true;
  return a.inner && b.inner && *a.inner == *b.inner;
}

std::string_view operator_method(std::string_view op) {
  static const std::unordered_map<std::string_view, std::string_view> methods = {
      {"+", "__add__"}, {"-", "__sub__"}, {"*", "__mul__"}, {"/", "__truediv__"}, {"//", "__floordiv__"}, {"%", "__mod__"},
      {"@", "__matmul__"}, {"&", "__and__"}, {"|", "__or__"}, {"<<", "__lshift__"}, {">>", "__rshift__"}};
  const auto found = methods.find(op);
  return found == methods.end() ? std::string_view() : found->second;
}

Inference::Inference(const Project& project, const Signatures& signatures) : project_(project), signatures_(signatures) {}

const Values& Inference::eval(ModuleId module, NodeId expression) {
  if (expression == no_node || depth_ > max_depth) return nothing_;
  const auto number = static_cast<std::size_t>(module);
  if (const Values* found = expressions_.find(number, expression)) return *found;
  // Empty until it is known: what depends on itself is unknown.
  Values& entry = expressions_.add(number, expression, project_.module(module).tree.nodes.size());
  ++depth_;
  Values values = compute(module, expression);
  --depth_;
  entry = std::move(values);
  return entry;
}

void Inference::forget() {
  // Some 200 bytes each: tens of megabytes a thread. Most are not asked for again once their module is done.
  constexpr std::size_t many = 100'000;
  if (expressions_.size() > many) expressions_.clear();
  if (bindings_.size() + returns_.size() + parameters_.size() > many) {
    bindings_.clear();
    Cache().swap(returns_);
    Cache().swap(parameters_);
  }
}

Values Inference::compute(ModuleId module, NodeId expression) {
  const Tree& tree = project_.module(module).tree;
  const auto object = [](std::string name) { return Values{{.kind = Value::Kind::object, .name = std::move(name)}}; };
  const auto collection = [](std::string name, Values inner) {
    return Values{{.kind = Value::Kind::collection, .name = std::move(name),
                   .inner = std::make_shared<const Values>(std::move(inner))}};
  };
  Values out;
  switch (tree.kind(expression)) {
    case Kind::identifier_: return lookup(module, tree.text(expression), expression);
    case Kind::attribute_: {
      const std::string_view name = tree.text(tree.child(expression, Field::attribute_));
      for (const Value& value : eval(module, tree.child(expression, Field::object_))) merge(out, attribute(value, name));
      return out;
    }
    case Kind::call_:
      for (const Value& value : eval(module, tree.child(expression, Field::function_))) {
        merge(out, call(value, module, expression));
      }
      return out;
    case Kind::await_: return awaited(eval(module, tree.first(expression)));
    case Kind::parenthesized_expression_:
    case Kind::expression_statement_: return eval(module, tree.first(expression));
    case Kind::conditional_expression_:
      merge(out, eval(module, tree.at(expression, 0)));
      merge(out, eval(module, tree.at(expression, 2)));
      return out;
    case Kind::boolean_operator_:
      merge(out, eval(module, tree.child(expression, Field::left_)));
      merge(out, eval(module, tree.child(expression, Field::right_)));
      std::erase_if(out, [](const Value& value) { return value.is(Value::Kind::none); });
      return out;
    case Kind::named_expression_: return eval(module, tree.child(expression, Field::value_));
    case Kind::assignment_: return eval(module, tree.child(expression, Field::right_));
    case Kind::lambda_:
      return {{.kind = Value::Kind::function, .ref = {module, project_.module(module).scopes.opened_by.at(expression)}}};
    case Kind::string_: {
      const std::string_view prefix = tree.text(expression).substr(0, 3);
      const bool bytes = prefix.substr(0, prefix.find_first_of("'\"")).find_first_of("bB") != std::string_view::npos;
      return object(bytes ? "bytes" : "str");
    }
    case Kind::concatenated_string_: return eval(module, tree.first(expression));
    case Kind::integer_: return object("int");
    case Kind::float_: return object("float");
    case Kind::true_:
    case Kind::false_:
    case Kind::not_operator_:
    case Kind::comparison_operator_: return object("bool");
    case Kind::none_: return {{.kind = Value::Kind::none}};
    case Kind::tuple_:
    case Kind::expression_list_: {
      for (const NodeId child : tree.children(expression)) {
        const Values& one = eval(module, child);
        out.push_back(one.size() == 1 ? one.front() : Value{});
      }
      return collection("tuple", std::move(out));
    }
    case Kind::list_:
    case Kind::set_:
      for (const NodeId child : tree.children(expression)) merge(out, eval(module, child));
      return collection(tree.kind(expression) == Kind::list_ ? "list" : "set", std::move(out));
    case Kind::dictionary_:
      for (const NodeId child : tree.children(expression)) merge(out, eval(module, tree.child(child, Field::value_)));
      return collection("dict", std::move(out));
    case Kind::generator_expression_: return collection("generator", eval(module, tree.child(expression, Field::body_)));
    case Kind::list_comprehension_:
    case Kind::set_comprehension_:
      return collection("list", eval(module, tree.child(expression, Field::body_)));
    case Kind::dictionary_comprehension_:
      return collection("dict", eval(module, tree.child(tree.child(expression, Field::body_), Field::value_)));
    case Kind::list_splat_: return elements(eval(module, tree.first(expression)));
    case Kind::subscript_: {
      const Values& of = eval(module, tree.child(expression, Field::value_));
      const bool part = tree.kind(tree.child(expression, Field::subscript_)) == Kind::slice_;
      for (const Value& value : of) {
        if (part && (value.is(Value::Kind::collection) || value.is(Value::Kind::object))) {
          merge(out, {value.name == "tuple" ? Value{.kind = Value::Kind::collection, .name = "list", .inner = value.inner} : value});
          continue;
        }
        const bool type = value.is(Value::Kind::class_) || value.is(Value::Kind::external);
        const auto named = [&](std::string_view name) { return value.is(Value::Kind::external) && value.name.ends_with(name); };
        if (named("typing.Annotated") || named("typing_extensions.Annotated") || named("typing.Optional")) {
          // An alias of a type: what it is about.
          merge(out, eval(module, tree.child(expression, Field::subscript_)));
        } else if (type) {
          merge(out, {value});
        } else if (const std::string& item = signatures_.returns(value.name + ".__getitem__");
                   value.is(Value::Kind::object) && !item.empty()) {
          merge(out, object(item));
        } else {
          merge(out, elements({value}));
        }
      }
      return out;
    }
    case Kind::binary_operator_: {
      // `Path / "x"`, `"a" + b`: the left side decides; a type union is none of a value's business.
      const std::string_view op = tree.text(tree.child(expression, Field::operator_));
      if (op == "|") return {};
      for (const Value& value : eval(module, tree.child(expression, Field::left_))) {
        if (value.is(Value::Kind::object) || value.is(Value::Kind::collection)) merge(out, {value});
        if (!value.is(Value::Kind::instance)) continue;
        for (const Value& method : attribute(value, operator_method(op))) {
          if (method.is(Value::Kind::function)) merge(out, returned(method.ref));
        }
      }
      if (op != "/" || !out.empty()) return out;
      for (const Value& value : eval(module, tree.child(expression, Field::right_))) {
        if (value.is(Value::Kind::object) && value.name == "pathlib.Path") merge(out, {value});
      }
      return out;
    }
    default: return {};
  }
}

/// The definitions that may hold at `at`: the last one whose block encloses it ends those before it; later ones count when
/// a loop leads back.
std::vector<const Binding*> Inference::reaching(const Module& module, const Scope& scope, const std::vector<Binding>& all,
                                                NodeId at) {
  const Tree& tree = module.tree;
  std::vector<const Binding*> out;
  NodeId killer = no_node;
  for (const Binding& binding : all) {
    if (binding.kind == Binding::Kind::augmented) continue;
    if (binding.site >= at || (binding.value != no_node && binding.kind != Binding::Kind::function &&
                               binding.kind != Binding::Kind::class_ && tree.inside(at, binding.value))) {
      continue;
    }
    const NodeId block = block_of(tree, binding.site);
    const bool dominates = block == no_node || tree.kind(block) == Kind::parameters_ ||
                           tree.kind(block) == Kind::lambda_parameters_ || tree.inside(at, block);
    if (dominates) {
      out.clear();
      killer = binding.site;
    }
    out.push_back(&binding);
  }
  const NodeId loop = loop_of(tree, at, scope.node);
  for (NodeId around = loop; around != no_node; around = loop_of(tree, around, scope.node)) {
    if (killer != no_node && tree.inside(killer, around)) break;
    for (const Binding& binding : all) {
      if (binding.kind == Binding::Kind::augmented || binding.site < at || !tree.inside(binding.site, around)) continue;
      if (std::ranges::find(out, &binding) == out.end()) out.push_back(&binding);
    }
  }
  return out;
}

Values Inference::lookup(ModuleId module_id, std::string_view name, NodeId at) {
  const Module& module = project_.module(module_id);
  const ScopeId start = module.scopes.of_node[at];
  const ScopeId frame = module.scopes.frame(start);
  for (ScopeId scope = start; scope != no_scope; scope = module.scopes.all[scope].parent) {
    const Scope& here = module.scopes.all[scope];
    if (here.kind == Scope::Kind::class_ && scope != start) continue;  // class bodies are not seen from their methods
    const auto found = here.names.find(name);
    if (found == here.names.end()) continue;
    Values out;
    std::vector<const Binding*> bindings;
    if (module.scopes.frame(scope) == frame) bindings = reaching(module, here, found->second, at);
    if (bindings.empty()) {
      for (const Binding& binding : found->second) bindings.push_back(&binding);
    }
    for (const Binding* one : bindings) merge(out, binding(module_id, scope, *one));
    return out;
  }
  // Star imports hide builtins. Which names one from outside brings is not known: the name may be any of them.
  Values out = {{.kind = Value::Kind::external, .name = signatures_.canonical(std::string(name))}};
  if (const auto star = module.scopes.all[module_scope].names.find("*"); star != module.scopes.all[module_scope].names.end()) {
    for (const Binding& binding : star->second) {
      const Import& import = module.scopes.imports[static_cast<std::size_t>(binding.index)];
      const Found target = project_.find(module, import.level, import.module);
      if (target.module == module_id) continue;
      if (target.module < 0) {
        merge(out, external(target.external + "." + std::string(name), -1));
      } else if (Values values = module_member(target.module, name); !values.empty()) {
        return values;
      }
    }
  }
  return out;
}

const Values& Inference::binding(ModuleId module, ScopeId scope, const Binding& binding) {
  // Where the source does not parse a name may be missing.
  if (depth_ > max_depth || binding.site == no_node) return nothing_;
  const auto number = static_cast<std::size_t>(module);
  if (const Values* found = bindings_.find(number, binding.site)) return *found;
  Values& entry = bindings_.add(number, binding.site, project_.module(module).tree.nodes.size());
  ++depth_;
  Values values = bound(module, scope, binding);
  --depth_;
  entry = std::move(values);
  return entry;
}

Values Inference::bound(ModuleId module_id, ScopeId scope, const Binding& binding) {
  const Module& module = project_.module(module_id);
  switch (binding.kind) {
    case Binding::Kind::import: return import(module_id, module.scopes.imports[static_cast<std::size_t>(binding.index)]);
    case Binding::Kind::function:
      return {{.kind = Value::Kind::function, .ref = {module_id, static_cast<ScopeId>(binding.index)}}};
    case Binding::Kind::class_:
      return {{.kind = Value::Kind::class_, .ref = {module_id, static_cast<ScopeId>(binding.index)}}};
    case Binding::Kind::assign: {
      if (binding.annotation != no_node) {
        Values declared = annotation(module_id, binding.annotation);
        if (!declared.empty()) return declared;
      }
      const bool empty = module.tree.kind(binding.value) == Kind::list_ && module.tree.first(binding.value) == no_node;
      if (empty && binding.index < 0) return appended(module_id, scope, binding);
      const Values& values = eval(module_id, binding.value);
      return binding.index < 0 ? values : unpacked(values, module_id, binding.value, binding.index);
    }
    case Binding::Kind::element: {
      const Values each = elements(eval(module_id, binding.value));
      return binding.index < 0 ? each : unpacked(each, module_id, binding.value, binding.index);
    }
    case Binding::Kind::enter: {
      const Values entered_values = entered(eval(module_id, binding.value), binding.async);
      return binding.index < 0 ? entered_values : unpacked(entered_values, module_id, no_node, binding.index);
    }
    case Binding::Kind::parameter: return parameter({module_id, scope}, binding.index);
    case Binding::Kind::augmented:
    case Binding::Kind::opaque: return {};
  }
  return {};
}

/// A list that starts empty: of what its function appends to it.
Values Inference::appended(ModuleId module_id, ScopeId scope, const Binding& binding) {
  const Module& module = project_.module(module_id);
  const Tree& tree = module.tree;
  const NodeId around = module.scopes.all[scope].node;
  Values inner;
  if (module.scopes.all[scope].is_function() && tree.kind(binding.site) == Kind::identifier_) {
    const std::string_view name = tree.text(binding.site);
    for (NodeId at = binding.site; at < tree[around].last; ++at) {
      if (tree.kind(at) != Kind::call_) continue;
      const NodeId function = tree.child(at, Field::function_);
      if (tree.kind(function) != Kind::attribute_ || tree.text(tree.child(function, Field::attribute_)) != "append") continue;
      const NodeId object = tree.child(function, Field::object_);
      if (tree.kind(object) != Kind::identifier_ || tree.text(object) != name) continue;
      merge(inner, eval(module_id, tree.at(tree.child(at, Field::arguments_), 0)));
    }
  }
  return {{.kind = Value::Kind::collection, .name = "list", .inner = std::make_shared<const Values>(std::move(inner))}};
}

/// The part of an unpacked value at a position. `value` is the expression, for the pairs that enumerate, zip and items give.
Values Inference::unpacked(const Values& values, ModuleId module, NodeId value, int index) {
  const Tree& tree = project_.module(module).tree;
  Values out;
  if (value != no_node && tree.kind(value) == Kind::call_) {
    const NodeId function = tree.child(value, Field::function_);
    const NodeId arguments = tree.child(value, Field::arguments_);
    const std::string_view called = tree.text(function);
    if (called == "enumerate" && index == 1) return elements(eval(module, tree.at(arguments, 0)));
    if (called == "zip") return elements(eval(module, tree.at(arguments, index)));
    if (called.ends_with(".items") && index == 1) return elements(eval(module, tree.child(function, Field::object_)));
  }
  for (const Value& one : values) {
    if (!one.is(Value::Kind::collection) || !one.inner) continue;
    if (one.name == "tuple") {
      if (static_cast<std::size_t>(index) < one.inner->size()) {
        merge(out, {(*one.inner)[static_cast<std::size_t>(index)]});
      }
    } else {
      merge(out, *one.inner);
    }
  }
  return out;
}

Values Inference::import(ModuleId module_id, const Import& import) {
  const Module& module = project_.module(module_id);
  if (import.symbol.empty()) {
    const std::string name =
        import.whole ? import.module : import.module.substr(0, import.module.find('.'));
    const Found found = project_.find(module, 0, name);
    if (found.module >= 0) return {{.kind = Value::Kind::module, .ref = {found.module, module_scope}}};
    return external(found.external, module_id);
  }
  const Found found = project_.find(module, import.level, import.module);
  if (found.module >= 0) {
    Values values;
    if (found.module != module_id) values = module_member(found.module, import.symbol);
    if (!values.empty()) return values;
    const ModuleId sub = project_.submodule(project_.header(found.module), import.symbol);
    if (sub >= 0) return {{.kind = Value::Kind::module, .ref = {sub, module_scope}}};
    return external(project_.header(found.module).name + "." + import.symbol, -1);
  }
  const Found whole = project_.find(
      module, import.level, import.module.empty() ? import.symbol : import.module + "." + import.symbol);
  if (whole.module >= 0) return {{.kind = Value::Kind::module, .ref = {whole.module, module_scope}}};
  return external(found.external + "." + import.symbol, module_id);
}

/// A dotted name outside, or a module of the project that is reached through folders without __init__.py.
Values Inference::external(std::string name, ModuleId from) {
  if (from >= 0 && project_.knows(name.substr(0, name.find('.')))) {
    const Found found = project_.find(project_.header(from), 0, name);
    if (found.module >= 0) return {{.kind = Value::Kind::module, .ref = {found.module, module_scope}}};
  }
  return {{.kind = Value::Kind::external, .ref = {from, no_scope}, .name = signatures_.canonical(std::move(name))}};
}

Values Inference::module_member(ModuleId module_id, std::string_view name) {
  const Module& module = project_.module(module_id);
  const Scope& scope = module.scopes.all[module_scope];
  Values out;
  if (const auto found = scope.names.find(name); found != scope.names.end()) {
    for (const Binding& one : found->second) merge(out, binding(module_id, module_scope, one));
    return out;
  }
  if (const auto star = scope.names.find("*"); star != scope.names.end() && depth_ < max_depth) {
    for (const Binding& binding : star->second) {
      const Import& import = module.scopes.imports[static_cast<std::size_t>(binding.index)];
      const Found target = project_.find(module, import.level, import.module);
      if (target.module < 0 || target.module == module_id) continue;
      ++depth_;
      Values values = module_member(target.module, name);
      --depth_;
      if (!values.empty()) return values;
    }
  }
  const ModuleId sub = project_.submodule(module, name);
  if (sub >= 0) return {{.kind = Value::Kind::module, .ref = {sub, module_scope}}};
  return {};
}

std::vector<std::string> Inference::names(const Values& values) {
  std::vector<std::string> out;
  for (const Value& value : values) {
    if (value.is(Value::Kind::external) || value.is(Value::Kind::object) || value.is(Value::Kind::collection)) {
      out.push_back(value.name);
    }
  }
  return out;
}

}  // namespace concadvise::python
