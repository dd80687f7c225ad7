// Errors as values: what went wrong and what the user can do next. Thrown nowhere below cli/.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace concadvise {

/// Why something failed, for the one place at the top that prints it and picks the exit code.
struct Error {
  enum class Kind { usage, not_found, not_executable, permission, io, target_gone, bad_input, internal };
  Kind kind = Kind::internal;
  std::string cause;  // a sentence: what happened
  std::string next;   // a sentence or command: what to do; may be empty
};

/// std::expected of C++23, until the compiler has it.
template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Error::Kind kind, std::string cause, std::string next = {}) {
  return tl::unexpected<Error>(Error{kind, std::move(cause), std::move(next)});
}

}  // namespace concadvise
