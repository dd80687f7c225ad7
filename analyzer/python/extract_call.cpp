// Calls: who is called, with what, and what becomes of the result.
#include <algorithm>

#include "analyzer/python/extract.h"

namespace concadvise::python {
namespace {

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
                                                      "any", "all", "next", "len", "bool", "collections.deque", "str.join", "bytes.join"};
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
  const Values& values = inference_.eval(module_.id, function);
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
    if (tree_.kind(inner) == Kind::list_splat_ || tree_.kind(inner) == Kind::await_) inner = tree_.first(inner);
    inner = tree_.bare(inner);
    if (const auto found = call_of_node_.find(inner); found != call_of_node_.end()) {
      out_.calls[static_cast<std::size_t>(found->second)].passed_to = index;
    }
  }
  manual_lock(call, node);
  put_in_by_method(node);
  const std::string name = call.name;
  out_.calls.push_back(std::move(call));
  call_of_node_[node] = index;
  const std::string bare = name.starts_with("builtins.") ? name.substr(9) : name;
  if (exhausts(bare)) {
    if (tree_.kind(list) == Kind::argument_list_) {
      for (const NodeId argument : tree_.children(list)) consume_all(node, argument, around);
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
  if (tree_.kind(function) == Kind::subscript_ || tree_.kind(function) == Kind::call_) {
    if (std::string kept = container(function); !kept.empty()) add_unique(call.through, std::move(kept));
  }
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
      // A decorator for both kinds of function has a wrapper for each.
      const auto fits = [&](const Ref& wrapper) { return project_.scope(wrapper).async == scope.async; };
      if (std::ranges::any_of(wrappers, fits)) std::erase_if(wrappers, [&](const Ref& wrapper) { return !fits(wrapper); });
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
  const bool assigned = tree_.kind(parent) == Kind::assignment_ && tree_[node].field == Field::left_;
  const std::string_view name = tree_.text(tree_.child(node, Field::attribute_));
  for (const Value& object : inference_.eval(module_.id, tree_.child(node, Field::object_))) {
    if (!object.is(Value::Kind::instance)) continue;
    for (const Value& member : inference_.member(object.ref, name)) {
      if (!member.is(Value::Kind::function)) continue;
      for (const std::string& decorator : inference_.decorators(member.ref)) {
        const bool asked = decorator == "property" || decorator.ends_with("cached_property");
        if (assigned ? !decorator.ends_with(".setter") : !asked) continue;
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

/// The same of an expression, and of what enumerate, zip and their like go through for it.
void Frame::consume_all(NodeId node, NodeId expression, const Around& around) {
  static const std::vector<std::string_view> lazy = {"enumerate", "zip", "map", "filter", "itertools.islice", "itertools.chain",
                                                     "itertools.takewhile", "itertools.dropwhile", "itertools.zip_longest", "tqdm.tqdm"};
  consume(node, inference_.eval(module_.id, expression), around);
  expression = tree_.bare(expression);
  if (tree_.kind(expression) != Kind::call_) return;
  const std::vector<std::string> names = Inference::names(inference_.eval(module_.id, tree_.child(expression, Field::function_)));
  if (std::ranges::none_of(names, [](const std::string& name) { return std::ranges::find(lazy, name) != lazy.end(); })) return;
  for (const NodeId argument : tree_.children(tree_.child(expression, Field::arguments_))) {
    if (tree_.kind(argument) != Kind::keyword_argument_) consume_all(node, argument, around);
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
