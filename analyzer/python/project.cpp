#include "analyzer/python/project.h"

#include <malloc.h>

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace concadvise::python {
namespace {

std::string join(const std::string& folder, std::string_view rest) {
  return folder.empty() ? std::string(rest) : folder + "/" + std::string(rest);
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {};
  return path.substr(0, slash);
}

std::string base_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

bool is_test(const std::string& path) {
  // pytest's and unittest's own discovery names, and the folders that both look in.
  const std::string file = base_of(path);
  if (file.starts_with("test_") || file.ends_with("_test.py") || file == "conftest.py" || file == "tests.py") return true;
  return path.starts_with("tests/") || path.find("/tests/") != std::string::npos || path.find("/test/") != std::string::npos;
}

/// About what a module's tree and scopes occupy; a scope's tables are about a kilobyte and a half.
std::size_t weight(const Module& module) {
  constexpr std::size_t scope_bytes = 1500;
  return module.tree.source.capacity() + module.tree.nodes.capacity() * sizeof(Node) + module.scopes.of_node.capacity() * sizeof(ScopeId) +
         module.scopes.all.size() * scope_bytes + module.scopes.imports.size() * sizeof(Import);
}

}  // namespace

std::uint64_t call_name(std::string_view name) { return std::hash<std::string_view>()(name); }

std::vector<CallSite> calls_of(const Module& module) {
  const Tree& tree = module.tree;
  std::vector<CallSite> out;
  for (NodeId id = 0; id < tree.nodes.size(); ++id) {
    if (tree.kind(id) != Kind::call_) continue;
    NodeId called = tree.child(id, Field::function_);
    if (tree.kind(called) == Kind::attribute_) called = tree.child(called, Field::attribute_);
    else if (tree.kind(called) != Kind::identifier_) continue;
    out.push_back({call_name(tree.text(called)), module.id, id});
  }
  return out;
}

Project::Project(const std::vector<std::string>& paths, std::vector<std::string> roots, std::unique_ptr<SourceStore> sources)
    : slots_(std::make_unique<Slot[]>(paths.size())), sources_(std::move(sources)), roots_(std::move(roots)) {
  for (const std::string& path : paths) {
    auto module = std::make_unique<Module>();
    module->id = static_cast<ModuleId>(modules_.size());
    module->path = path;
    module->folder = parent_of(path);
    by_path_[path] = module->id;
    modules_.push_back(std::move(module));
  }
  name_modules();
}

const Module& Project::module(ModuleId id) const {
  Slot& slot = slots_[static_cast<std::size_t>(id)];
  if (!slot.there.load(std::memory_order_acquire)) load(id);
  if (slot.used.load(std::memory_order_relaxed) != now_) slot.used.store(now_, std::memory_order_relaxed);
  return header(id);
}

void Project::load(ModuleId id) const {
  const auto index = static_cast<std::size_t>(id);
  Slot& slot = slots_[index];
  const std::lock_guard lock(loading_[index % loading_.size()]);
  if (slot.there.load(std::memory_order_relaxed)) return;
  Module& module = *modules_[index];
  module.tree = sources_->tree(index);
  module.scopes = bind(module.tree);
  name_scopes(module);
  bytes_ += weight(module);
  slot.there.store(true, std::memory_order_release);
}

void Project::let_go() {
  ++now_;
  if (!sources_->on_disk() || bytes_ <= max_tree_bytes) return;
  std::vector<std::pair<std::uint32_t, ModuleId>> there;
  for (ModuleId id = 0; id < size(); ++id) {
    const Slot& slot = slots_[static_cast<std::size_t>(id)];
    if (slot.there) there.emplace_back(slot.used.load(), id);
  }
  std::ranges::sort(there);
  for (const auto& [used, id] : there) {
    if (bytes_ <= max_tree_bytes / 4 * 3) break;
    Module& module = *modules_[static_cast<std::size_t>(id)];
    bytes_ -= weight(module);
    module.tree = {};
    module.scopes = {};
    module.scope_keys = {};
    slots_[static_cast<std::size_t>(id)].there = false;
  }
  // Freed pieces lie between others that stay; by itself the allocator gives none of that back to the system.
  ::malloc_trim(0);
}

void Project::index_calls(std::vector<std::vector<CallSite>> calls) {
  for (auto& of_module : calls) {
    calls_.insert(calls_.end(), of_module.begin(), of_module.end());
    of_module = {};
  }
  std::ranges::sort(calls_, {}, [](const CallSite& site) { return std::tie(site.name, site.module, site.node); });
  calls_.shrink_to_fit();
}

std::span<const CallSite> Project::calls_named(std::string_view name) const {
  const auto found = std::ranges::equal_range(calls_, call_name(name), {}, &CallSite::name);
  return {found.begin(), found.end()};
}

std::string Project::below_root(const std::string& path) const {
  std::size_t cut = 0;
  for (const std::string& root : roots_) {
    if (!root.empty() && path.starts_with(root + "/")) cut = std::max(cut, root.size() + 1);
  }
  return path.substr(cut);
}

void Project::name_modules() {
  std::unordered_map<std::string, int> claims;
  std::unordered_map<std::string, std::unordered_set<std::string>> starts;
  for (const auto& module : modules_) {
    std::string file = base_of(module->path);
    if (file.ends_with(".py")) file.resize(file.size() - 3);
    module->package = file == "__init__";
    std::string folder = module->folder;
    std::string name = module->package ? "" : file;
    while (!folder.empty() && by_path_.contains(join(folder, "__init__.py"))) {
      name = name.empty() ? base_of(folder) : base_of(folder) + "." + name;
      folder = parent_of(folder);
    }
    module->name = name.empty() ? "__init__" : name;
    ++claims[module->name];
    starts[module->name.substr(0, module->name.find('.'))].insert(folder);
    for (const std::string& root : roots_) {
      if (!module->path.starts_with(root + "/")) continue;
      std::string first = module->path.substr(root.size() + 1);
      const auto slash = first.find('/');
      if (slash != std::string::npos) first.resize(slash);
      else if (first.ends_with(".py")) first.resize(first.size() - 3);
      starts[first].insert(root);
    }
  }
  for (auto& [first, folders] : starts) {
    auto& sorted = starts_[first];
    sorted.assign(folders.begin(), folders.end());
    std::ranges::sort(sorted);
  }
  for (const auto& module : modules_) {
    module->test = is_test(below_root(module->path));
    module->key = claims[module->name] == 1 ? module->name : module->name + "@" + module->path;
  }
}

void Project::name_scopes(Module& module) const {
  std::unordered_set<std::string> taken;
  for (ScopeId scope = 0; scope < module.scopes.all.size(); ++scope) {
    std::string key = module.key + "." + module.scopes.qualified_name(scope);
    const Scope& made = module.scopes.all[scope];
    const bool nested = made.parent != no_scope && module.scopes.all[made.parent].is_function();
    if (nested || made.kind == Scope::Kind::lambda || !taken.insert(key).second) {
      key += fmt::format(":{}:{}", module.tree.line(made.node), module.tree.column(made.node));
    }
    module.scope_keys.push_back(std::move(key));
  }
}

std::string Project::dotted(Ref ref) const {
  const Module& in = header(ref.module);
  return ref.scope == module_scope ? in.name : in.name + "." + module(ref.module).scopes.qualified_name(ref.scope);
}

ModuleId Project::file(const std::string& folder, std::string_view dotted) const {
  std::string path = folder;
  while (!dotted.empty()) {
    const auto dot = dotted.find('.');
    path = join(path, dotted.substr(0, dot));
    dotted = dot == std::string_view::npos ? std::string_view() : dotted.substr(dot + 1);
  }
  if (const auto found = by_path_.find(path + "/__init__.py"); found != by_path_.end()) return found->second;
  if (const auto found = by_path_.find(path + ".py"); found != by_path_.end()) return found->second;
  return -1;
}

ModuleId Project::submodule(const Module& package, std::string_view name) const {
  return package.package ? file(package.folder, name) : -1;
}

Found Project::find(const Module& from, int level, std::string_view name) const {
  if (level > 0) {
    std::string folder = from.folder;
    for (int up = 1; up < level; ++up) folder = parent_of(folder);
    const ModuleId found = name.empty() ? file(folder, "__init__") : file(folder, name);
    if (found >= 0) return {found, {}};
    if (name.empty()) {
      if (const auto init = by_path_.find(join(folder, "__init__.py")); init != by_path_.end()) return {init->second, {}};
    }
    return {-1, "." + std::string(name)};
  }
  // As sys.path would have it: the script's own folder, then the folders that packages start in and the roots.
  const bool in_package = by_path_.contains(join(from.folder, "__init__.py"));
  if (!in_package) {
    if (const ModuleId found = file(from.folder, name); found >= 0 && found != from.id) return {found, {}};
  }
  ModuleId best = -1;
  std::size_t best_common = 0;
  const auto starts = starts_.find(std::string(name.substr(0, name.find('.'))));
  if (starts == starts_.end()) return {-1, std::string(name)};
  for (const std::string& folder : starts->second) {
    const ModuleId found = file(folder, name);
    if (found < 0 || found == from.id) continue;
    // Where several trees hold the name, the one that shares most of the path with the importer is meant.
    const std::string& path = header(found).path;
    const auto common = static_cast<std::size_t>(std::ranges::mismatch(path, from.path).in1 - path.begin());
    if (best < 0 || common > best_common) {
      best = found;
      best_common = common;
    }
  }
  if (best >= 0) return {best, {}};
  return {-1, std::string(name)};
}

}  // namespace concadvise::python
