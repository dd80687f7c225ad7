// What is known of code outside for type inference alone: other names for the same thing, and what calls return. Data:
// rules/packs/python-signatures.toml. What functions do to their thread is Knowledge's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/result.h"

namespace concadvise::python {

class Signatures {
 public:
  static Result<Signatures> builtin();
  Result<void> add(std::string_view toml, const std::string& origin);

  /// The public name of a dotted name: "requests.sessions.Session" -> "requests.Session".
  std::string canonical(std::string name) const;
  /// The class that calling the name gives ("sqlite3.connect" -> "sqlite3.Connection"); "await X" for an awaitable of X,
  /// "each X" for a collection of them. Empty: not known.
  const std::string& returns(const std::string& name) const;
  /// The class of an attribute of an object of that class. Empty: not known, or a method.
  std::string attribute(const std::string& owner, std::string_view name) const;
  /// What `with` (or `async with`) binds, where it is not the object itself.
  const std::string& enters(const std::string& name) const;
  /// The class of the object that a decorator of that name makes of a function (a Celery task). Empty: it stays a function.
  const std::string& decorated(const std::string& decorator) const;
  /// Base classes of outside classes, so that their methods are found under one name.
  const std::vector<std::string>& bases(const std::string& name) const;
  /// The number behind a name outside, such as a flag ("os.WNOHANG" -> 1).
  std::optional<std::int64_t> constant(const std::string& name) const;

 private:
  std::unordered_map<std::string, std::int64_t> constants_;
  std::unordered_map<std::string, std::string> aliases_;
  std::unordered_map<std::string, std::string> returns_;
  std::unordered_map<std::string, std::string> enters_;
  std::unordered_map<std::string, std::string> decorated_;
  std::unordered_map<std::string, std::vector<std::string>> bases_;
};

}  // namespace concadvise::python
