// Who binds which name in which scope of one file. Nothing is resolved across files here.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analyzer/python/syntax.h"

namespace concadvise::python {

using ScopeId = std::uint32_t;
inline constexpr ScopeId module_scope = 0;
inline constexpr ScopeId no_scope = ~ScopeId{0};

/// What an import statement names. `symbol` is empty for `import a.b`, "*" for a star import.
struct Import {
  int level = 0;           // leading dots
  std::string module = {}; // after the dots; may be empty
  std::string symbol = {};
  bool whole = false;      // `import a.b as c`: c is a.b; without alias the name is the first component, a
  bool type_checking = false;
  NodeId node = no_node;
};

struct Binding {
  enum class Kind : std::uint8_t {
    import,      // index: into imports
    function,    // value: function_definition; index: its scope
    class_,      // value: class_definition; index: its scope
    assign,      // value: the expression; index: position if unpacked, else -1
    element,     // value: what is iterated; index as above
    enter,       // value: the context manager
    parameter,   // value: default or no_node; index: position
    augmented,   // value: right side
    opaque,      // except, match, del: bound to something unknown
  };
  Kind kind = Kind::opaque;
  bool async = false;              // async for, async with
  NodeId site = no_node;           // where the name stands
  NodeId value = no_node;
  NodeId annotation = no_node;
  int index = -1;
};

struct Scope {
  enum class Kind : std::uint8_t { module, class_, function, lambda, comprehension };
  Kind kind = Kind::module;
  NodeId node = 0;
  ScopeId parent = no_scope;
  std::string_view name;
  std::unordered_map<std::string_view, std::vector<Binding>> names;
  std::unordered_set<std::string_view> outer;      // declared global
  std::unordered_set<std::string_view> nonlocal;
  std::vector<std::string_view> parameters;        // in order, `*args` and `**kwargs` with their stars cut
  std::vector<NodeId> decorators;                  // expressions
  std::vector<NodeId> returns;                     // expressions of return statements
  std::vector<NodeId> yields;                      // yield nodes
  std::vector<NodeId> awaits;                      // await, async for, async with nodes, comprehensions included
  /// Of a class: `self.x = ...` in its methods, and the scopes they stand in.
  std::unordered_map<std::string_view, std::vector<Binding>> attributes;
  std::string_view self;                           // of a method: the name of its first parameter; empty for static ones
  bool async = false;
  bool is_function() const { return kind == Kind::function || kind == Kind::lambda; }
};

struct Scopes {
  std::vector<Scope> all;
  std::vector<Import> imports;
  std::vector<ScopeId> of_node;   // the scope that a node is evaluated in
  std::unordered_map<NodeId, ScopeId> opened_by;

  /// The function or lambda that a scope belongs to (comprehensions are looked through), or the module or class scope.
  ScopeId frame(ScopeId scope) const;
  ScopeId frame_of(NodeId node) const { return frame(of_node[node]); }
  /// "Class.method" or "outer.inner", as Python's __qualname__ without "<locals>"; "<module>" for the module.
  std::string qualified_name(ScopeId scope) const;
};

Scopes bind(const Tree& tree);

}  // namespace concadvise::python
