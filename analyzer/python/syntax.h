// A Python file as a compact tree of our own. The parser's tree costs ten times the source; this one is what every later
// step reads, and the parser is known to syntax.cpp alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace concadvise::python {

// Names are the grammar's own, so that a node can be looked up in the grammar.
#define CONCADVISE_PYTHON_KINDS(X)                                                                                     \
  X(module) X(block) X(expression_statement) X(function_definition) X(class_definition) X(decorated_definition)       \
  X(decorator) X(parameters) X(lambda_parameters) X(typed_parameter) X(default_parameter) X(typed_default_parameter)  \
  X(list_splat_pattern) X(dictionary_splat_pattern) X(keyword_separator) X(positional_separator) X(import_statement)  \
  X(import_from_statement) X(future_import_statement) X(aliased_import) X(dotted_name) X(relative_import)             \
  X(import_prefix) X(wildcard_import) X(if_statement) X(elif_clause) X(else_clause) X(for_statement)                  \
  X(while_statement) X(try_statement) X(except_clause) X(finally_clause) X(with_statement) X(with_clause)             \
  X(with_item) X(as_pattern) X(as_pattern_target) X(match_statement) X(case_clause) X(case_pattern)                   \
  X(return_statement) X(raise_statement) X(assert_statement) X(delete_statement) X(global_statement)                  \
  X(nonlocal_statement) X(pass_statement) X(break_statement) X(continue_statement) X(print_statement)                 \
  X(exec_statement) X(assignment) X(augmented_assignment) X(named_expression) X(await) X(yield) X(call)               \
  X(argument_list) X(keyword_argument) X(list_splat) X(dictionary_splat) X(attribute) X(subscript) X(slice)           \
  X(identifier) X(lambda) X(conditional_expression) X(boolean_operator) X(not_operator) X(comparison_operator)        \
  X(binary_operator) X(unary_operator) X(parenthesized_expression) X(tuple) X(list) X(set) X(dictionary) X(pair)      \
  X(list_comprehension) X(set_comprehension) X(dictionary_comprehension) X(generator_expression) X(for_in_clause)     \
  X(if_clause) X(pattern_list) X(tuple_pattern) X(list_pattern) X(expression_list) X(string)                          \
  X(concatenated_string) X(string_start) X(string_content) X(string_end) X(interpolation) X(integer) X(float)         \
  X(none) X(ellipsis) X(type) X(generic_type) X(type_parameter) X(union_type) X(member_type)

enum class Kind : std::uint8_t {
  other,
  error,
  token,  // an operator kept for its text
  true_,
  false_,
#define CONCADVISE_KIND(name) name##_,
  CONCADVISE_PYTHON_KINDS(CONCADVISE_KIND)
#undef CONCADVISE_KIND
};

#define CONCADVISE_PYTHON_FIELDS(X)                                                                                    \
  X(name) X(body) X(value) X(left) X(right) X(type) X(parameters) X(return_type) X(function) X(arguments) X(object)   \
  X(attribute) X(subscript) X(condition) X(consequence) X(alternative) X(definition) X(module_name) X(alias)          \
  X(superclasses) X(key) X(operator) X(operators) X(argument) X(subject) X(guard) X(expression) X(cause)

enum class Field : std::uint8_t {
  none,
#define CONCADVISE_FIELD(name) name##_,
  CONCADVISE_PYTHON_FIELDS(CONCADVISE_FIELD)
#undef CONCADVISE_FIELD
};

using NodeId = std::uint32_t;
inline constexpr NodeId no_node = ~NodeId{0};

struct Node {
  Kind kind = Kind::other;
  Field field = Field::none;
  bool async = false;       // `async def`, `async for`, `async with`
  bool from = false;        // `yield from`
  NodeId parent = no_node;
  NodeId last = no_node;    // one past the last node of this subtree: [id, last) is the subtree
  std::uint32_t begin = 0;  // bytes
  std::uint32_t end = 0;
};

struct Comment {
  std::uint32_t line = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// One parsed file. Nodes are in source order, a parent before its children: the first child of a node that has any comes
/// right behind it, and the next sibling right behind the node's subtree.
struct Tree {
  std::string source;
  std::vector<std::uint32_t> lines;  // where they begin
  std::vector<Node> nodes;
  std::vector<Comment> comments;
  std::string error;  // the first thing that did not parse, with its line; empty if all did
  std::uint32_t error_line = 0;

  const Node& operator[](NodeId id) const { return nodes[id]; }
  /// The first child, or no_node.
  NodeId first(NodeId id) const { return nodes[id].last > id + 1 ? id + 1 : no_node; }
  /// The next sibling, or no_node.
  NodeId next(NodeId id) const {
    const Node& node = nodes[id];
    return node.parent != no_node && node.last < nodes[node.parent].last ? node.last : no_node;
  }
  std::uint32_t line(NodeId id) const { return line_at(nodes[id].begin); }    // from 1
  std::uint32_t column(NodeId id) const;                                      // bytes, from 1
  std::uint32_t end_line(NodeId id) const { return line_at(nodes[id].end); }  // of the place behind the last byte
  std::uint32_t line_at(std::uint32_t offset) const;
  Kind kind(NodeId id) const { return id == no_node ? Kind::other : nodes[id].kind; }
  std::string_view text(NodeId id) const;
  /// The first child in that field, or no_node.
  NodeId child(NodeId id, Field field) const;
  /// The n-th child of any field, or no_node.
  NodeId at(NodeId id, int n) const;
  /// Without parentheses around it.
  NodeId bare(NodeId id) const;
  /// The nearest ancestor of that kind, or no_node.
  NodeId enclosing(NodeId id, Kind kind) const;
  bool inside(NodeId id, NodeId ancestor) const { return id >= ancestor && id < nodes[ancestor].last; }

  class Children {
   public:
    class Iterator {
     public:
      Iterator(const Tree* tree, NodeId id) : tree_(tree), id_(id) {}
      NodeId operator*() const { return id_; }
      Iterator& operator++() {
        id_ = tree_->next(id_);
        return *this;
      }
      bool operator!=(const Iterator& other) const { return id_ != other.id_; }

     private:
      const Tree* tree_;
      NodeId id_;
    };
    Children(const Tree* tree, NodeId first) : tree_(tree), first_(first) {}
    Iterator begin() const { return {tree_, first_}; }
    Iterator end() const { return {tree_, no_node}; }

   private:
    const Tree* tree_;
    NodeId first_;
  };
  Children children(NodeId id) const { return {this, id == no_node ? no_node : first(id)}; }
};

/// Parses UTF-8 source. Never fails: what does not parse is named in `error`, and the rest of the tree stands.
Tree parse(std::string source);

}  // namespace concadvise::python
