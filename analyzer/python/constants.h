// Constant values of expressions, as far as they can be read off: literals, arithmetic on them, names bound once to such.
#pragma once

#include <optional>

#include "analyzer/python/project.h"

namespace concadvise::python {

/// A number; nothing if it is not constant or too large to matter.
std::optional<double> constant(const Module& module, NodeId expression, int depth = 0);

/// The number of elements of a literal collection, characters of a text, trips of a range of constants.
std::optional<std::int64_t> constant_elements(const Module& module, NodeId expression, int depth = 0);

/// The number of elements of the largest item that a collection holds: a slice of a large list, a nested list.
std::optional<std::int64_t> constant_payload(const Module& module, NodeId expression, int depth = 0);

/// The text of a string literal without quotes and prefix; empty for f-strings with fields.
std::string literal_text(const Tree& tree, NodeId expression);

/// The only value that a name is bound to in the scope it is found in, or no_node.
NodeId only_value(const Module& module, NodeId name);

}  // namespace concadvise::python
