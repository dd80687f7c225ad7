// All files of a run together: which file is which module, and what an import leads to, as Python's import system would.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analyzer/python/scope.h"
#include "analyzer/python/source_store.h"
#include "analyzer/python/syntax.h"

namespace concadvise::python {

using ModuleId = int;

/// What the trees and scopes that are kept at a time may occupy: those of about 2,000 files. More are let go and fetched again
/// when something asks for them.
inline constexpr std::size_t max_tree_bytes = std::size_t{160} << 20U;

struct Module {
  ModuleId id = -1;
  std::string path;      // as given
  std::string name;      // dotted: "pkg.sub.mod"
  std::string key;       // the name, or name@path where another file claims the same name
  std::string folder;    // of the file
  bool package = false;  // an __init__.py
  bool test = false;     // test code by its place or name
  // Let go and made again as memory allows, see Project::module:
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

/// A call somewhere in the project, by what stands before its parentheses: the name, or the last one of several.
struct CallSite {
  std::uint64_t name = 0;   // hash of it; who asks resolves the call anyway
  ModuleId module = -1;
  NodeId node = no_node;
};

std::uint64_t call_name(std::string_view name);
/// Those of one module, in the order of the source.
std::vector<CallSite> calls_of(const Module& module);

class Project {
 public:
  /// `paths` are the files, numbered as in `sources`. `roots` are folders that imports start from; what makes code a test is
  /// looked for in the part of its path below them.
  Project(const std::vector<std::string>& paths, std::vector<std::string> roots, std::unique_ptr<SourceStore> sources);

  /// Whether memory is what counts: not all of its trees may stay.
  bool large() const { return sources_->on_disk(); }
  std::size_t source_bytes(ModuleId id) const { return sources_->bytes(static_cast<std::size_t>(id)); }
  ModuleId size() const { return static_cast<ModuleId>(modules_.size()); }
  /// With its tree and scopes, which are made if they are not there. They stay until the next call of let_go().
  const Module& module(ModuleId id) const;
  /// Its path and names alone; the tree may be absent.
  const Module& header(ModuleId id) const { return *modules_[static_cast<std::size_t>(id)]; }
  /// Frees trees down to the bound on memory, those that were used longest ago first. Only while no thread holds anything
  /// of a module.
  void let_go();

  /// Takes the calls of all modules together. Until then none are found.
  void index_calls(std::vector<std::vector<CallSite>> calls);
  std::span<const CallSite> calls_named(std::string_view name) const;
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
  // Whether a module's tree is there, and when it was asked for last.
  struct Slot {
    std::atomic<bool> there{false};
    std::atomic<std::uint32_t> used{0};
  };
  void name_modules();
  void name_scopes(Module& module) const;
  void load(ModuleId id) const;
  ModuleId file(const std::string& folder, std::string_view dotted) const;
  std::string below_root(const std::string& path) const;
  std::vector<std::unique_ptr<Module>> modules_;
  std::unique_ptr<Slot[]> slots_;
  std::unique_ptr<SourceStore> sources_;
  mutable std::array<std::mutex, 64> loading_;
  mutable std::atomic<std::size_t> bytes_{0};   // of the trees that are there, about
  std::uint32_t now_ = 1;                       // counts the calls of let_go
  std::vector<CallSite> calls_;                 // sorted by name, module, node
  std::vector<std::string> roots_;
  std::unordered_map<std::string, ModuleId> by_path_;
  std::unordered_map<std::string, std::vector<std::string>> starts_;  // first component of a name -> folders it is found in
};

}  // namespace concadvise::python
