// Attributes and calls: what objects offer and functions give.
#include <algorithm>
#include <cctype>
#include <charconv>

#include "analyzer/python/infer.h"

namespace concadvise::python {
namespace {

// As in infer.cpp, with room for the steps in between that are counted here.
constexpr int max_depth = 80;

void append(Values& into, const Values& more) {
  for (const Value& value : more) {
    if (std::ranges::find(into, value) == into.end()) into.push_back(value);
  }
}

std::shared_ptr<const Values> hold(Values values) { return std::make_shared<const Values>(std::move(values)); }

bool looks_like_class(std::string_view name) {
  const auto dot = name.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? name : name.substr(dot + 1);
  return !last.empty() && std::isupper(static_cast<unsigned char>(last.front())) != 0;
}

bool is_property(const std::string& decorator) {
  return decorator == "property" || decorator.ends_with("cached_property") || decorator == "abc.abstractproperty" ||
         decorator.ends_with(".hybrid_property") || decorator.ends_with(".reify");
}

/// Decorators after which a coroutine function still gives a coroutine. Others may make anything of it: a task, a command.
bool keeps_what_it_gives(const std::string& decorator) {
  static const std::vector<std::string> known = {
      "staticmethod", "classmethod", "abc.abstractmethod", "typing.override", "typing.final", "typing.no_type_check",
      "typing_extensions.override", "typing.overload", "functools.wraps", "typing_extensions.deprecated", "warnings.deprecated"};
  return std::ranges::find(known, decorator) != known.end();
}

/// Counts a step of inference for as long as it lasts.
class Deeper {
 public:
  explicit Deeper(int& depth) : depth_(depth) { ++depth_; }
  ~Deeper() { --depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  int& depth_;
};

/// The n-th argument of a call, positional ones only.
NodeId argument(const Tree& tree, NodeId call, int n) {
  for (const NodeId child : tree.children(tree.child(call, Field::arguments_))) {
    if (tree.kind(child) == Kind::keyword_argument_) continue;
    if (n-- == 0) return child;
  }
  return no_node;
}

/// "call 0" -> 0; -1 if it is not that word.
int numbered(std::string_view signature, std::string_view word) {
  if (!signature.starts_with(word) || signature.size() <= word.size() + 1 || signature[word.size()] != ' ') return -1;
  int number = -1;
  std::from_chars(signature.data() + word.size() + 1, signature.data() + signature.size(), number);
  return number;
}

// What a row says of a method that gives an element of what it is called on.
constexpr std::string_view its_element = "element";

}  // namespace

Values Inference::attribute(const Value& object, std::string_view name) {
  if (depth_ > max_depth) return {};
  const Deeper deeper(depth_);
  switch (object.kind) {
    case Value::Kind::module: {
      Values values = module_member(object.ref.module, name);
      if (!values.empty()) return values;
      // Set from elsewhere or by code that is not followed: known by its dotted name.
      return {{.kind = Value::Kind::external, .name = project_.header(object.ref.module).name + "." + std::string(name)}};
    }
    case Value::Kind::external: {
      if (object.ref.scope == no_scope && object.ref.module >= 0) {
        return external(object.name + "." + std::string(name), object.ref.module);
      }
      Values out = external_attribute(object.name, name, false);
      for (Value& value : out) {
        if (object.inner && signatures_.returns(value.name) == its_element) value.inner = object.inner;
      }
      return out;
    }
    case Value::Kind::object: return external_attribute(object.name, name, true);
    case Value::Kind::collection: {
      if (name == "values" || name == "items" || name == "get" || name == "pop" || name == "popleft" || name == "copy" ||
          name == "setdefault") {
        Value method{.kind = Value::Kind::external, .name = object.name + "." + std::string(name), .inner = object.inner};
        return {method};
      }
      return external_attribute(object.name, name, true);
    }
    case Value::Kind::instance: return instance_attribute(object, name);
    case Value::Kind::class_: {
      if (name == "__name__" || name == "__qualname__") return {{.kind = Value::Kind::object, .name = "str"}};
      Values out;
      for (Value value : member(object.ref, name)) {
        if (value.is(Value::Kind::function)) {
          value.self = object.ref;
          value.name = "exact";
          if (has_decorator(value.ref, "classmethod")) value.bound = 1;
        }
        append(out, {value});
      }
      if (!out.empty()) return out;
      for (const std::string& base : external_bases(object.ref)) {
        Values outside = external_attribute(base, name, false);
        // What an object-relational mapper's class hands out gives objects of that class.
        for (Value& value : outside) {
          if (signatures_.returns(value.name + ".get") == its_element) value.inner = hold({{.kind = Value::Kind::instance, .ref = object.ref}});
        }
        append(out, outside);
      }
      return out;
    }
    case Value::Kind::function:
      if (name == "__wrapped__") return {object};
      for (const std::string& decorator : decorators(object.ref)) {
        const std::string& made = signatures_.decorated(decorator);
        if (!made.empty()) return external_attribute(made, name, true);
      }
      return {};
    case Value::Kind::partial: return object.inner && name == "func" ? *object.inner : Values{};
    default: return {};
  }
}

Values Inference::instance_attribute(const Value& object, std::string_view name) {
  if (name == "__class__") return {{.kind = Value::Kind::class_, .ref = object.ref}};
  Values found;
  if (object.name == "super") {
    const std::vector<Ref> order = ancestors(object.ref);
    for (std::size_t i = 1; i < order.size() && found.empty(); ++i) {
      const auto& names_here = project_.scope(order[i]).names;
      if (names_here.contains(name)) found = member(order[i], name);
    }
  } else {
    found = member(object.ref, name);
  }
  Values out;
  for (Value value : found) {
    if (!value.is(Value::Kind::function)) {
      append(out, {value});
      continue;
    }
    // A plain function found on the class becomes a method; one assigned to `self.x` stays what it is.
    const Scope& scope = project_.scope(value.ref);
    if (scope.self.empty()) {
      append(out, {value});
      continue;
    }
    const facts::Texts how = decorators(value.ref);
    if (std::ranges::any_of(how, is_property)) {
      append(out, scope.async ? Values{{.kind = Value::Kind::awaitable, .inner = hold(returned(value.ref))}}
                              : returned(value.ref));
      continue;
    }
    value.self = object.ref;
    value.bound = 1;
    if (object.name == "super") value.name = "exact";
    append(out, {value});
  }
  if (!out.empty() || !found.empty()) return out;
  for (const std::string& base : external_bases(object.ref)) append(out, external_attribute(base, name, true));
  return out;
}

/// `object`: an attribute of an instance of the class, rather than of a module or the class itself.
Values Inference::external_attribute(const std::string& owner, std::string_view name, bool object) {
  const std::string full = signatures_.canonical(owner + "." + std::string(name));
  if (object) {
    // Attributes that are objects themselves are told apart from methods by their row alone.
    const std::string is = signatures_.attribute(owner, name);
    if (!is.empty()) return {{.kind = Value::Kind::object, .name = is}};
  }
  return {{.kind = Value::Kind::external, .name = full}};
}

Values Inference::call(const Value& callee, ModuleId module, NodeId call) {
  if (depth_ > max_depth) return {};
  const Deeper deeper(depth_);
  switch (callee.kind) {
    case Value::Kind::function: return project_call(callee);
    case Value::Kind::class_: return {{.kind = Value::Kind::instance, .ref = callee.ref}};
    case Value::Kind::instance: {
      Values out;
      for (const Value& method : attribute(callee, "__call__")) {
        if (method.is(Value::Kind::function)) append(out, project_call(method));
      }
      return out;
    }
    case Value::Kind::partial: {
      Values out;
      for (const Value& inner : *callee.inner) append(out, this->call(inner, module, call));
      return out;
    }
    case Value::Kind::external:
      if (callee.inner) {  // a method of a collection
        if (callee.name.ends_with(".values") || callee.name.ends_with(".copy")) {
          return {{.kind = Value::Kind::collection, .name = "list", .inner = callee.inner}};
        }
        return callee.name.ends_with(".items") ? Values{} : *callee.inner;
      }
      return external_call(callee.name, module, call, true);
    case Value::Kind::object: return external_call(callee.name + ".__call__", module, call, false);
    default: return {};
  }
}

Values Inference::project_call(const Value& callee) {
  const Scope& scope = project_.scope(callee.ref);
  Values inner = returned(callee.ref);
  if (!scope.yields.empty() && scope.kind == Scope::Kind::function) {
    return {{.kind = Value::Kind::generator, .ref = callee.ref, .inner = hold(std::move(inner))}};
  }
  if (scope.async) {
    const bool plain = std::ranges::all_of(decorators(callee.ref), keeps_what_it_gives);
    return {{.kind = Value::Kind::awaitable, .ref = callee.ref, .name = plain ? "" : "decorated", .inner = hold(std::move(inner))}};
  }
  for (Value& value : inner) {
    // `return self` in a base class gives the class it was called on.
    if (value.is(Value::Kind::instance) && callee.self.module >= 0 && value.ref == Ref{callee.ref.module, scope.parent}) {
      value.ref = callee.self;
    }
  }
  return inner;
}

Values Inference::returned(Ref function) {
  const Key key{function.module, function.scope};
  if (const auto found = returns_.find(key); found != returns_.end()) return found->second;
  returns_[key] = {};
  const Module& module = project_.module(function.module);
  const Scope& scope = module.scopes.all[function.scope];
  Values out;
  if (scope.kind == Scope::Kind::lambda) {
    out = eval(function.module, module.tree.child(scope.node, Field::body_));
    returns_[key] = out;
    return out;
  }
  const NodeId declared = module.tree.child(scope.node, Field::return_type_);
  if (declared != no_node) out = annotation(function.module, declared);
  std::erase_if(out, [](const Value& value) { return value.is(Value::Kind::none); });
  if (!scope.yields.empty()) {
    // Declared as Iterator[X]: the X; else what is yielded.
    Values each = elements(out);
    if (each.empty()) {
      for (const NodeId yield : scope.yields) {
        const Values& values = eval(function.module, module.tree.first(yield));
        append(each, module.tree[yield].from ? elements(values) : values);
      }
    }
    out = std::move(each);
  } else if (out.empty()) {
    for (const NodeId expression : scope.returns) append(out, eval(function.module, expression));
    std::erase_if(out, [](const Value& value) { return value.is(Value::Kind::none); });
  }
  if (out.size() > 8) out.clear();
  returns_[key] = out;
  return out;
}

Values Inference::external_call(const std::string& name, ModuleId module, NodeId call, bool construct) {
  const Tree& tree = project_.module(module).tree;
  if (name == "super") {
    const Scopes& scopes = project_.module(module).scopes;
    ScopeId scope = scopes.frame_of(call);
    while (scope != no_scope && scopes.all[scope].kind != Scope::Kind::class_) scope = scopes.all[scope].parent;
    if (scope == no_scope) return {};
    return {{.kind = Value::Kind::instance, .ref = {module, scope}, .name = "super"}};
  }
  if (name == "functools.partial" || name == "functools.partialmethod") {
    const Values& inner = eval(module, argument(tree, call, 0));
    if (inner.empty()) return {};
    int given = 0;
    for (const NodeId child : tree.children(tree.child(call, Field::arguments_))) {
      if (tree.kind(child) != Kind::keyword_argument_) ++given;
    }
    return {{.kind = Value::Kind::partial, .inner = hold(inner), .bound = given - 1}};
  }
  if (name == "getattr") {
    const NodeId attr = argument(tree, call, 1);
    std::string_view text = tree.text(attr);
    if (tree.kind(attr) != Kind::string_ || text.size() < 3) return {};
    text = text.substr(1, text.size() - 2);
    Values out;
    for (const Value& value : eval(module, argument(tree, call, 0))) append(out, attribute(value, text));
    return out;
  }
  if (name == "type") {
    Values out;
    for (const Value& value : eval(module, argument(tree, call, 0))) {
      if (value.is(Value::Kind::instance)) append(out, {{.kind = Value::Kind::class_, .ref = value.ref}});
      if (value.is(Value::Kind::object)) append(out, {{.kind = Value::Kind::external, .name = value.name}});
    }
    return out;
  }
  std::string_view signature = signatures_.returns(name);
  if (signature.empty() || signature == its_element) {
    if (construct && looks_like_class(name)) return {{.kind = Value::Kind::object, .name = name}};
    return {{.kind = Value::Kind::object, .name = name + "()"}};
  }
  bool await = false;
  bool each = false;
  std::string future;
  if (signature.starts_with("await ")) {
    await = true;
    signature.remove_prefix(6);
  }
  if (signature.starts_with("each ")) {
    each = true;
    signature.remove_prefix(5);
  }
  if (const auto of = signature.find(" of "); of != std::string_view::npos) {
    future = signature.substr(0, of);
    signature = signature.substr(of + 4);
  }
  Values out;
  if (const int n = numbered(signature, "call"); n >= 0) {
    for (const Value& value : eval(module, argument(tree, call, n))) append(out, this->call(value, module, call));
    // A generator that makes a thing for its caller (a dependency): the thing.
    if (each) {
      Values flat;
      for (const Value& value : out) append(flat, value.is(Value::Kind::generator) ? *value.inner : awaited({value}));
      return flat;
    }
  } else if (const int a = numbered(signature, "argument"); a >= 0) {
    out = eval(module, argument(tree, call, a));
  } else if (const int w = numbered(signature, "awaited"); w >= 0) {
    out = awaited(eval(module, argument(tree, call, w)));
  } else if (const int e = numbered(signature, "element"); e >= 0) {
    out = elements(eval(module, argument(tree, call, e)));
  } else if (signature == "self") {
    const auto dot = name.rfind('.');
    out = {{.kind = Value::Kind::object, .name = name.substr(0, dot)}};
  } else if (signature != "nothing") {
    out = {{.kind = Value::Kind::object, .name = std::string(signature)}};
  }
  if (each) out = {{.kind = Value::Kind::collection, .name = "list", .inner = hold(std::move(out))}};
  if (!future.empty()) out = {{.kind = Value::Kind::object, .name = future, .inner = hold(std::move(out))}};
  if (await) out = {{.kind = Value::Kind::awaitable, .name = name, .inner = hold(std::move(out))}};
  return out;
}

Values Inference::awaited(const Values& values) {
  Values out;
  for (const Value& value : values) {
    if (value.is(Value::Kind::awaitable)) {
      append(out, *value.inner);
    } else if (value.is(Value::Kind::object) && value.inner) {
      append(out, *value.inner);
    } else if (value.is(Value::Kind::object) && value.name.ends_with("()")) {
      append(out, {value});
    } else if (value.is(Value::Kind::instance)) {
      for (const Value& method : attribute(value, "__await__")) {
        if (method.is(Value::Kind::function)) append(out, returned(method.ref));
      }
    }
  }
  return out;
}

Values Inference::elements_of_instance(const Value& value) {
  Values out;
  for (const std::string_view method : {"__getitem__", "__next__", "__anext__"}) {
    for (const Value& found : attribute(value, method)) {
      if (found.is(Value::Kind::function)) append(out, returned(found.ref));
    }
    if (!out.empty()) return out;
  }
  for (const std::string_view method : {"__iter__", "__aiter__"}) {
    for (const Value& found : attribute(value, method)) {
      if (!found.is(Value::Kind::function)) continue;
      for (const Value& iterator : project_call(found)) {
        // An iterator that is an object of a class of its own is asked for what it gives, not gone through again.
        if (!iterator.is(Value::Kind::instance)) append(out, elements({iterator}));
      }
    }
    if (!out.empty()) return out;
  }
  return out;
}

Values Inference::elements(const Values& values) {
  Values out;
  for (const Value& value : values) {
    if (value.is(Value::Kind::collection) || value.is(Value::Kind::generator)) {
      if (value.inner) append(out, *value.inner);
    } else if (value.is(Value::Kind::object)) {
      if (value.name == "str") append(out, {value});
      const std::string& each = signatures_.returns(value.name + ".__iter__");
      if (!each.empty()) append(out, {{.kind = Value::Kind::object, .name = each}});
    } else if (value.is(Value::Kind::instance)) {
      append(out, elements_of_instance(value));
    }
  }
  std::erase_if(out, [](const Value& value) { return value.is(Value::Kind::unknown); });
  return out;
}

Values Inference::entered(const Values& values, bool async) {
  Values out;
  for (const Value& value : values) {
    if (value.is(Value::Kind::generator)) {
      append(out, *value.inner);
    } else if (value.is(Value::Kind::object)) {
      const std::string& as = signatures_.enters(value.name);
      append(out, as.empty() ? Values{value} : Values{{.kind = Value::Kind::object, .name = as}});
    } else if (value.is(Value::Kind::instance)) {
      for (const Value& method : attribute(value, async ? "__aenter__" : "__enter__")) {
        if (method.is(Value::Kind::function)) append(out, returned(method.ref));
        else append(out, {{.kind = Value::Kind::instance, .ref = value.ref}});
      }
    } else if (value.is(Value::Kind::awaitable) && async) {
      append(out, *value.inner);
    }
  }
  return out;
}

}  // namespace concadvise::python
