#include "analyzer/python/constants.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace concadvise::python {
namespace {

constexpr int max_depth = 20;

std::optional<double> number(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '_' && c != 'j' && c != 'L' && c != 'l') digits += c;
  }
  if (digits.starts_with("0o") || digits.starts_with("0O")) return static_cast<double>(std::strtoll(digits.c_str() + 2, nullptr, 8));
  if (digits.starts_with("0b") || digits.starts_with("0B")) return static_cast<double>(std::strtoll(digits.c_str() + 2, nullptr, 2));
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  if (end == digits.c_str()) return std::nullopt;
  return value;
}

std::optional<double> apply(std::string_view op, double a, double b) {
  double result = 0;
  if (op == "+") result = a + b;
  else if (op == "-") result = a - b;
  else if (op == "*") result = a * b;
  else if (op == "/" && b != 0) result = a / b;
  else if (op == "//" && b != 0) result = std::floor(a / b);
  else if (op == "%" && b != 0) result = a - b * std::floor(a / b);
  else if (op == "**") result = std::pow(a, b);
  else if (op == "<<") result = std::ldexp(a, static_cast<int>(b));
  else return std::nullopt;
  if (!std::isfinite(result)) return std::nullopt;
  return result;
}

}  // namespace

NodeId only_value(const Module& module, NodeId name) {
  const std::string_view text = module.tree.text(name);
  for (ScopeId at = module.scopes.of_node[name]; at != no_scope; at = module.scopes.all[at].parent) {
    const auto found = module.scopes.all[at].names.find(text);
    if (found == module.scopes.all[at].names.end()) continue;
    if (found->second.size() != 1) return no_node;
    const Binding& binding = found->second.front();
    if (binding.kind == Binding::Kind::assign && binding.index < 0) return binding.value;
    return no_node;
  }
  return no_node;
}

std::optional<double> constant(const Module& module, NodeId expression, int depth) {
  const Tree& tree = module.tree;
  expression = tree.bare(expression);
  if (expression == no_node || depth > max_depth) return std::nullopt;
  switch (tree.kind(expression)) {
    case Kind::integer_:
    case Kind::float_: return number(tree.text(expression));
    case Kind::true_: return 1;
    case Kind::false_: return 0;
    case Kind::unary_operator_: {
      const auto value = constant(module, tree.child(expression, Field::argument_), depth + 1);
      if (!value) return std::nullopt;
      return tree.text(expression).starts_with("-") ? -*value : *value;
    }
    case Kind::binary_operator_: {
      const auto a = constant(module, tree.child(expression, Field::left_), depth + 1);
      const auto b = constant(module, tree.child(expression, Field::right_), depth + 1);
      if (!a || !b) return std::nullopt;
      return apply(tree.text(tree.child(expression, Field::operator_)), *a, *b);
    }
    case Kind::identifier_: return constant(module, only_value(module, expression), depth + 1);
    case Kind::call_: {
      if (tree.text(tree.child(expression, Field::function_)) != "int") return std::nullopt;
      return constant(module, tree.at(tree.child(expression, Field::arguments_), 0), depth + 1);
    }
    default: return std::nullopt;
  }
}

namespace {

/// Elements of an array that numpy makes: np.zeros((4000, 4000)), np.random.rand(1000, 1000).
std::optional<std::int64_t> array_elements(const Module& module, std::string_view called, NodeId arguments) {
  if (!called.starts_with("np.") && !called.starts_with("numpy.")) return std::nullopt;
  const std::string_view name = called.substr(called.rfind('.') + 1);
  const bool shaped = name == "zeros" || name == "ones" || name == "empty" || name == "full" || name == "random";
  if (!shaped && name != "rand" && name != "randn" && name != "arange") return std::nullopt;
  const Tree& tree = module.tree;
  double count = 1;
  const auto times = [&](NodeId extent) {
    const auto value = constant(module, extent);
    if (!value || *value < 0) return false;
    count *= *value;
    return true;
  };
  const NodeId first = tree.bare(tree.at(arguments, 0));
  if (first == no_node) return std::nullopt;
  if (tree.kind(first) == Kind::tuple_) {
    for (const NodeId extent : tree.children(first)) {
      if (!times(extent)) return std::nullopt;
    }
  } else if (shaped || name == "arange") {
    if (!times(first)) return std::nullopt;
  } else {
    for (const NodeId extent : tree.children(arguments)) {
      if (!times(extent)) return std::nullopt;
    }
  }
  return static_cast<std::int64_t>(std::min(count, 1e15));
}

}  // namespace

std::optional<std::int64_t> constant_elements(const Module& module, NodeId expression, int depth) {
  const Tree& tree = module.tree;
  expression = tree.bare(expression);
  if (expression == no_node || depth > max_depth) return std::nullopt;
  switch (tree.kind(expression)) {
    case Kind::list_:
    case Kind::tuple_:
    case Kind::set_:
    case Kind::dictionary_:
    case Kind::expression_list_: {
      std::int64_t count = 0;
      for (const NodeId child : tree.children(expression)) {
        if (tree.kind(child) == Kind::list_splat_ || tree.kind(child) == Kind::dictionary_splat_) return std::nullopt;
        ++count;
      }
      return count;
    }
    case Kind::string_: return static_cast<std::int64_t>(tree.text(expression).size());
    case Kind::identifier_: return constant_elements(module, only_value(module, expression), depth + 1);
    case Kind::list_comprehension_:
    case Kind::set_comprehension_:
    case Kind::generator_expression_: {
      std::int64_t count = 1;
      for (const NodeId child : tree.children(expression)) {
        if (tree.kind(child) != Kind::for_in_clause_) continue;
        const auto each = constant_elements(module, tree.child(child, Field::right_), depth + 1);
        if (!each) return std::nullopt;
        count *= std::min<std::int64_t>(*each, 1'000'000'000);
        if (count > 1'000'000'000'000) return count;
      }
      return count;
    }
    case Kind::subscript_: {  // x[:n], x[i : i + n]
      const NodeId slice = tree.child(expression, Field::subscript_);
      if (tree.kind(slice) != Kind::slice_) return std::nullopt;
      const std::string_view text = tree.text(slice);
      const NodeId first = tree.at(slice, 0);
      const NodeId second = tree.at(slice, 1);
      if (text.starts_with(":") && second == no_node) {
        if (const auto last = constant(module, first); last && *last >= 0) return static_cast<std::int64_t>(*last);
      }
      if (tree.kind(second) == Kind::binary_operator_ && tree.text(tree.child(second, Field::left_)) == tree.text(first)) {
        if (const auto size = constant(module, tree.child(second, Field::right_))) return static_cast<std::int64_t>(*size);
      }
      return std::nullopt;
    }
    case Kind::binary_operator_: {
      if (tree.text(tree.child(expression, Field::operator_)) != "*") return std::nullopt;
      const NodeId left = tree.child(expression, Field::left_);
      const NodeId right = tree.child(expression, Field::right_);
      auto elements = constant_elements(module, left, depth + 1);
      auto times = constant(module, right);
      if (!elements) {
        elements = constant_elements(module, right, depth + 1);
        times = constant(module, left);
      }
      if (!elements || !times || *times < 0 || *times > 1e12) return std::nullopt;
      return *elements * static_cast<std::int64_t>(*times);
    }
    case Kind::call_: {
      const std::string_view name = tree.text(tree.child(expression, Field::function_));
      const NodeId arguments = tree.child(expression, Field::arguments_);
      if (name == "range" || name == "xrange") {
        const auto first = constant(module, tree.at(arguments, 0));
        if (!first) return std::nullopt;
        if (tree.at(arguments, 1) == no_node) return static_cast<std::int64_t>(std::clamp(*first, 0.0, 1e15));
        const auto last = constant(module, tree.at(arguments, 1));
        const NodeId step_node = tree.at(arguments, 2);
        const auto step = step_node == no_node ? std::optional<double>(1) : constant(module, step_node);
        if (!last || !step || *step == 0) return std::nullopt;
        return static_cast<std::int64_t>(std::clamp((*last - *first) / *step, 0.0, 1e15));
      }
      if (const auto elements = array_elements(module, name, arguments)) return elements;
      if (name == "list" || name == "tuple" || name == "set" || name == "sorted" || name == "enumerate" || name == "reversed") {
        return constant_elements(module, tree.at(arguments, 0), depth + 1);
      }
      return std::nullopt;
    }
    default: return std::nullopt;
  }
}

std::optional<std::int64_t> constant_payload(const Module& module, NodeId expression, int depth) {
  const Tree& tree = module.tree;
  expression = tree.bare(expression);
  if (expression == no_node || depth > max_depth) return std::nullopt;
  const auto size_of = [&](NodeId item) -> std::optional<std::int64_t> {
    item = tree.bare(item);
    if (tree.kind(item) == Kind::tuple_) {  // (table, key): the largest of them is what counts
      std::optional<std::int64_t> most;
      for (const NodeId child : tree.children(item)) {
        const auto one = tree.kind(child) == Kind::string_ ? std::nullopt : constant_elements(module, child);
        if (one && (!most || *one > *most)) most = one;
      }
      return most;
    }
    if (tree.kind(item) != Kind::subscript_) return tree.kind(item) == Kind::string_ ? std::nullopt : constant_elements(module, item);
    // data[a:b:step]: of a large collection a large part, unless the bounds say otherwise.
    const NodeId slice = tree.child(item, Field::subscript_);
    if (tree.kind(slice) != Kind::slice_) return std::nullopt;
    const auto whole = constant_elements(module, tree.child(item, Field::value_));
    if (!whole) return std::nullopt;
    const std::string_view text = tree.text(slice);
    const auto second = text.find("::");
    if (second == std::string_view::npos) return std::nullopt;
    NodeId last = no_node;
    for (const NodeId child : tree.children(slice)) last = child;
    const auto step = constant(module, last);
    return step && *step >= 1 ? *whole / static_cast<std::int64_t>(*step) : *whole;
  };
  switch (tree.kind(expression)) {
    case Kind::identifier_: return constant_payload(module, only_value(module, expression), depth + 1);
    case Kind::list_comprehension_:
    case Kind::generator_expression_: return size_of(tree.child(expression, Field::body_));
    case Kind::list_:
    case Kind::tuple_: {
      std::optional<std::int64_t> most;
      for (const NodeId child : tree.children(expression)) {
        if (const auto one = size_of(child); one && (!most || *one > *most)) most = one;
      }
      return most;
    }
    case Kind::binary_operator_: {
      if (tree.text(tree.child(expression, Field::operator_)) != "*") return std::nullopt;
      return constant_payload(module, tree.child(expression, Field::left_), depth + 1);
    }
    case Kind::call_: {
      const std::string_view name = tree.text(tree.child(expression, Field::function_));
      if (!name.ends_with("partial")) return std::nullopt;
      std::optional<std::int64_t> most;
      for (const NodeId child : tree.children(tree.child(expression, Field::arguments_))) {
        const NodeId given = tree.kind(child) == Kind::keyword_argument_ ? tree.child(child, Field::value_) : child;
        if (const auto one = size_of(given); one && (!most || *one > *most)) most = one;
      }
      return most;
    }
    default: return std::nullopt;
  }
}

std::string literal_text(const Tree& tree, NodeId expression) {
  if (tree.kind(expression) != Kind::string_) return {};
  std::string out;
  for (const NodeId child : tree.children(expression)) {
    if (tree.kind(child) == Kind::interpolation_) return out;
    if (tree.kind(child) == Kind::string_content_) out += tree.text(child);
  }
  return out;
}

}  // namespace concadvise::python
