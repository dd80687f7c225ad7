#include "analyzer/python/extract.h"

#include <algorithm>
#include <cmath>

#include "analyzer/python/constants.h"

namespace concadvise::python {
namespace {

bool is_main_guard(std::string_view condition) {
  return condition.find("__name__") != std::string_view::npos && condition.find("__main__") != std::string_view::npos;
}

}  // namespace

std::string knowledge_name(const std::string& name) {
  return name.find('.') == std::string::npos ? "builtins." + name : name;
}

Frame::Frame(ModuleId module, ScopeId scope, Inference& inference, const Knowledge& knowledge, facts::Unit& unit)
    : project_(inference.project()), module_(project_.module(module)), tree_(module_.tree), scope_(scope),
      inference_(inference), knowledge_(knowledge), unit_(unit) {}

facts::Function Frame::run() {
  const Scope& scope = module_.scopes.all[scope_];
  const Ref self{module_.id, scope_};
  out_.key = project_.key(self);
  out_.name = project_.dotted(self);
  out_.has_body = true;
  out_.test = module_.test || is_test_function();
  out_.lambda = scope.kind == Scope::Kind::lambda;
  const NodeId name = tree_.child(scope.node, Field::name_);
  out_.place = place(scope_ == module_scope ? 0 : name != no_node ? name : scope.node);
  if (scope_ == module_scope) out_.place.line = 1;
  out_.end_line = static_cast<int>(tree_.end_line(scope.node));
  Around around;
  if (scope.kind == Scope::Kind::module) {
    out_.kind = facts::FunctionKind::module;
    children(0, around);
    return std::move(out_);
  }
  const bool yields = !scope.yields.empty();
  out_.kind = scope.async ? (yields ? facts::FunctionKind::async_generator : facts::FunctionKind::coroutine)
                          : (yields ? facts::FunctionKind::generator : facts::FunctionKind::plain);
  out_.lazy = scope.async && !yields;
  out_.returns_awaitable = out_.lazy;
  const Values returned = inference_.returned(self);
  for (const Value& one : returned) {
    if (one.is(Value::Kind::awaitable) && scope.kind != Scope::Kind::lambda) out_.returns_awaitable = true;
  }
  if (!scope.async) out_.return_type = type_of(returned);
  const ScopeId parent = module_.scopes.frame(scope.parent);
  if (module_.scopes.all[parent].kind == Scope::Kind::class_) {
    out_.owner = project_.key({module_.id, parent});
    out_.constructor = scope.name == "__init__";
    const std::vector<Ref> order = inference_.ancestors({module_.id, parent});
    for (std::size_t i = 1; i < order.size(); ++i) {
      const auto& names = project_.scope(order[i]).names;
      const auto found = names.find(scope.name);
      if (found == names.end() || found->second.front().kind != Binding::Kind::function) continue;
      out_.overrides.push_back(project_.key({order[i].module, static_cast<ScopeId>(found->second.front().index)}));
    }
  } else if (module_.scopes.all[parent].is_function()) {
    out_.parent = project_.key({module_.id, parent});
  }
  out_.attributes = inference_.decorators(self);
  given_to_decorators();
  for (std::size_t i = 0; i < scope.parameters.size(); ++i) {
    if (i == 0 && !scope.self.empty()) continue;
    facts::Parameter parameter;
    parameter.name = scope.parameters[i];
    parameter.type = type_of(inference_.parameter(self, static_cast<int>(i)));
    const auto& binding = scope.names.at(scope.parameters[i]).front();
    parameter.has_default = binding.value != no_node;
    out_.parameters.push_back(std::move(parameter));
  }
  visit(tree_.child(scope.node, Field::body_), around);
  return std::move(out_);
}

/// pytest's and unittest's functions, in whatever file they stand; also what is nested in one.
bool Frame::is_test_function() {
  for (ScopeId at = scope_; at != module_scope && at != no_scope; at = module_.scopes.all[at].parent) {
    const Scope& scope = module_.scopes.all[at];
    if (scope.kind == Scope::Kind::class_ &&
        (inference_.derives({module_.id, at}, "unittest.TestCase") || inference_.derives({module_.id, at}, "unittest.IsolatedAsyncioTestCase"))) {
      return true;
    }
    if (scope.kind != Scope::Kind::function) continue;
    const auto& imports = module_.scopes.imports;
    const bool pytest = std::ranges::any_of(imports, [](const Import& one) { return one.module.starts_with("pytest"); });
    if (pytest && scope.name.starts_with("test")) return true;
    for (const std::string& decorator : inference_.decorators({module_.id, at})) {
      if (decorator.starts_with("pytest.") || decorator.starts_with("pytest_asyncio.")) return true;
    }
  }
  return false;
}

void Frame::children(NodeId node, Around& around) {
  for (const NodeId child : tree_.children(node)) visit(child, around);
}

void Frame::visit(NodeId node, Around& around) {
  if (node == no_node) return;
  switch (tree_.kind(node)) {
    case Kind::function_definition_:
      for (const NodeId parameter : tree_.children(tree_.child(node, Field::parameters_))) {
        visit(tree_.child(parameter, Field::value_), around);
      }
      return;
    case Kind::lambda_:
    case Kind::type_:
    case Kind::import_statement_:
    case Kind::import_from_statement_:
    case Kind::future_import_statement_:
    case Kind::global_statement_:
    case Kind::nonlocal_statement_: return;
    case Kind::call_: call(node, around); return;
    case Kind::await_:
      visit(tree_.first(node), around);
      suspension(node, facts::SuspendKind::await, tree_.first(node), around);
      return;
    case Kind::keyword_argument_: visit(tree_.child(node, Field::value_), around); return;
    case Kind::for_statement_:
    case Kind::while_statement_: loop(node, around); return;
    case Kind::list_comprehension_:
    case Kind::set_comprehension_:
    case Kind::dictionary_comprehension_:
    case Kind::generator_expression_: comprehension(node, around); return;
    case Kind::with_statement_: with(node, around); return;
    case Kind::if_statement_:
    case Kind::elif_clause_:
    case Kind::conditional_expression_:
    case Kind::except_clause_:
    case Kind::case_clause_: branch(node, around); return;
    case Kind::assignment_:
    case Kind::augmented_assignment_:
    case Kind::named_expression_: assignment(node, around); return;
    case Kind::attribute_:
      visit(tree_.child(node, Field::object_), around);
      property(node, around);
      return;
    case Kind::subscript_:
    case Kind::binary_operator_:
      children(node, around);
      operation(node, around);
      return;
    case Kind::identifier_: access(node, around); return;
    default: children(node, around); return;
  }
}

// --- branches and loops -------------------------------------------------------------------------------------------------

void Frame::branch(NodeId node, Around& around) {
  if (tree_.kind(node) == Kind::conditional_expression_) {
    visit(tree_.at(node, 1), around);
    Around inside = around;
    inside.guards.emplace_back("branch");
    visit(tree_.at(node, 0), inside);
    visit(tree_.at(node, 2), inside);
    return;
  }
  if (tree_.kind(node) == Kind::except_clause_ || tree_.kind(node) == Kind::case_clause_) {
    Around inside = around;
    inside.guards.emplace_back(tree_.kind(node) == Kind::except_clause_ ? "except" : "branch");
    children(node, inside);
    return;
  }
  const NodeId condition = tree_.child(node, Field::condition_);
  const std::string_view text = tree_.text(condition);
  visit(condition, around);
  const bool type_checking = text == "TYPE_CHECKING" || text.ends_with(".TYPE_CHECKING");
  for (const NodeId child : tree_.children(node)) {
    if (child == condition) continue;
    if (tree_[child].field == Field::consequence_) {
      if (type_checking) continue;
      Around inside = around;
      inside.guards.emplace_back(is_main_guard(text) ? "main-guard" : "branch");
      if (first_use(condition, child)) inside.guards.emplace_back("once");
      if (text.ends_with(".done()")) inside.guards.push_back("ready:" + std::string(text.substr(0, text.size() - 7)));
      visit(child, inside);
    } else {
      Around inside = around;
      if (tree_.kind(child) == Kind::else_clause_) inside.guards.emplace_back("branch");
      visit(child, inside);
    }
  }
  if (tree_.kind(node) == Kind::if_statement_ && leaves(tree_.child(node, Field::consequence_))) {
    ready_after(condition, around);
    // `if made is not None: return made` of a global: what follows makes it.
    constexpr std::string_view made = " is not None";
    const std::string_view name = text.ends_with(made) ? text.substr(0, text.size() - made.size()) : text;
    if (module_.scopes.all[scope_].outer.contains(name)) around.guards.emplace_back("once");
  }
}

/// Whether a branch makes something for the whole program where it is not there yet: `if made is None: made = ...` of a global
/// or of a class's attribute.
bool Frame::first_use(NodeId condition, NodeId branch) {
  std::string_view name = tree_.text(condition);
  constexpr std::string_view none = " is None";
  if (name.ends_with(none)) name.remove_suffix(none.size());
  else if (name.starts_with("not ")) name.remove_prefix(4);
  else return false;
  bool shared = module_.scopes.all[scope_].outer.contains(name);
  for (NodeId at = branch; at < tree_[branch].last; ++at) {
    if (tree_.kind(at) != Kind::assignment_) continue;
    const NodeId left = tree_.child(at, Field::left_);
    if (tree_.text(left) != name) continue;
    if (!shared && tree_.kind(left) == Kind::attribute_) {
      const Values& owner = inference_.eval(module_.id, tree_.child(left, Field::object_));
      shared = std::ranges::any_of(owner, [](const Value& one) { return one.is(Value::Kind::class_) || one.is(Value::Kind::module); });
    }
    return shared;
  }
  return false;
}

/// Whether a block ends by leaving what is around it.
bool Frame::leaves(NodeId block) const {
  Kind last = Kind::block_;
  for (const NodeId child : tree_.children(block)) last = tree_.kind(child);
  return last == Kind::return_statement_ || last == Kind::raise_statement_ || last == Kind::continue_statement_ || last == Kind::break_statement_;
}

/// What holds where the condition `not future.done()` does not.
void Frame::ready_after(NodeId condition, Around& around) {
  const std::string_view text = tree_.text(condition);
  constexpr std::string_view asks = ".done()";
  if (tree_.kind(condition) != Kind::not_operator_ || !text.starts_with("not ") || !text.ends_with(asks)) return;
  around.guards.push_back("ready:" + std::string(text.substr(4, text.size() - 4 - asks.size())));
}

void Frame::loop(NodeId node, Around& around) {
  Around inside = around;
  if (tree_.kind(node) == Kind::for_statement_) {
    const NodeId iterable = tree_.child(node, Field::right_);
    visit(iterable, around);
    inside.loop = open_loop(node, iterable, around);
    if (tree_[node].async) suspension(node, facts::SuspendKind::async_for, iterable, inside);
    else consume_all(node, iterable, inside);
    taken_out(tree_.child(node, Field::left_), iterable);
    visit(tree_.child(node, Field::left_), inside);
  } else {
    const NodeId condition = tree_.child(node, Field::condition_);
    const int index = open_loop(node, no_node, around);
    inside.loop = index;
    const auto value = constant(module_, condition);
    facts::Loop& made = out_.loops[static_cast<std::size_t>(index)];
    made.bound = value && *value != 0 ? facts::Bound::endless : facts::Bound::condition;
    made.polls = polls(node);
    if (!value) counted(made, node);
    visit(condition, inside);
  }
  const NodeId body = tree_.child(node, Field::body_);
  out_.loops[static_cast<std::size_t>(inside.loop)].always_suspends = tree_[node].async || always_suspends(body);
  visit(body, inside);
  for (const NodeId child : tree_.children(node)) {
    if (tree_.kind(child) == Kind::else_clause_) visit(child, around);
  }
  // `while not future.done(): ...` ends when it is.
  if (!out_.loops[static_cast<std::size_t>(inside.loop)].exits) ready_after(tree_.child(node, Field::condition_), around);
}

void Frame::comprehension(NodeId node, Around& around) {
  Around inside = around;
  for (const NodeId child : tree_.children(node)) {
    if (tree_.kind(child) == Kind::for_in_clause_) {
      const NodeId iterable = tree_.child(child, Field::right_);
      visit(iterable, inside);
      inside.loop = open_loop(child, iterable, inside);
      if (tree_[child].async) suspension(child, facts::SuspendKind::async_for, iterable, inside);
      else consume_all(child, iterable, inside);
      taken_out(tree_.child(child, Field::left_), iterable);
    } else if (tree_.kind(child) == Kind::if_clause_) {
      children(child, inside);
    }
  }
  visit(tree_.child(node, Field::body_), inside);
}

// --- with ---------------------------------------------------------------------------------------------------------------

void Frame::with(NodeId node, Around& around) {
  Around inside = around;
  const bool async = tree_[node].async;
  std::vector<std::string> stacks;  // what may be an ExitStack: it lets go of all at the end
  for (const NodeId clause : tree_.children(node)) {
    if (tree_.kind(clause) != Kind::with_clause_) continue;
    for (const NodeId item : tree_.children(clause)) {
      const NodeId value = tree_.bare(tree_.child(item, Field::value_));
      std::vector<NodeId> managers;
      if (tree_.kind(value) == Kind::tuple_) {
        for (const NodeId one : tree_.children(value)) managers.push_back(one);
      } else {
        managers.push_back(value);
      }
      for (NodeId manager : managers) {
        if (tree_.kind(manager) == Kind::as_pattern_) {
          NodeId target = no_node;
          for (const NodeId part : tree_.children(manager)) target = part;
          stacks.emplace_back(tree_.text(target));
          manager = tree_.first(manager);
        }
        visit(manager, inside);
        enter(node, manager, async, inside);
      }
    }
  }
  visit(tree_.child(node, Field::body_), inside);
  for (const std::string& stack : stacks) std::erase_if(manual_, [&](const auto& held) { return held.first == stack; });
}

/// The lock that a generator holds while it is suspended, as `with lock: yield` in a context manager does.
const LockRow* Frame::held_at_yield(Ref generator, std::string& type) {
  const Module& there = project_.module(generator.module);
  const Scope& scope = project_.scope(generator);
  for (NodeId at = scope.node; at < there.tree[scope.node].last; ++at) {
    if (there.tree.kind(at) != Kind::with_statement_ || there.tree[at].async || there.scopes.frame_of(at) != generator.scope) continue;
    const bool yields = std::ranges::any_of(scope.yields, [&](NodeId yield) { return there.tree.inside(yield, at); });
    if (!yields) continue;
    for (const NodeId clause : there.tree.children(at)) {
      if (there.tree.kind(clause) != Kind::with_clause_) continue;
      for (const NodeId item : there.tree.children(clause)) {
        NodeId manager = there.tree.bare(there.tree.child(item, Field::value_));
        if (there.tree.kind(manager) == Kind::as_pattern_) manager = there.tree.first(manager);
        if (const LockRow* row = lock_row(inference_.eval(generator.module, manager), type)) return row;
      }
    }
  }
  return acquired_before_yield(generator, type);
}

/// The same of `lock.acquire()` before the yield and `lock.release()` behind it.
const LockRow* Frame::acquired_before_yield(Ref generator, std::string& type) {
  const Module& there = project_.module(generator.module);
  const Tree& tree = there.tree;
  const Scope& scope = project_.scope(generator);
  if (scope.yields.empty()) return nullptr;
  NodeId taken = no_node;
  for (NodeId at = scope.node; at < scope.yields.front(); ++at) {
    if (tree.kind(at) != Kind::call_ || there.scopes.frame_of(at) != generator.scope) continue;
    const NodeId function = tree.child(at, Field::function_);
    if (tree.kind(function) != Kind::attribute_) continue;
    const std::string_view method = tree.text(tree.child(function, Field::attribute_));
    const NodeId object = tree.child(function, Field::object_);
    // Only one whose result is not asked for: a lock that may not have been had is no lock held.
    if (method == "acquire" && tree.kind(tree[at].parent) == Kind::expression_statement_) taken = object;
    else if (method == "release" && taken != no_node && tree.text(object) == tree.text(taken)) taken = no_node;
  }
  return taken == no_node ? nullptr : lock_row(inference_.eval(generator.module, taken), type);
}

void Frame::enter(NodeId node, NodeId manager, bool async, Around& around) {
  const Values& values = inference_.eval(module_.id, manager);
  if (async) suspension(node, facts::SuspendKind::async_with, manager, around);
  std::string type;
  const LockRow* row = lock_row(values, type);
  for (const Value& one : values)
    if (row == nullptr && !async && one.is(Value::Kind::generator)) row = held_at_yield(one.ref, type);
  if (row != nullptr) {
    facts::Lock lock;
    lock.place = place(node);
    lock.mutex = value(manager);
    lock.type = type;
    lock.cooperative = row->kind == "cooperative";
    lock.shared = row->shared;
    lock.first_line = static_cast<int>(tree_.line(node));
    lock.last_line = static_cast<int>(tree_.end_line(node));
    lock.whole_body = whole_body(node);
    around.held.push_back(static_cast<int>(out_.locks.size()));
    out_.locks.push_back(std::move(lock));
    return;
  }
  for (const Value& one : values) {
    if (one.is(Value::Kind::instance)) {
      for (const std::string_view method : {"__enter__", "__exit__"}) {
        if (!async) implicit(manager, std::string(method) + " of the with block", inference_.attribute(one, method), false, around);
      }
    } else if (one.is(Value::Kind::generator) && !async) {
      implicit(manager, "body of the context manager", {{.kind = Value::Kind::function, .ref = one.ref}}, true, around);
    } else if (one.is(Value::Kind::object) && !async) {
      const std::string name = one.name + ".__enter__";
      if (knowledge_.effect(name) != nullptr) implicit_named(manager, "with block", name, around);
      // Leaving the block waits for what was submitted and not yet waited for.
      const PoolRow* pool = knowledge_.pool(one.name);
      const NodeId body = tree_.child(node, Field::body_);
      if (pool == nullptr || body == no_node) continue;
      const std::string_view text = tree_.text(body);
      const bool submits = text.find(".submit(") != std::string_view::npos || text.find(".map(") != std::string_view::npos;
      if (submits && text.find("await ") == std::string_view::npos && text.find(".result(") == std::string_view::npos) {
        implicit_named(manager, "end of the with block", "concurrent.futures.Executor.__exit__", around);
      }
    }
  }
}

bool Frame::whole_body(NodeId statement) const {
  const NodeId block = tree_[statement].parent;
  const NodeId function = tree_[block].parent;
  if (tree_.kind(function) != Kind::function_definition_) return false;
  for (const NodeId child : tree_.children(block)) {
    const bool docstring = tree_.kind(child) == Kind::expression_statement_ && tree_.kind(tree_.first(child)) == Kind::string_;
    const bool declares = tree_.kind(child) == Kind::global_statement_ || tree_.kind(child) == Kind::nonlocal_statement_;
    if (child != statement && !docstring && !declares) return false;
  }
  return true;
}

void Frame::suspension(NodeId node, facts::SuspendKind kind, NodeId operand, const Around& around) {
  facts::Suspension suspension;
  suspension.place = place(node);
  suspension.kind = kind;
  suspension.operand = value(operand);
  suspension.loop = around.loop;
  suspension.held = around.held;
  for (const auto& [object, lock] : manual_) suspension.held.push_back(lock);
  suspension.after = {-1};
  if (const auto found = call_of_node_.find(tree_.bare(operand)); found != call_of_node_.end()) suspension.call = found->second;
  out_.suspensions.push_back(std::move(suspension));
}

// --- names --------------------------------------------------------------------------------------------------------------

void Frame::assignment(NodeId node, Around& around) {
  const bool augmented = tree_.kind(node) == Kind::augmented_assignment_;
  NodeId left = tree_.child(node, Field::left_);
  NodeId right = tree_.child(node, Field::right_);
  if (tree_.kind(node) == Kind::named_expression_) {
    left = tree_.child(node, Field::name_);
    right = tree_.child(node, Field::value_);
  }
  visit(right, around);
  if (left == no_node) return;
  visit(left, around);
  if (right == no_node || augmented) return;
  if (tree_.kind(left) == Kind::subscript_) put_in(left, right);
  else taken_out(left, right);
  const std::string target = storage(left);
  if (target.empty()) return;
  while (tree_.kind(right) == Kind::assignment_) right = tree_.child(right, Field::right_);
  for (const std::string& source : value(right).sources) {
    if (source != target) unit_.flows.push_back({source, target});
  }
}

/// Reads and writes of the module's variables: those bound by assignment, wherever they are used.
void Frame::access(NodeId name, const Around&) {
  const std::string_view text = tree_.text(name);
  for (ScopeId at = module_.scopes.of_node[name]; at != no_scope; at = module_.scopes.all[at].parent) {
    const Scope& scope = module_.scopes.all[at];
    const bool declared = scope.outer.contains(text);
    if (!declared && at != module_scope) {
      if (scope.names.contains(text)) return;
      continue;
    }
    const auto found = module_.scopes.all[module_scope].names.find(text);
    if (found == module_.scopes.all[module_scope].names.end()) return;
    if (std::ranges::none_of(found->second, [](const Binding& b) { return b.kind == Binding::Kind::assign; })) return;
    facts::Access access;
    access.place = place(name);
    access.name = text;
    access.node = facts::node::storage(project_.key({module_.id, module_scope}) + "." + std::string(text));
    access.after = {-1};
    const Node& node = tree_[name];
    const Kind parent = tree_.kind(node.parent);
    const bool assigned = (parent == Kind::assignment_ || parent == Kind::augmented_assignment_) && node.field == Field::left_;
    if (assigned) access.write = true;
    if (parent == Kind::subscript_ && node.field == Field::value_) {
      const Node& subscript = tree_[node.parent];
      const Kind above = tree_.kind(subscript.parent);
      access.write = ((above == Kind::assignment_ || above == Kind::augmented_assignment_) && subscript.field == Field::left_) ||
                     above == Kind::delete_statement_;
    }
    if (parent == Kind::attribute_ && node.field == Field::object_ &&
        tree_.kind(tree_[node.parent].parent) == Kind::call_ && tree_[node.parent].field == Field::function_) {
      access.write = is_mutator(tree_.text(tree_.child(node.parent, Field::attribute_)));
    }
    out_.accesses.push_back(std::move(access));
    return;
  }
}

}  // namespace concadvise::python
