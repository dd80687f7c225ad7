// All files of a run together: which file is which module, and what an import leads to, as Python's import system would.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analyzer/python/scope.h"
#include "analyzer/python/syntax.h"

namespace concadvise::python {

using ModuleId = int;

struct Module {
  ModuleId id = -1;
  std::string path;      // as given
  std::string name;      // dotted: "pkg.sub.mod"
  std::string key;       // the name, or name@path where another file claims the same name
  std::string folder;    // of the file
  bool package = false;  // an __init__.py
  bool test = false;     // test code by its place or name
  Tree tree;
  Scopes scopes;
  std::vector<std::string> scope_keys;  // by ScopeId: the facts' keys of functions and classes
};

/// A scope anywhere in the project: a module, class or function.
struct Ref {
  ModuleId module = -1;
  ScopeId scope = no_scope;
  friend bool operator==(const Ref&, const Ref&) = default;
};

/// What a dotted name leads to: a module of the project and the rest of the name to look up in it, or something outside.
struct Found {
  ModuleId module = -1;   // -1: outside
  std::string external;   // the dotted name, when outside
};

class Project {
 public:
  /// Takes parsed modules over (path, tree and scopes set) and names them. `roots` are folders that imports start from; what
  /// makes code a test is looked for in the part of its path below them.
  Project(std::vector<std::unique_ptr<Module>> modules, std::vector<std::string> roots);

  const std::vector<std::unique_ptr<Module>>& modules() const { return modules_; }
  const Module& module(ModuleId id) const { return *modules_[static_cast<std::size_t>(id)]; }
  const Scope& scope(Ref ref) const { return module(ref.module).scopes.all[ref.scope]; }
  const std::string& key(Ref ref) const { return module(ref.module).scope_keys[ref.scope]; }
  /// "pkg.mod.Class.method".
  std::string dotted(Ref ref) const;

  /// The module that `import name` (level 0) or `from ...name import` means in that module. A folder without __init__.py
  /// that holds modules is a package as well: it is found only as the way to them.
  Found find(const Module& from, int level, std::string_view name) const;
  /// A submodule of a package, or -1.
  ModuleId submodule(const Module& package, std::string_view name) const;
  /// Whether some folder or module of the project answers to that first component of a dotted name.
  bool knows(std::string_view first) const { return starts_.contains(std::string(first)); }

 private:
  void name_modules();
  void name_scopes(Module& module, bool unique) const;
  ModuleId file(const std::string& folder, std::string_view dotted) const;
  std::string below_root(const std::string& path) const;
  std::vector<std::unique_ptr<Module>> modules_;
  std::vector<std::string> roots_;
  std::unordered_map<std::string, ModuleId> by_path_;
  std::unordered_map<std::string, std::vector<std::string>> starts_;  // first component of a name -> folders it is found in
};

}  // namespace concadvise::python
