// Annotations, parameters and classes: what declarations say of types.
#include <algorithm>

#include "analyzer/python/infer.h"

namespace concadvise::python {
namespace {

void append(Values& into, const Values& more) {
  for (const Value& value : more) {
    if (std::ranges::find(into, value) == into.end()) into.push_back(value);
  }
}

std::string_view last_part(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

Value collection_of(std::string_view name, Values inner) {
  return {.kind = Value::Kind::collection, .name = std::string(name),
          .inner = std::make_shared<const Values>(std::move(inner))};
}

// As many call sites as are looked at to learn what a parameter is given.
constexpr std::size_t max_call_sites = 40;

}  // namespace

Values Inference::annotation(ModuleId module, NodeId type) {
  const Tree& tree = project_.module(module).tree;
  if (type == no_node) return {};
  switch (tree.kind(type)) {
    case Kind::type_:
    case Kind::parenthesized_expression_: return annotation(module, tree.first(type));
    case Kind::identifier_:
    case Kind::attribute_:
    case Kind::member_type_: {
      Values out;
      const Values named = tree.kind(type) == Kind::member_type_ ? Values{} : eval(module, type);
      for (const Value& value : named) {
        if (value.is(Value::Kind::class_)) {
          append(out, {{.kind = Value::Kind::instance, .ref = value.ref}});
        } else if (value.is(Value::Kind::external)) {
          const std::string_view last = last_part(value.name);
          if (value.name.starts_with("typing") && last == "Self") {
            append(out, from_annotation_name(module, "Self", type));
          } else if (!value.name.starts_with("typing") && value.name != "object") {
            append(out, {{.kind = Value::Kind::object, .name = value.name}});
          }
        }
      }
      return out;
    }
    case Kind::string_: {
      std::string_view text = tree.text(type);
      const auto first = text.find_first_of("'\"");
      if (first == std::string_view::npos || text.size() < first + 2) return {};
      text = text.substr(first + 1, text.size() - first - 2);
      return from_annotation_name(module, text, type);
    }
    case Kind::binary_operator_:
    case Kind::union_type_: {
      Values out;
      for (const NodeId child : tree.children(type)) append(out, annotation(module, child));
      std::erase_if(out, [](const Value& value) { return value.is(Value::Kind::none); });
      return out;
    }
    case Kind::subscript_: {
      std::vector<NodeId> arguments;
      for (const NodeId child : tree.children(type)) {
        if (tree[child].field == Field::subscript_) arguments.push_back(child);
      }
      return subscript_annotation(module, tree.child(type, Field::value_), arguments);
    }
    case Kind::generic_type_: {
      std::vector<NodeId> arguments;
      for (const NodeId child : tree.children(tree.at(type, 1))) arguments.push_back(child);
      return subscript_annotation(module, tree.at(type, 0), arguments);
    }
    case Kind::none_: return {{.kind = Value::Kind::none}};
    default: return {};
  }
}

Values Inference::subscript_annotation(ModuleId module, NodeId head, const std::vector<NodeId>& arguments) {
  const Tree& tree = project_.module(module).tree;
  if (arguments.empty()) return annotation(module, head);
  std::string name(tree.text(head));
  for (const Value& value : eval(module, head)) {
    if (value.is(Value::Kind::external) || value.is(Value::Kind::object)) name = value.name;
  }
  const std::string_view last = last_part(name);
  if (one_of(last, {"Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "Mapped", "InitVar"})) {
    return annotation(module, arguments.front());
  }
  Values out;
  if (last == "Union") {
    for (const NodeId argument : arguments) append(out, annotation(module, argument));
    std::erase_if(out, [](const Value& value) { return value.is(Value::Kind::none); });
    return out;
  }
  const Values first = annotation(module, arguments.front());
  if (one_of(last, {"Awaitable", "Coroutine", "Future", "Task"})) {
    Value value{.kind = Value::Kind::awaitable};
    if (last == "Future" || last == "Task") value = {.kind = Value::Kind::object, .name = name};
    value.inner = std::make_shared<const Values>(last == "Coroutine" ? annotation(module, arguments.back()) : first);
    return {value};
  }
  if (one_of(last, {"list", "List", "set", "Set", "frozenset", "FrozenSet", "deque", "Deque", "Sequence", "Iterable",
                    "Iterator", "Collection", "AsyncIterator", "AsyncIterable", "Generator", "AsyncGenerator",
                    "MutableSequence", "AbstractSet", "KeysView", "ValuesView"})) {
    return {collection_of(last == "List" ? "list" : last, first)};
  }
  if (last == "tuple" || last == "Tuple") {
    for (const NodeId argument : arguments) {
      const Values one = annotation(module, argument);
      out.push_back(one.size() == 1 ? one.front() : Value{});
    }
    return {collection_of("tuple", std::move(out))};
  }
  if (one_of(last, {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict"})) {
    return {collection_of("dict", arguments.size() > 1 ? annotation(module, arguments[1]) : Values{})};
  }
  if (last == "type" || last == "Type") {
    for (const Value& value : first) {
      if (value.is(Value::Kind::instance)) append(out, {{.kind = Value::Kind::class_, .ref = value.ref}});
      if (value.is(Value::Kind::object)) append(out, {{.kind = Value::Kind::external, .name = value.name}});
    }
    return out;
  }
  if (name.starts_with("typing")) return {};
  return annotation(module, head);
}

/// A forward reference: a dotted name in a string; of `Optional["X"]`-like text the X.
Values Inference::from_annotation_name(ModuleId module_id, std::string_view text, NodeId at) {
  const Module& module = project_.module(module_id);
  for (std::string_view wrapper : {"Optional[", "typing.Optional[", "t.Optional["}) {
    if (text.starts_with(wrapper) && text.ends_with("]")) text = text.substr(wrapper.size(), text.size() - wrapper.size() - 1);
  }
  if (const auto bar = text.find(" | None"); bar != std::string_view::npos) text = text.substr(0, bar);
  if (text == "Self") {
    const NodeId around = module.tree.enclosing(at, Kind::class_definition_);
    if (around == no_node) return {};
    return {{.kind = Value::Kind::instance, .ref = {module_id, module.scopes.opened_by.at(around)}}};
  }
  if (text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") != std::string_view::npos) {
    return {};
  }
  const auto dot = text.find('.');
  Values values = lookup(module_id, text.substr(0, dot), at);
  while (!values.empty() && text.find('.') != std::string_view::npos) {
    text = text.substr(text.find('.') + 1);
    Values next;
    for (const Value& value : values) append(next, attribute(value, text.substr(0, text.find('.'))));
    values = std::move(next);
  }
  Values out;
  for (const Value& value : values) {
    if (value.is(Value::Kind::class_)) append(out, {{.kind = Value::Kind::instance, .ref = value.ref}});
    if (value.is(Value::Kind::external) && !value.name.starts_with("typing")) {
      append(out, {{.kind = Value::Kind::object, .name = value.name}});
    }
  }
  return out;
}

Values Inference::parameter(Ref function, int index) {
  const Key key{function.module, (function.scope << 8) | static_cast<std::uint32_t>(index & 0xff)};
  if (const auto found = parameters_.find(key); found != parameters_.end()) return found->second;
  parameters_[key] = {};
  const Module& module = project_.module(function.module);
  const Scope& scope = module.scopes.all[function.scope];
  const auto compute = [&]() -> Values {
    if (index < 0 || static_cast<std::size_t>(index) >= scope.parameters.size()) return {};
    if (index == 0 && !scope.self.empty()) {
      const Ref class_{function.module, scope.parent};
      const bool of_class = has_decorator(function, "classmethod") || scope.name == "__new__" ||
                            scope.name == "__init_subclass__" || scope.name == "__class_getitem__";
      return {{.kind = of_class ? Value::Kind::class_ : Value::Kind::instance, .ref = class_}};
    }
    const auto& bindings = scope.names.at(scope.parameters[static_cast<std::size_t>(index)]);
    const Binding& binding = bindings.front();
    const NodeId holder = module.tree[binding.site].parent;
    if (module.tree.kind(holder) == Kind::list_splat_pattern_) return {collection_of("list", {})};
    if (module.tree.kind(holder) == Kind::dictionary_splat_pattern_) return {collection_of("dict", {})};
    if (binding.annotation != no_node) {
      Values declared = annotation(function.module, binding.annotation);
      if (!declared.empty()) return declared;
    }
    Values out = eval(function.module, binding.value);
    std::erase_if(out, [](const Value& value) { return value.is(Value::Kind::none); });
    append(out, from_calls(function, index));
    return out;
  };
  Values values = compute();
  parameters_[key] = values;
  return values;
}

/// What the project's calls of the function pass for a parameter. A class's calls are those of its __init__.
Values Inference::from_calls(Ref function, int index) {
  const Scope& scope = project_.scope(function);
  if (scope.kind != Scope::Kind::function) return {};
  const bool method = !scope.self.empty();
  const bool init = method && scope.name == "__init__";
  const std::string_view called =
      init ? project_.scope({function.module, scope.parent}).name : scope.name;
  const auto sites = project_.calls_named(called);
  if (sites.size() > max_call_sites) return {};
  const std::string_view name = scope.parameters[static_cast<std::size_t>(index)];
  Values out;
  for (const auto& [hash, module, call] : sites) {
    const Tree& tree = project_.module(module).tree;
    bool ours = false;
    int position = index;
    for (const Value& callee : eval(module, tree.child(call, Field::function_))) {
      if (callee.is(Value::Kind::function) && callee.ref == function) {
        ours = true;
        if (method && callee.bound > 0) position = index - 1;
      } else if (init && callee.is(Value::Kind::class_) && callee.ref.module == function.module &&
                 callee.ref.scope == scope.parent) {
        ours = true;
        position = index - 1;
      }
    }
    if (!ours) continue;
    int at = 0;
    bool positional = true;
    for (const NodeId argument : tree.children(tree.child(call, Field::arguments_))) {
      if (tree.kind(argument) == Kind::keyword_argument_) {
        if (tree.text(tree.child(argument, Field::name_)) == name) {
          append(out, eval(module, tree.child(argument, Field::value_)));
        }
        continue;
      }
      if (tree.kind(argument) == Kind::list_splat_) positional = false;
      if (positional && at++ == position) append(out, eval(module, argument));
    }
  }
  std::erase_if(out, [](const Value& value) { return value.is(Value::Kind::none); });
  return out;
}

std::vector<Ref> Inference::ancestors(Ref class_) {
  const Key key{class_.module, class_.scope};
  if (const auto found = ancestors_.find(key); found != ancestors_.end()) return found->second;
  ancestors_[key] = {class_};
  std::vector<Ref> out = {class_};
  const Module& module = project_.module(class_.module);
  const NodeId list = module.tree.child(module.scopes.all[class_.scope].node, Field::superclasses_);
  for (const NodeId base : module.tree.children(list)) {
    if (module.tree.kind(base) == Kind::keyword_argument_) continue;
    for (const Value& value : eval(class_.module, base)) {
      if (!value.is(Value::Kind::class_) || value.ref == class_) continue;
      for (const Ref& one : ancestors(value.ref)) {
        if (std::ranges::find(out, one) == out.end()) out.push_back(one);
      }
    }
  }
  ancestors_[key] = out;
  return out;
}

std::vector<std::string> Inference::external_bases(Ref class_) {
  std::vector<std::string> out;
  for (const Ref& one : ancestors(class_)) {
    const Module& module = project_.module(one.module);
    const NodeId list = module.tree.child(module.scopes.all[one.scope].node, Field::superclasses_);
    for (const NodeId base : module.tree.children(list)) {
      if (module.tree.kind(base) == Kind::keyword_argument_) continue;
      for (const Value& value : eval(one.module, base)) {
        if (!value.is(Value::Kind::external) && !value.is(Value::Kind::object)) continue;
        if (value.name.starts_with("typing.") || value.name == "object" || value.name == "abc.ABC") continue;
        out.push_back(value.name);
      }
    }
  }
  return out;
}

bool Inference::derives(Ref class_, std::string_view external) {
  for (const std::string& base : external_bases(class_)) {
    if (base == external) return true;
    for (const std::string& further : signatures_.bases(base)) {
      if (further == external) return true;
    }
  }
  return false;
}

Values Inference::member(Ref class_, std::string_view name) {
  for (const Ref& one : ancestors(class_)) {
    const Scope& scope = project_.scope(one);
    if (const auto found = scope.names.find(name); found != scope.names.end()) {
      Values out;
      for (const Binding& one_binding : found->second) append(out, binding(one.module, one.scope, one_binding));
      if (!out.empty()) return out;
    }
    if (const auto found = scope.attributes.find(name); found != scope.attributes.end()) {
      const Module& module = project_.module(one.module);
      Values out;
      for (const Binding& assigned : found->second) {
        const ScopeId method = module.scopes.frame_of(assigned.site);
        append(out, binding(one.module, method, assigned));
      }
      std::erase_if(out, [](const Value& value) { return value.is(Value::Kind::none); });
      if (!out.empty()) return out;
    }
  }
  return {};
}

facts::Texts Inference::decorators(Ref ref) {
  facts::Texts out;
  const Tree& tree = project_.module(ref.module).tree;
  for (const NodeId decorator : project_.scope(ref).decorators) {
    const NodeId name = tree.kind(decorator) == Kind::call_ ? tree.child(decorator, Field::function_) : decorator;
    bool any = false;
    for (const Value& value : eval(ref.module, name)) {
      if (value.is(Value::Kind::external) || value.is(Value::Kind::object)) out.push_back(value.name);
      else if (value.is(Value::Kind::function) || value.is(Value::Kind::class_)) out.push_back(project_.dotted(value.ref));
      else continue;
      any = true;
    }
    if (!any) out.push_back("?." + std::string(last_part(tree.text(name))));
  }
  return out;
}

bool Inference::has_decorator(Ref ref, std::string_view name) {
  for (const std::string& one : decorators(ref)) {
    if (one == name) return true;
  }
  return false;
}

}  // namespace concadvise::python
