#include "analyzer/python/project.h"

#include <algorithm>

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

}  // namespace

Project::Project(std::vector<std::unique_ptr<Module>> modules, std::vector<std::string> roots)
    : modules_(std::move(modules)), roots_(std::move(roots)) {
  for (std::size_t i = 0; i < modules_.size(); ++i) {
    modules_[i]->id = static_cast<ModuleId>(i);
    modules_[i]->folder = parent_of(modules_[i]->path);
    by_path_[modules_[i]->path] = modules_[i]->id;
  }
  name_modules();
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
    name_scopes(*module, claims[module->name] == 1);
  }
}

void Project::name_scopes(Module& module, bool unique) const {
  module.key = unique ? module.name : module.name + "@" + module.path;
  std::unordered_set<std::string> taken;
  for (ScopeId scope = 0; scope < module.scopes.all.size(); ++scope) {
    std::string key = module.key + "." + module.scopes.qualified_name(scope);
    const Scope& made = module.scopes.all[scope];
    const bool nested = made.parent != no_scope && module.scopes.all[made.parent].is_function();
    const Node& node = module.tree[made.node];
    if (nested || made.kind == Scope::Kind::lambda || !taken.insert(key).second) {
      key += fmt::format(":{}:{}", node.line, node.column);
    }
    module.scope_keys.push_back(std::move(key));
  }
}

std::string Project::dotted(Ref ref) const {
  const Module& in = module(ref.module);
  return ref.scope == module_scope ? in.name : in.name + "." + in.scopes.qualified_name(ref.scope);
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
    const std::string& path = module(found).path;
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
