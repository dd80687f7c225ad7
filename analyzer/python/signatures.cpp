#include "analyzer/python/signatures.h"

#include <algorithm>

#include <fmt/format.h>
#include <toml++/toml.h>

extern "C" const char python_signatures_begin[];
extern "C" const char python_signatures_end[];

namespace concadvise::python {
namespace {

const std::string nothing;
const std::vector<std::string> no_bases;

Result<void> read_table(const toml::table& root, std::string_view key, const std::string& origin,
                        std::unordered_map<std::string, std::string>& into) {
  const toml::table* table = root[key].as_table();
  if (table == nullptr) return {};
  for (const auto& [name, value] : *table) {
    const auto text = value.value<std::string>();
    if (!text) return fail(Error::Kind::bad_input, fmt::format("{}: {}.\"{}\" is not text", origin, key, name.str()));
    into[std::string(name.str())] = *text;
  }
  return {};
}

}  // namespace

Result<Signatures> Signatures::builtin() {
  Signatures signatures;
  if (auto added = signatures.add({python_signatures_begin, python_signatures_end}, "python-signatures.toml"); !added) {
    return tl::unexpected(added.error());
  }
  return signatures;
}

Result<void> Signatures::add(std::string_view text, const std::string& origin) {
  toml::table root;
  try {
    root = toml::parse(text, origin);
  } catch (const toml::parse_error& error) {
    return fail(Error::Kind::bad_input,
                fmt::format("{}:{}: {}", origin, error.source().begin.line, error.description()));
  }
  for (const auto& [key, value] : root) {
    if (key.str() != "alias" && key.str() != "returns" && key.str() != "enters" && key.str() != "decorated" &&
        key.str() != "bases" && key.str() != "constants") {
      return fail(Error::Kind::bad_input, fmt::format("{}: unknown table '{}'", origin, key.str()));
    }
  }
  if (auto read = read_table(root, "alias", origin, aliases_); !read) return read;
  if (auto read = read_table(root, "returns", origin, returns_); !read) return read;
  if (auto read = read_table(root, "enters", origin, enters_); !read) return read;
  if (auto read = read_table(root, "decorated", origin, decorated_); !read) return read;
  if (const toml::table* constants = root["constants"].as_table()) {
    for (const auto& [name, value] : *constants) {
      const auto number = value.value<std::int64_t>();
      if (!number) return fail(Error::Kind::bad_input, fmt::format("{}: constants.\"{}\" is not a number", origin, name.str()));
      constants_[std::string(name.str())] = *number;
    }
  }
  if (const toml::table* bases = root["bases"].as_table()) {
    for (const auto& [name, value] : *bases) {
      if (const toml::array* list = value.as_array()) {
        for (const toml::node& one : *list) bases_[std::string(name.str())].push_back(one.value_or(std::string()));
      }
    }
  }
  return {};
}

std::string Signatures::canonical(std::string name) const {
  // The longest known prefix is replaced; what stands after it stays. A few rounds, for chains of aliases.
  for (int round = 0; round < 4; ++round) {
    std::string prefix = name;
    bool changed = false;
    while (true) {
      if (const auto found = aliases_.find(prefix); found != aliases_.end()) {
        name = found->second + name.substr(prefix.size());
        changed = true;
        break;
      }
      const auto dot = prefix.rfind('.');
      if (dot == std::string::npos) break;
      prefix.resize(dot);
    }
    if (!changed) break;
  }
  return name;
}

const std::string& Signatures::returns(const std::string& name) const {
  const auto found = returns_.find(name);
  if (found != returns_.end()) return found->second;
  // A method of a base class.
  const auto dot = name.rfind('.');
  if (dot == std::string::npos) return nothing;
  for (const std::string& base : bases(name.substr(0, dot))) {
    const auto inherited = returns_.find(base + name.substr(dot));
    if (inherited != returns_.end()) return inherited->second;
  }
  return nothing;
}

std::string Signatures::attribute(const std::string& owner, std::string_view name) const {
  if (const auto found = returns_.find(owner + "." + std::string(name) + " ="); found != returns_.end()) return found->second;
  const auto every = returns_.find(owner + ".* =");
  if (every == returns_.end() || name.starts_with("__")) return {};
  const std::string_view row = every->second;
  const auto except = row.find(" except ");
  if (except == std::string_view::npos) return std::string(row);
  const std::string list = std::string(row.substr(except + 7)) + " ";
  if (list.find(" " + std::string(name) + " ") != std::string::npos) return {};
  return std::string(row.substr(0, except));
}

const std::string& Signatures::enters(const std::string& name) const {
  const auto found = enters_.find(name);
  return found == enters_.end() ? nothing : found->second;
}

const std::string& Signatures::decorated(const std::string& decorator) const {
  const auto found = decorated_.find(decorator);
  return found == decorated_.end() ? nothing : found->second;
}

std::optional<std::int64_t> Signatures::constant(const std::string& name) const {
  const auto found = constants_.find(name);
  return found == constants_.end() ? std::nullopt : std::optional(found->second);
}

const std::vector<std::string>& Signatures::bases(const std::string& name) const {
  const auto found = bases_.find(name);
  return found == bases_.end() ? no_bases : found->second;
}

}  // namespace concadvise::python
