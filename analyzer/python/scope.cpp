#include "analyzer/python/scope.h"

#include <algorithm>

namespace concadvise::python {
namespace {

bool is_comprehension(Kind kind) {
  return kind == Kind::list_comprehension_ || kind == Kind::set_comprehension_ || kind == Kind::dictionary_comprehension_ ||
         kind == Kind::generator_expression_;
}

bool opens_scope(Kind kind) {
  return kind == Kind::function_definition_ || kind == Kind::class_definition_ || kind == Kind::lambda_ || is_comprehension(kind);
}

class Binder {
 public:
  explicit Binder(const Tree& tree) : tree_(tree) {}

  Scopes run() {
    out_.all.push_back({});
    out_.all[0].name = "<module>";
    out_.of_node.assign(tree_.nodes.size(), module_scope);
    // First where everything stands: a target is bound when its statement is visited, which is before its own turn.
    for (NodeId id = 0; id < tree_.nodes.size(); ++id) {
      if (id != 0) out_.of_node[id] = place(id);
      open_at(id);
    }
    for (NodeId id = 0; id < tree_.nodes.size(); ++id) visit(id);
    return std::move(out_);
  }

 private:
  /// The scope a node is evaluated in follows from its parent's: bodies are inside, defaults, annotations, decorators and
  /// base classes outside.
  ScopeId place(NodeId id) const {
    const Node& node = tree_[id];
    if (!opens_scope(tree_.kind(node.parent))) return out_.of_node[node.parent];
    const auto opened = out_.opened_by.find(node.parent);
    if (node.field == Field::body_ || is_comprehension(tree_.kind(node.parent))) return opened->second;
    return out_.of_node[node.parent];
  }

  void add(ScopeId scope, NodeId name_node, Binding binding) {
    binding.site = name_node;
    add_named(scope, tree_.text(name_node), binding);
  }

  void add_named(ScopeId scope, std::string_view name, const Binding& binding) {
    Scope& target = out_.all[scope];
    if (target.outer.contains(name)) {
      out_.all[module_scope].names[name].push_back(binding);
      return;
    }
    if (target.nonlocal.contains(name) && target.parent != no_scope) {
      out_.all[target.parent].names[name].push_back(binding);
      return;
    }
    target.names[name].push_back(binding);
  }

  void open(Scope::Kind kind, NodeId node) {
    const auto id = static_cast<ScopeId>(out_.all.size());
    Scope scope;
    scope.kind = kind;
    scope.node = node;
    scope.parent = out_.of_node[node];
    scope.name = kind == Scope::Kind::lambda ? "<lambda>" : tree_.text(tree_.child(node, Field::name_));
    scope.async = tree_[node].async;
    out_.all.push_back(std::move(scope));
    out_.opened_by[node] = id;
  }

  void open_at(NodeId id) {
    switch (tree_.kind(id)) {
      case Kind::function_definition_: open(Scope::Kind::function, id); return;
      case Kind::class_definition_: open(Scope::Kind::class_, id); return;
      case Kind::lambda_: open(Scope::Kind::lambda, id); return;
      default:
        if (is_comprehension(tree_.kind(id))) open(Scope::Kind::comprehension, id);
    }
  }

  void visit(NodeId id) {
    switch (tree_.kind(id)) {
      case Kind::function_definition_: return function(id);
      case Kind::class_definition_: return class_(id);
      case Kind::lambda_: return parameters(out_.opened_by.at(id), tree_.child(id, Field::parameters_));
      case Kind::import_statement_: return import_(id);
      case Kind::import_from_statement_: return import_from(id);
      case Kind::assignment_: return assignment(id);
      case Kind::augmented_assignment_:
        return target(tree_.child(id, Field::left_),
                      {.kind = Binding::Kind::augmented, .value = tree_.child(id, Field::right_)});
      case Kind::named_expression_: return walrus(id);
      case Kind::for_statement_:
      case Kind::for_in_clause_:
        if (tree_[id].async) scope_here(id).awaits.push_back(id);
        return target(tree_.child(id, Field::left_), {.kind = Binding::Kind::element, .async = tree_[id].async,
                                                      .value = tree_.child(id, Field::right_)});
      case Kind::with_statement_:
        if (tree_[id].async) scope_here(id).awaits.push_back(id);
        return;
      case Kind::with_item_: return with_item(id);
      case Kind::except_clause_: return except(id);
      case Kind::case_pattern_: return pattern(id);
      case Kind::global_statement_: return outer(id, true);
      case Kind::nonlocal_statement_: return outer(id, false);
      case Kind::return_statement_:
        if (tree_.first(id) != no_node) scope_here(id).returns.push_back(tree_.first(id));
        return;
      case Kind::yield_: scope_here(id).yields.push_back(id); return;
      case Kind::await_: scope_here(id).awaits.push_back(id); return;
      default: return;
    }
  }

  Scope& scope_here(NodeId id) { return out_.all[out_.frame(out_.of_node[id])]; }

  void function(NodeId id) {
    const ScopeId outside = out_.of_node[id];
    const ScopeId scope = out_.opened_by.at(id);
    add(outside, tree_.child(id, Field::name_),
        {.kind = Binding::Kind::function, .value = id, .index = static_cast<int>(scope)});
    decorators(scope, id);
    parameters(scope, tree_.child(id, Field::parameters_));
    Scope& made = out_.all[scope];
    if (out_.all[outside].kind != Scope::Kind::class_ || made.parameters.empty()) return;
    for (const NodeId decorator : made.decorators) {
      if (tree_.text(decorator) == "staticmethod") return;
    }
    made.self = made.parameters.front();
  }

  void class_(NodeId id) {
    const ScopeId outside = out_.of_node[id];
    const ScopeId scope = out_.opened_by.at(id);
    add(outside, tree_.child(id, Field::name_),
        {.kind = Binding::Kind::class_, .value = id, .index = static_cast<int>(scope)});
    decorators(scope, id);
  }

  void decorators(ScopeId scope, NodeId id) {
    const NodeId parent = tree_[id].parent;
    if (tree_.kind(parent) != Kind::decorated_definition_) return;
    for (const NodeId child : tree_.children(parent)) {
      if (tree_.kind(child) == Kind::decorator_) out_.all[scope].decorators.push_back(tree_.first(child));
    }
  }

  void parameters(ScopeId scope, NodeId list) {
    int index = 0;
    for (const NodeId child : tree_.children(list)) {
      Binding binding{.kind = Binding::Kind::parameter};
      NodeId name = no_node;
      switch (tree_.kind(child)) {
        case Kind::identifier_: name = child; break;
        case Kind::list_splat_pattern_:
        case Kind::dictionary_splat_pattern_: name = tree_.first(child); break;
        case Kind::typed_parameter_:
          name = tree_.first(child);
          if (tree_.kind(name) != Kind::identifier_) name = tree_.first(name);
          else binding.annotation = tree_.child(child, Field::type_);
          break;
        case Kind::default_parameter_:
        case Kind::typed_default_parameter_:
          name = tree_.child(child, Field::name_);
          binding.value = tree_.child(child, Field::value_);
          binding.annotation = tree_.child(child, Field::type_);
          break;
        default: continue;
      }
      if (name == no_node) continue;
      binding.index = index++;
      out_.all[scope].parameters.push_back(tree_.text(name));
      add(scope, name, binding);
    }
  }

  bool under_type_checking(NodeId id) const {
    for (NodeId up = tree_[id].parent; up != no_node; up = tree_[up].parent) {
      if (tree_.kind(up) != Kind::if_statement_) continue;
      const std::string_view condition = tree_.text(tree_.child(up, Field::condition_));
      if (condition == "TYPE_CHECKING" || condition.ends_with(".TYPE_CHECKING")) return true;
    }
    return false;
  }

  void bind_import(NodeId statement, NodeId name_node, std::string_view bound, Import import) {
    import.node = name_node;
    import.type_checking = under_type_checking(statement);
    out_.imports.push_back(std::move(import));
    Binding binding{.kind = Binding::Kind::import, .site = name_node,
                    .index = static_cast<int>(out_.imports.size()) - 1};
    add_named(out_.of_node[statement], bound, binding);
  }

  void import_(NodeId id) {
    for (const NodeId child : tree_.children(id)) {
      if (tree_.kind(child) == Kind::aliased_import_) {
        bind_import(id, child, tree_.text(tree_.child(child, Field::alias_)),
                    {.module = std::string(tree_.text(tree_.child(child, Field::name_))), .whole = true});
      } else if (tree_.kind(child) == Kind::dotted_name_) {
        const std::string_view full = tree_.text(child);
        bind_import(id, child, full.substr(0, full.find('.')), {.module = std::string(full)});
      }
    }
  }

  void import_from(NodeId id) {
    Import import;
    const NodeId module = tree_.child(id, Field::module_name_);
    if (tree_.kind(module) == Kind::relative_import_) {
      for (const NodeId child : tree_.children(module)) {
        const std::string_view text = tree_.text(child);
        if (tree_.kind(child) == Kind::import_prefix_) import.level = static_cast<int>(std::ranges::count(text, '.'));
        else import.module = text;
      }
    } else {
      import.module = tree_.text(module);
    }
    for (const NodeId child : tree_.children(id)) {
      if (child == module) continue;
      Import one = import;
      if (tree_.kind(child) == Kind::wildcard_import_) {
        one.symbol = "*";
        bind_import(id, child, "*", std::move(one));
      } else if (tree_.kind(child) == Kind::aliased_import_) {
        one.symbol = tree_.text(tree_.child(child, Field::name_));
        bind_import(id, child, tree_.text(tree_.child(child, Field::alias_)), std::move(one));
      } else if (tree_.kind(child) == Kind::dotted_name_) {
        one.symbol = tree_.text(child);
        bind_import(id, child, tree_.text(child), std::move(one));
      }
    }
  }

  void assignment(NodeId id) {
    NodeId value = tree_.child(id, Field::right_);
    while (tree_.kind(value) == Kind::assignment_) value = tree_.child(value, Field::right_);
    target(tree_.child(id, Field::left_),
           {.kind = Binding::Kind::assign, .value = value, .annotation = tree_.child(id, Field::type_)});
  }

  void walrus(NodeId id) {
    ScopeId scope = out_.of_node[id];
    while (out_.all[scope].kind == Scope::Kind::comprehension) scope = out_.all[scope].parent;
    add(scope, tree_.child(id, Field::name_),
        {.kind = Binding::Kind::assign, .value = tree_.child(id, Field::value_)});
  }

  /// Binds every name in a target; in a nested one the position is that of the outermost, which is all that is followed.
  void target(NodeId id, Binding binding, int depth = 0) {
    if (id == no_node) return;
    switch (tree_.kind(id)) {
      case Kind::identifier_: add(out_.of_node[id], id, binding); return;
      case Kind::attribute_: attribute(id, binding); return;
      case Kind::pattern_list_:
      case Kind::tuple_pattern_:
      case Kind::list_pattern_:
      case Kind::tuple_:
      case Kind::list_: {
        int index = 0;
        for (const NodeId child : tree_.children(id)) {
          Binding inner = binding;
          if (depth > 0) inner.kind = Binding::Kind::opaque;
          inner.index = index++;
          target(child, inner, depth + 1);
        }
        return;
      }
      case Kind::list_splat_pattern_:
        binding.kind = Binding::Kind::opaque;
        target(tree_.first(id), binding, depth + 1);
        return;
      case Kind::as_pattern_target_:
      case Kind::parenthesized_expression_: target(tree_.first(id), binding, depth); return;
      default: return;
    }
  }

  void attribute(NodeId id, Binding binding) {
    const NodeId object = tree_.child(id, Field::object_);
    if (tree_.kind(object) != Kind::identifier_) return;
    const ScopeId frame = out_.frame(out_.of_node[id]);
    const Scope& method = out_.all[frame];
    if (method.self.empty() || tree_.text(object) != method.self) return;
    binding.site = id;
    out_.all[method.parent].attributes[tree_.text(tree_.child(id, Field::attribute_))].push_back(binding);
  }

  void with_item(NodeId id) {
    const NodeId value = tree_.bare(tree_.child(id, Field::value_));
    const NodeId statement = tree_.enclosing(id, Kind::with_statement_);
    const bool async = statement != no_node && tree_[statement].async;
    if (tree_.kind(value) == Kind::as_pattern_) {
      target(tree_.child(value, Field::alias_),
             {.kind = Binding::Kind::enter, .async = async, .value = tree_.first(value)});
    } else if (tree_.kind(value) == Kind::tuple_) {  // with (a as b, c as d): parsed as a tuple in a single item
      for (const NodeId child : tree_.children(value)) {
        if (tree_.kind(child) != Kind::as_pattern_) continue;
        target(tree_.child(child, Field::alias_),
               {.kind = Binding::Kind::enter, .async = async, .value = tree_.first(child)});
      }
    }
  }

  void except(NodeId id) {
    for (const NodeId child : tree_.children(id)) {
      if (tree_.kind(child) != Kind::as_pattern_) continue;
      target(tree_.child(child, Field::alias_), {.kind = Binding::Kind::opaque});
    }
  }

  void pattern(NodeId id) {
    for (NodeId inner = id + 1; inner < tree_[id].last; ++inner) {
      if (tree_.kind(inner) == Kind::identifier_) add(out_.of_node[tree_[id].parent], inner, {});
    }
  }

  void outer(NodeId id, bool global) {
    Scope& scope = out_.all[out_.of_node[id]];
    for (const NodeId child : tree_.children(id)) (global ? scope.outer : scope.nonlocal).insert(tree_.text(child));
  }

  const Tree& tree_;
  Scopes out_;
};

}  // namespace

ScopeId Scopes::frame(ScopeId scope) const {
  while (all[scope].kind == Scope::Kind::comprehension) scope = all[scope].parent;
  return scope;
}

std::string Scopes::qualified_name(ScopeId scope) const {
  if (scope == module_scope) return "<module>";
  std::string name;
  for (ScopeId at = scope; at != module_scope && at != no_scope; at = all[at].parent) {
    if (all[at].kind == Scope::Kind::comprehension) continue;
    name = name.empty() ? std::string(all[at].name) : std::string(all[at].name) + "." + name;
  }
  return name;
}

Scopes bind(const Tree& tree) { return Binder(tree).run(); }

}  // namespace concadvise::python
