// Calls, and what is known of the values in them.
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

bool is_class_name(std::string_view name) {
  const auto dot = name.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? name : name.substr(dot + 1);
  return !last.empty() && last.front() >= 'A' && last.front() <= 'Z';
}

// Builtins that go through all of what they are given at once.
bool exhausts(std::string_view name) {
  static const std::vector<std::string_view> names = {"list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max",
                                                      "any", "all", "next", "len", "bool", "collections.deque", "str.join"};
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

facts::Place Frame::place(NodeId node) const {
  if (node == no_node) return {};
  return {0, static_cast<int>(tree_.line(node)), static_cast<int>(tree_.column(node))};
}

facts::Call Frame::blank(NodeId node, const Around& around) const {
  facts::Call call;
  call.place = place(node);
  call.end_line = static_cast<int>(tree_.end_line(node));
  call.loop = around.loop;
  call.held = around.held;
  for (const auto& [object, lock] : manual_) call.held.push_back(lock);
  call.guards = around.guards;
  call.after = {-1};
  return call;
}

int Frame::call(NodeId node, Around& around) {
  const NodeId function = tree_.child(node, Field::function_);
  const NodeId list = tree_.child(node, Field::arguments_);
  if (tree_.kind(function) == Kind::attribute_) visit(tree_.child(function, Field::object_), around);
  else visit(function, around);
  if (tree_.kind(list) == Kind::generator_expression_) visit(list, around);
  else children(list, around);

  facts::Call call = blank(node, around);
  const Values values = inference_.eval(module_.id, function);
  callees(call, values, function);
  if (tree_.kind(function) == Kind::attribute_) {
    const NodeId object = tree_.child(function, Field::object_);
    call.object = value(object);
    const facts::Text ready = "ready:" + std::string(tree_.text(object));
    if (std::ranges::find(call.guards, ready) != call.guards.end()) call.guards.emplace_back("ready");
  }
  std::erase_if(call.guards, [](const std::string& guard) { return guard.starts_with("ready:"); });
  arguments(call, list, around);
  use(call, node);
  if (call.use == facts::Use::awaited) {
    // A plain function that is awaited because of its decorators: they run it elsewhere, or it would not be awaitable.
    for (const Value& one : values) {
      if (!one.is(Value::Kind::function)) continue;
      const Scope& made = project_.scope(one.ref);
      const bool awaitable = std::ranges::any_of(inference_.returned(one.ref), [](const Value& v) { return v.is(Value::Kind::awaitable) || v.inner; });
      if (made.async || made.decorators.empty() || awaitable) continue;
      std::erase(call.targets, project_.key(one.ref));
    }
  }
  for (const Value& result : inference_.eval(module_.id, node)) {
    if (result.is(Value::Kind::awaitable)) call.result_type = result.name == "decorated" ? "maybe-awaitable" : "awaitable";
  }
  if (call.result_type == "awaitable" && call.use == facts::Use::stored) {
    const NodeId statement = tree_[node].parent;
    const NodeId target = tree_.kind(statement) == Kind::assignment_ ? tree_.child(statement, Field::left_) : no_node;
    if (tree_.kind(target) == Kind::identifier_ && !read_somewhere(target)) call.use = facts::Use::unread;
  }
  const int index = static_cast<int>(out_.calls.size());
  for (const NodeId argument : tree_.children(list)) {
    NodeId inner = tree_.kind(argument) == Kind::keyword_argument_ ? tree_.child(argument, Field::value_) : argument;
    if (tree_.kind(inner) == Kind::list_splat_) inner = tree_.first(inner);
    inner = tree_.bare(inner);
    if (const auto found = call_of_node_.find(inner); found != call_of_node_.end()) {
      out_.calls[static_cast<std::size_t>(found->second)].passed_to = index;
    }
  }
  manual_lock(call, node);
  const std::string name = call.name;
  out_.calls.push_back(std::move(call));
  call_of_node_[node] = index;
  const std::string bare = name.starts_with("builtins.") ? name.substr(9) : name;
  if (exhausts(bare)) {
    if (tree_.kind(list) == Kind::argument_list_) {
      for (const NodeId argument : tree_.children(list)) consume(node, inference_.eval(module_.id, argument), around);
    }
  }
  return index;
}

void Frame::callees(facts::Call& call, const Values& values, NodeId function) {
  for (const Value& one : values) callee(call, one);
  if (!call.targets.empty() || !call.name.empty()) return;
  if (tree_.kind(function) == Kind::attribute_) {
    // Nothing is known of the object: the method's name alone, which only receivers of callables are matched by.
    call.name = "?." + std::string(tree_.text(tree_.child(function, Field::attribute_)));
  }
  call.through = value(function).sources;
}

void Frame::callee(facts::Call& call, const Value& value) {
  const auto named = [&](const std::string& name) {
    if (call.name.empty()) call.name = name;
    else if (name != call.name) add_unique(call.names, name);
  };
  switch (value.kind) {
    case Value::Kind::function: {
      const Scope& scope = project_.scope(value.ref);
      const bool method = !scope.self.empty();
      std::vector<Ref> wrappers;
      bool calls_it = true;
      for (const std::string& decorator : inference_.decorators(value.ref)) {
        // Behind an outside decorator that hands it to a thread or process, calling it does not run it here.
        const ReceiverRow* receiver = knowledge_.receiver(decorator);
        if (receiver != nullptr && receiver->context != "in-place") calls_it = false;
      }
      for (const NodeId decorator : scope.decorators) {
        for (const Value& made : inference_.eval(value.ref.module, decorator)) {
          if (!made.is(Value::Kind::function)) continue;
          for (const Value& wrapper : inference_.returned(made.ref)) {
            if (!wrapper.is(Value::Kind::function) || wrapper.ref.module != made.ref.module) continue;
            const Module& there = project_.module(made.ref.module);
            if (there.scopes.all[wrapper.ref.scope].parent != made.ref.scope) continue;
            wrappers.push_back(wrapper.ref);
            // Does the wrapper call what it wraps, or only pass it on (to a thread)?
            const auto& parameters = there.scopes.all[made.ref.scope].parameters;
            calls_it = false;  // until a call is seen
            const NodeId body = there.scopes.all[wrapper.ref.scope].node;
            for (NodeId at = body; at < there.tree[body].last && !parameters.empty(); ++at) {
              if (there.tree.kind(at) == Kind::call_ && there.tree.text(there.tree.child(at, Field::function_)) == parameters.front()) {
                calls_it = true;
              }
            }
          }
        }
      }
      for (const Ref& wrapper : wrappers) add_unique(call.targets, project_.key(wrapper));
      if (calls_it) add_unique(call.targets, project_.key(value.ref));
      // What is named by its class, `super().m()` and `Base.m(self)`, and what a class is built with, is no other's.
      if (method && value.name != "exact" && scope.name != "__init__") call.virtual_call = true;
      named(project_.dotted(value.ref));
      return;
    }
    case Value::Kind::class_: {
      named(project_.dotted(value.ref));
      call.constructs = true;
      for (const std::string_view method : {"__init__", "__new__", "__post_init__"}) {
        for (const Value& one : inference_.member(value.ref, method)) {
          if (one.is(Value::Kind::function)) add_unique(call.targets, project_.key(one.ref));
        }
      }
      for (const std::string& base : inference_.external_bases(value.ref)) add_unique(call.names, knowledge_name(base));
      return;
    }
    case Value::Kind::instance:
      for (const Value& method : inference_.attribute(value, "__call__")) callee(call, method);
      return;
    case Value::Kind::partial:
      for (const Value& inner : *value.inner) callee(call, inner);
      return;
    case Value::Kind::external: {
      named(knowledge_name(value.name));
      if (is_class_name(value.name)) call.constructs = true;
      const auto dot = value.name.rfind('.');
      if (dot == std::string::npos) return;
      for (const std::string& base : inference_.signatures().bases(value.name.substr(0, dot))) {
        named(base + value.name.substr(dot));
      }
      for (const std::string& base : inference_.signatures().bases(value.name)) add_unique(call.names, base);
      return;
    }
    case Value::Kind::object: named(value.name + ".__call__"); return;
    default: return;
  }
}

void Frame::arguments(facts::Call& call, NodeId list, const Around&) {
  if (tree_.kind(list) == Kind::generator_expression_) {
    call.arguments.push_back(value(list));
    return;
  }
  std::vector<facts::Value> named;
  for (const NodeId child : tree_.children(list)) {
    if (tree_.kind(child) == Kind::list_splat_ || tree_.kind(child) == Kind::dictionary_splat_) {
      call.spread = true;
      // What is spread is an argument all the same: gather(*tasks).
      if (tree_.kind(child) == Kind::list_splat_) call.arguments.push_back(value(tree_.first(child)));
    } else if (tree_.kind(child) == Kind::keyword_argument_) {
      facts::Value one = value(tree_.child(child, Field::value_));
      one.keyword = tree_.text(tree_.child(child, Field::name_));
      named.push_back(std::move(one));
    } else {
      call.arguments.push_back(value(child));
    }
  }
  std::ranges::move(named, std::back_inserter(call.arguments));
}

/// What becomes of the result.
void Frame::use(facts::Call& call, NodeId node) {
  NodeId at = node;
  NodeId parent = tree_[at].parent;
  while (tree_.kind(parent) == Kind::parenthesized_expression_) {
    at = parent;
    parent = tree_[at].parent;
  }
  const Field field = tree_[at].field;
  // What a statement picks or collects and then drops: `f() if x else None`, `x and f()`, `[f() for _ in xs]`.
  const auto dropped = [&] {
    if (tree_.kind(tree_[parent].parent) != Kind::expression_statement_) return false;
    switch (tree_.kind(parent)) {
      case Kind::conditional_expression_: return at != tree_.at(parent, 1);
      case Kind::boolean_operator_: return field == Field::right_;
      case Kind::list_comprehension_:
      case Kind::set_comprehension_: return field == Field::body_;
      default: return false;
    }
  };
  if (dropped()) {
    call.use = facts::Use::dropped;
    return;
  }
  switch (tree_.kind(parent)) {
    case Kind::await_: {
      call.use = facts::Use::awaited;
      const NodeId statement = tree_[parent].parent;
      if (tree_.kind(statement) == Kind::assignment_) call.stored_in = storage(tree_.child(statement, Field::left_));
      return;
    }
    case Kind::expression_statement_: call.use = facts::Use::dropped; return;
    case Kind::assignment_:
    case Kind::named_expression_: {
      call.use = facts::Use::stored;
      NodeId left = tree_.child(parent, Field::left_);
      if (left == no_node) left = tree_.child(parent, Field::name_);
      if (tree_.text(left) == "_") call.use = facts::Use::voided;
      else call.stored_in = storage(left);
      return;
    }
    case Kind::return_statement_: call.use = facts::Use::returned; return;
    case Kind::lambda_: call.use = field == Field::body_ ? facts::Use::returned : facts::Use::other; return;
    case Kind::argument_list_:
    case Kind::keyword_argument_:
    case Kind::list_splat_: call.use = facts::Use::argument; return;
    case Kind::for_statement_:
    case Kind::for_in_clause_: call.use = field == Field::right_ ? facts::Use::iterated : facts::Use::other; return;
    case Kind::if_statement_:
    case Kind::elif_clause_:
    case Kind::while_statement_: call.use = field == Field::condition_ ? facts::Use::condition : facts::Use::other; return;
    case Kind::not_operator_: call.use = facts::Use::condition; return;
    case Kind::with_item_:
    case Kind::as_pattern_: call.use = facts::Use::context; return;
    case Kind::attribute_: call.use = facts::Use::chained; return;
    default: call.use = facts::Use::other; return;
  }
}

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
      const Values objects = inference_.eval(module_.id, tree_.child(attribute, Field::object_));
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

/// A flag of a library by its name, or several of them or-ed.
std::optional<std::int64_t> Frame::flags(NodeId expression) {
  expression = tree_.bare(expression);
  switch (tree_.kind(expression)) {
    case Kind::binary_operator_: {
      if (tree_.text(tree_.child(expression, Field::operator_)) != "|") return std::nullopt;
      const auto left = flags(tree_.child(expression, Field::left_));
      const auto right = flags(tree_.child(expression, Field::right_));
      return left && right ? std::optional(*left | *right) : std::nullopt;
    }
    case Kind::identifier_:
    case Kind::attribute_: {
      const Values values = inference_.eval(module_.id, expression);
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
  const Values values = inference_.eval(module_.id, expression);
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

/// A call that is not written: a property, a context manager's methods, a generator that is gone through.
void Frame::implicit(NodeId node, const std::string& why, const Values& functions, bool iterates, const Around& around) {
  facts::Call call = blank(node, around);
  std::erase_if(call.guards, [](const std::string& guard) { return guard.starts_with("ready:"); });
  for (const Value& one : functions) callee(call, one);
  if (call.targets.empty()) return;
  call.implicit = why;
  call.iterates = iterates;
  out_.calls.push_back(std::move(call));
}

void Frame::implicit_named(NodeId node, const std::string& why, const std::string& name, const Around& around) {
  facts::Call call = blank(node, around);
  std::erase_if(call.guards, [](const std::string& guard) { return guard.starts_with("ready:"); });
  call.name = name;
  call.implicit = why;
  out_.calls.push_back(std::move(call));
}

void Frame::property(NodeId node, const Around& around) {
  const NodeId parent = tree_[node].parent;
  if (tree_.kind(parent) == Kind::assignment_ && tree_[node].field == Field::left_) return;
  const std::string_view name = tree_.text(tree_.child(node, Field::attribute_));
  for (const Value& object : inference_.eval(module_.id, tree_.child(node, Field::object_))) {
    if (!object.is(Value::Kind::instance)) continue;
    for (const Value& member : inference_.member(object.ref, name)) {
      if (!member.is(Value::Kind::function)) continue;
      for (const std::string& decorator : inference_.decorators(member.ref)) {
        if (decorator != "property" && !decorator.ends_with("cached_property")) continue;
        implicit(node, "property " + std::string(name), {member}, false, around);
      }
    }
  }
}

/// `x[k]`, `x[k] = v` and `x + y` of an object whose class says what that does.
void Frame::operation(NodeId node, const Around& around) {
  std::string_view method;
  NodeId object = no_node;
  if (tree_.kind(node) == Kind::subscript_) {
    const Kind parent = tree_.kind(tree_[node].parent);
    const bool assigned = parent == Kind::assignment_ && tree_[node].field == Field::left_;
    method = assigned ? "__setitem__" : parent == Kind::delete_statement_ ? "__delitem__" : "__getitem__";
    object = tree_.child(node, Field::value_);
  } else {
    method = operator_method(tree_.text(tree_.child(node, Field::operator_)));
    object = tree_.child(node, Field::left_);
  }
  if (method.empty()) return;
  for (const Value& one : inference_.eval(module_.id, object)) {
    if (one.is(Value::Kind::instance)) implicit(node, std::string(method), inference_.attribute(one, method), false, around);
  }
}

/// Something is gone through to its end, or to its next element: bodies of generators run, cursors ask the server.
void Frame::consume(NodeId node, const Values& values, const Around& around) {
  for (const Value& one : values) {
    if (one.is(Value::Kind::generator)) {
      implicit(node, "body of the generator", {{.kind = Value::Kind::function, .ref = one.ref}}, true, around);
    } else if (one.is(Value::Kind::object)) {
      const std::string name = one.name + ".__iter__";
      if (knowledge_.effect(name) != nullptr) implicit_named(node, "iteration", name, around);
    } else if (one.is(Value::Kind::instance)) {
      for (const Value& method : inference_.attribute(one, "__iter__")) {
        if (!method.is(Value::Kind::function)) continue;
        const bool generator = !project_.scope(method.ref).yields.empty();
        implicit(node, "iteration", {method}, generator, around);
      }
    }
  }
}

/// lock.acquire() ... lock.release() without a with block, in source order.
void Frame::manual_lock(const facts::Call& call, NodeId node) {
  const NodeId function = tree_.child(node, Field::function_);
  if (tree_.kind(function) != Kind::attribute_) return;
  const std::string_view method = tree_.text(tree_.child(function, Field::attribute_));
  const NodeId object = tree_.child(function, Field::object_);
  const std::string text(tree_.text(object));
  if (method == "release") {
    std::erase_if(manual_, [&](const auto& held) { return held.first == text; });
    return;
  }
  // contextlib.ExitStack takes it as `with` does, and lets go of it when the stack's own block ends.
  const bool stacked = method == "enter_context";
  if (method != "acquire" && !stacked) return;
  const NodeId mutex = stacked ? tree_.at(tree_.child(node, Field::arguments_), 0) : object;
  std::string type;
  const LockRow* row = mutex == no_node ? nullptr : lock_row(inference_.eval(module_.id, mutex), type);
  if (row == nullptr) return;
  facts::Lock lock;
  lock.place = call.place;
  lock.mutex = value(mutex);
  lock.type = type;
  lock.cooperative = row->kind == "cooperative";
  lock.first_line = call.place.line;
  lock.last_line = out_.end_line;
  manual_.emplace_back(text, static_cast<int>(out_.locks.size()));
  out_.locks.push_back(std::move(lock));
}

const LockRow* Frame::lock_row(const Values& values, std::string& type) const {
  for (const Value& one : values) {
    if (!one.is(Value::Kind::object)) continue;
    if (const LockRow* row = knowledge_.lock(one.name)) {
      type = one.name;
      return row;
    }
  }
  return nullptr;
}

}  // namespace concadvise::python
