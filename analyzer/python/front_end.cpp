// Python's way from files to facts: files are parsed in parallel, named and linked as a project, then turned into facts in
// parallel, each thread with an inference of its own over the shared project.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "analyzer/analyzer.h"
#include "analyzer/cache.h"
#include "analyzer/python/extract.h"
#include "analyzer/python/suppressions.h"

namespace concadvise {
namespace python {
namespace {

struct Source {
  std::unique_ptr<Module> module;
  std::string error;  // could not be read at all
};

Source read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return {nullptr, "can't be read"};
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  // Generated tables beyond this are data, not code; positions are 32 bits wide.
  constexpr std::size_t max_bytes = 64U << 20U;
  if (text.size() > max_bytes) return {nullptr, "larger than 64 MiB"};
  if (text.find('\0') != std::string::npos) return {nullptr, "not text"};
  auto module = std::make_unique<Module>();
  module->path = path;
  module->tree = parse(std::move(text));
  module->scopes = bind(module->tree);
  return {std::move(module), {}};
}

/// Runs `work(i)` for every i below count on as many threads as asked for.
template <typename Work>
void in_parallel(std::size_t count, int jobs, const Work& work) {
  const auto threads = std::min<std::size_t>(static_cast<std::size_t>(std::max(jobs, 1)), std::max<std::size_t>(count, 1));
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    auto state = work();
    for (std::size_t i = next++; i < count; i = next++) state(i);
  };
  std::vector<std::jthread> pool;
  for (std::size_t i = 1; i < threads; ++i) pool.emplace_back(run);
  run();
}

std::vector<std::string> roots_of(const LintOptions& options) {
  std::vector<std::string> roots;
  for (std::string path : options.paths) {
    if (path.size() > 1 && path.ends_with('/')) path.pop_back();
    std::error_code error;
    const auto whole = std::filesystem::weakly_canonical(path, error);
    if (error) continue;
    const bool folder = std::filesystem::is_directory(whole, error);
    roots.push_back(folder ? whole.string() : whole.parent_path().string());
    // `lint pkg` of a package without __init__.py: its modules import each other as pkg.x.
    if (folder) roots.push_back(whole.parent_path().string());
    for (const char* below : {"src", "lib"}) {
      if (std::filesystem::is_directory(whole / below, error)) roots.push_back((whole / below).string());
    }
  }
  if (!options.root.empty()) roots.push_back(options.root);
  std::ranges::sort(roots);
  roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
  return roots;
}

// What a file's facts are depends on the other files of the project (what an import leads to), so all of them are in the key
// of each: names and contents.
std::vector<std::string> keys_of(const std::vector<std::string>& files, const LintOptions& options, const Knowledge& knowledge, FactCache& cache) {
  std::vector<std::string> parts{"python", build_identity(), fmt::format("{:x}", knowledge.fingerprint())};
  for (const auto& root : roots_of(options)) parts.push_back(root);
  for (const auto& file : files) {
    parts.push_back(file);
    parts.push_back(cache.file_hash(file));
  }
  const std::string project = content_hash(parts);
  std::vector<std::string> keys;
  for (const auto& file : files) keys.push_back(content_hash({project, file}));
  return keys;
}

// All units, or none where one of them is missing.
std::vector<facts::Unit> cached_units(const std::vector<std::string>& keys, FactCache& cache) {
  std::vector<facts::Unit> units;
  for (const auto& key : keys) {
    auto unit = cache.find(key);
    if (!unit) return {};
    units.push_back(std::move(*unit));
  }
  return units;
}

Result<std::vector<facts::Unit>> parse_files(const std::vector<std::string>& files, const LintOptions& options, const Knowledge& knowledge);

Result<std::vector<facts::Unit>> extract_files(const std::vector<std::string>& files, const LintOptions& options, const Knowledge& knowledge) {
  FactCache cache(options.cache, options.cache_bytes);
  if (!cache.enabled()) return parse_files(files, options, knowledge);
  const auto started = FactCache::now_ns();
  const auto keys = keys_of(files, options, knowledge, cache);
  if (auto units = cached_units(keys, cache); units.size() == files.size()) return units;
  auto units = parse_files(files, options, knowledge);
  if (!units) return units;
  for (std::size_t i = 0; i < files.size(); ++i)
    if ((*units)[i].status != facts::UnitStatus::failed) cache.store(keys[i], {files[i]}, started, (*units)[i]);
  cache.trim();
  return units;
}

Result<std::vector<facts::Unit>> parse_files(const std::vector<std::string>& files, const LintOptions& options,
                                               const Knowledge& knowledge) {
  auto signatures = Signatures::builtin();
  if (!signatures) return tl::unexpected(signatures.error());
  const int jobs = options.jobs > 0 ? options.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<Source> sources(files.size());
  in_parallel(files.size(), jobs, [&] { return [&](std::size_t i) { sources[i] = read(files[i]); }; });

  std::vector<facts::Unit> units(files.size());
  std::vector<std::unique_ptr<Module>> modules;
  std::vector<std::size_t> unit_of;
  for (std::size_t i = 0; i < files.size(); ++i) {
    units[i].path = files[i];
    units[i].language = facts::Language::python;
    units[i].files = {files[i]};
    if (!sources[i].module) {
      units[i].status = facts::UnitStatus::failed;
      units[i].error = sources[i].error;
      continue;
    }
    unit_of.push_back(i);
    modules.push_back(std::move(sources[i].module));
  }
  const Project project(std::move(modules), roots_of(options));
  std::mutex reporting;
  int done = 0;
  in_parallel(unit_of.size(), jobs, [&] {
    return [&, inference = std::make_shared<Inference>(project, *signatures)](std::size_t i) {
      const auto id = static_cast<ModuleId>(i);
      facts::Unit unit = extract(id, *inference, knowledge);
      inference->forget();
      const std::lock_guard lock(reporting);
      units[unit_of[i]] = std::move(unit);
      ++done;
      if (options.progress) options.progress(done, static_cast<int>(unit_of.size()), project.module(id).path);
    };
  });
  return units;
}

facts::Class class_facts(const Module& module, ScopeId id, Inference& inference) {
  const Scope& scope = module.scopes.all[id];
  const Ref ref{module.id, id};
  const Project& project = inference.project();
  facts::Class out;
  out.key = project.key(ref);
  out.name = project.dotted(ref);
  out.place = {0, static_cast<int>(module.tree[scope.node].line), static_cast<int>(module.tree[scope.node].column)};
  const std::vector<Ref> order = inference.ancestors(ref);
  for (std::size_t i = 1; i < order.size(); ++i) out.bases.push_back(project.key(order[i]));
  for (const std::string& base : inference.external_bases(ref)) out.bases.push_back(base);
  for (const auto& [name, bindings] : scope.names) {
    for (const Binding& binding : bindings) {
      if (binding.kind != Binding::Kind::function) continue;
      out.methods.push_back(project.key({module.id, static_cast<ScopeId>(binding.index)}));
      out.method_names.emplace_back(name);
    }
  }
  std::ranges::sort(out.methods);
  std::ranges::sort(out.method_names);
  for (const auto& [name, bindings] : scope.attributes) {
    facts::Field field;
    field.name = name;
    field.node = facts::node::storage(out.key + "." + field.name);
    for (const std::string& type : Inference::names(inference.member(ref, name))) {
      if (field.type.empty()) field.type = type;
      else field.of.push_back(type);
    }
    out.fields.push_back(std::move(field));
  }
  std::ranges::sort(out.fields, {}, &facts::Field::name);
  return out;
}

}  // namespace

facts::Unit extract(ModuleId id, Inference& inference, const Knowledge& knowledge) {
  const Module& module = inference.project().module(id);
  facts::Unit unit;
  unit.path = module.path;
  unit.language = facts::Language::python;
  unit.files = {module.path};
  if (!module.tree.error.empty()) {
    unit.status = facts::UnitStatus::partial;
    unit.error = module.tree.error;
    unit.error_place = {0, static_cast<int>(module.tree.error_line), 1};
  }
  for (ScopeId scope = 0; scope < module.scopes.all.size(); ++scope) {
    switch (module.scopes.all[scope].kind) {
      case Scope::Kind::class_: unit.classes.push_back(class_facts(module, scope, inference)); break;
      case Scope::Kind::comprehension: break;
      default: unit.functions.push_back(Frame(id, scope, inference, knowledge, unit).run());
    }
  }
  unit.suppressions = suppressions(module.tree);
  return unit;
}

}  // namespace python

const FrontEnd* python_front_end() {
  static const FrontEnd front = {facts::Language::python, {".py", ".pyw"}, python::extract_files};
  return &front;
}

}  // namespace concadvise
