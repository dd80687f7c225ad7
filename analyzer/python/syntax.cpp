#include "analyzer/python/syntax.h"

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>

#include <fmt/format.h>
#include <tree_sitter/api.h>

#include "analyzer/python/parse_memory.h"

extern "C" const TSLanguage* tree_sitter_python();

namespace concadvise::python {
namespace {

// Deeper than any code that a person writes; CPython's own parser stops at 200 levels of brackets and 100 of blocks.
// Below it the recursive steps after this one would need an unbounded stack.
constexpr int max_depth = 1500;

struct Names {
  std::vector<Kind> kinds;    // by TSSymbol
  std::vector<Field> fields;  // by TSFieldId
  std::vector<bool> async;    // by TSSymbol: the word of that name
  std::vector<bool> from;
  TSSymbol comment = 0;
};

Names read_names(const TSLanguage* language) {
  const std::unordered_map<std::string_view, Kind> kind_of = {
      {"ERROR", Kind::error}, {"true", Kind::true_}, {"false", Kind::false_},
#define CONCADVISE_KIND(name) {#name, Kind::name##_},
      CONCADVISE_PYTHON_KINDS(CONCADVISE_KIND)
#undef CONCADVISE_KIND
  };
  const std::unordered_map<std::string_view, Field> field_of = {
#define CONCADVISE_FIELD(name) {#name, Field::name##_},
      CONCADVISE_PYTHON_FIELDS(CONCADVISE_FIELD)
#undef CONCADVISE_FIELD
  };
  Names names;
  names.kinds.resize(ts_language_symbol_count(language), Kind::other);
  names.async.resize(names.kinds.size());
  names.from.resize(names.kinds.size());
  for (std::uint32_t symbol = 0; symbol < names.kinds.size(); ++symbol) {
    const auto id = static_cast<TSSymbol>(symbol);
    const std::string_view name = ts_language_symbol_name(language, id);
    names.async[symbol] = name == "async";
    names.from[symbol] = name == "from";
    if (ts_language_symbol_type(language, id) != TSSymbolTypeRegular) continue;
    if (const auto found = kind_of.find(name); found != kind_of.end()) names.kinds[symbol] = found->second;
    if (name == "comment") names.comment = id;
  }
  names.fields.resize(ts_language_field_count(language) + 1, Field::none);
  for (std::uint32_t field = 1; field < names.fields.size(); ++field) {
    const char* name = ts_language_field_name_for_id(language, static_cast<TSFieldId>(field));
    if (const auto found = field_of.find(name); found != field_of.end()) names.fields[field] = found->second;
  }
  return names;
}

/// Copies the parser's tree, iteratively: its depth is the input's choice.
class Copier {
 public:
  Copier(const Names& names, Tree& tree) : names_(names), tree_(tree) {}

  void copy(TSNode root) {
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    bool more = true;
    while (more) {
      const bool kept = visit(cursor);
      if (kept && ts_tree_cursor_goto_first_child(&cursor)) continue;
      if (kept) close();
      while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
        if (open_.size() <= 1 || !ts_tree_cursor_goto_parent(&cursor)) {
          more = false;
          break;
        }
        close();
      }
    }
    while (!open_.empty()) close();
    ts_tree_cursor_delete(&cursor);
  }

 private:
  void note(TSNode node, std::string_view what) {
    if (!tree_.error.empty()) return;
    tree_.error_line = ts_node_start_point(node).row + 1;
    tree_.error = fmt::format("line {}: {}", tree_.error_line, what);
  }

  /// True if the node was opened, so that its children follow and it must be closed.
  bool visit(TSTreeCursor& cursor) {
    const TSNode node = ts_tree_cursor_current_node(&cursor);
    const TSSymbol symbol = ts_node_symbol(node);
    if (ts_node_is_missing(node)) note(node, fmt::format("'{}' is missing", ts_node_type(node)));
    if (symbol == names_.comment) {
      tree_.comments.push_back({ts_node_start_point(node).row + 1, ts_node_start_byte(node), ts_node_end_byte(node)});
      return false;
    }
    const bool named = ts_node_is_named(node);
    const TSFieldId field_id = ts_tree_cursor_current_field_id(&cursor);
    if (!named) {
      mark_parent(symbol);
      if (field_id == 0) return false;
    }
    const bool error = ts_node_is_error(node);
    if (error) note(node, "not Python syntax");
    if (open_.size() >= max_depth) {
      note(node, fmt::format("nested deeper than {} levels, not read below that", max_depth));
      return false;
    }
    Node copy;
    copy.kind = error ? Kind::error : !named ? Kind::token : names_.kinds[symbol];
    copy.field = field_id < names_.fields.size() ? names_.fields[field_id] : Field::none;
    copy.begin = ts_node_start_byte(node);
    copy.end = ts_node_end_byte(node);
    open(copy);
    return true;
  }

  void mark_parent(TSSymbol token) {
    if (open_.empty() || token >= names_.async.size()) return;
    Node& parent = tree_.nodes[open_.back()];
    if (names_.async[token]) parent.async = true;
    if (names_.from[token]) parent.from = true;
  }

  void open(Node node) {
    const auto id = static_cast<NodeId>(tree_.nodes.size());
    if (!open_.empty()) {
      node.parent = open_.back();
    }
    tree_.nodes.push_back(node);
    open_.push_back(id);
  }

  void close() {
    tree_.nodes[open_.back()].last = static_cast<NodeId>(tree_.nodes.size());
    open_.pop_back();
  }

  const Names& names_;
  Tree& tree_;
  std::vector<NodeId> open_;
};

}  // namespace

std::string_view Tree::text(NodeId id) const {
  if (id == no_node) return {};
  const Node& node = nodes[id];
  return std::string_view(source).substr(node.begin, node.end - node.begin);
}

std::uint32_t Tree::line_at(std::uint32_t offset) const {
  return static_cast<std::uint32_t>(std::ranges::upper_bound(lines, offset) - lines.begin());
}

std::uint32_t Tree::column(NodeId id) const { return nodes[id].begin - lines[line(id) - 1] + 1; }

NodeId Tree::child(NodeId id, Field field) const {
  for (const NodeId child : children(id)) {
    if (nodes[child].field == field) return child;
  }
  return no_node;
}

NodeId Tree::at(NodeId id, int n) const {
  for (const NodeId child : children(id)) {
    if (n-- == 0) return child;
  }
  return no_node;
}

NodeId Tree::bare(NodeId id) const {
  while (id != no_node && nodes[id].kind == Kind::parenthesized_expression_) id = first(id);
  return id;
}

NodeId Tree::enclosing(NodeId id, Kind kind) const {
  while (id != no_node && nodes[id].kind != kind) id = nodes[id].parent;
  return id;
}

Tree parse(std::string source) {
  static const Names names = read_names(tree_sitter_python());
  Tree tree;
  tree.source = std::move(source);
  tree.lines.push_back(0);
  for (std::size_t at = tree.source.find('\n'); at != std::string::npos; at = tree.source.find('\n', at + 1)) {
    tree.lines.push_back(static_cast<std::uint32_t>(at + 1));
  }
  const ParseMemory memory;  // the tree goes with it
  const std::unique_ptr<TSParser, decltype(&ts_parser_delete)> parser(ts_parser_new(), ts_parser_delete);
  ts_parser_set_language(parser.get(), tree_sitter_python());
  const TSTree* parsed =
      ts_parser_parse_string(parser.get(), nullptr, tree.source.data(), static_cast<std::uint32_t>(tree.source.size()));
  if (!parsed) {
    tree.error = "line 1: could not be parsed";
    tree.nodes.push_back({.kind = Kind::module_, .last = 1});
    return tree;
  }
  tree.nodes.reserve(tree.source.size() / 4);
  Copier(names, tree).copy(ts_tree_root_node(parsed));
  if (tree.nodes.empty()) tree.nodes.push_back({.kind = Kind::module_, .last = 1});
  tree.nodes.shrink_to_fit();
  return tree;
}

}  // namespace concadvise::python
