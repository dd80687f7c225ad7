// Python's way from files to facts: files are parsed in parallel, named and linked as a project, then turned into facts in
// parallel, each thread with an inference of its own over the shared project.
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
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

/// The text of a file, or why it is not looked at.
Result<std::string> read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Error::Kind::io, "can't be read");
  // Generated tables beyond this are data, not code; positions are 32 bits wide.
  constexpr std::streamoff max_bytes = std::streamoff{64} << 20;
  in.seekg(0, std::ios::end);
  const std::streamoff size = in ? std::streamoff(in.tellg()) : 0;
  if (size > max_bytes) return fail(Error::Kind::bad_input, "larger than 64 MiB");
  in.clear();
  in.seekg(0);
  std::string text(static_cast<std::size_t>(std::max<std::streamoff>(size, 0)), '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.find('\0') != std::string::npos) return fail(Error::Kind::bad_input, "not text");
  return text;
}

int jobs_of(const LintOptions& options) {
  return options.jobs > 0 ? options.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

/// Runs `run(thread)` on as many threads as asked for, counted from 0.
template <typename Run>
void on_threads(std::size_t threads, const Run& run) {
  std::vector<std::jthread> pool;
  for (std::size_t i = 1; i < threads; ++i) pool.emplace_back(run, i);
  run(0);
}

/// Runs `work(i)` for every i from `first` up to `end`, each on the thread that is free first.
template <typename Work>
void in_parallel(std::size_t first, std::size_t end, int jobs, const Work& work) {
  std::atomic<std::size_t> next = first;
  on_threads(std::clamp<std::size_t>(end - first, 1, static_cast<std::size_t>(jobs)), [&](std::size_t) {
    for (std::size_t i = next++; i < end; i = next++) work(i);
  });
}

/// Modules that are gone through together. Only where trees must be let go do threads wait for each other in between.
std::size_t batch_of(const Project& project, int jobs) {
  const auto count = static_cast<std::size_t>(project.size());
  return project.large() ? static_cast<std::size_t>(jobs) * 64 : std::max<std::size_t>(count, 1);
}

/// Who infers which modules of a batch is fixed: what an Inference finds in a circle of definitions depends on where it
/// entered the circle, and two runs must find the same. Each thread gets about as many bytes of source.
std::vector<std::vector<ModuleId>> shares(const Project& project, std::size_t first, std::size_t end, int jobs) {
  std::vector<std::vector<ModuleId>> out(std::clamp<std::size_t>(end - first, 1, static_cast<std::size_t>(jobs)));
  std::vector<std::size_t> bytes(out.size());
  for (std::size_t i = first; i < end; ++i) {
    const auto least = static_cast<std::size_t>(std::ranges::min_element(bytes) - bytes.begin());
    out[least].push_back(static_cast<ModuleId>(i));
    bytes[least] += project.source_bytes(static_cast<ModuleId>(i));
  }
  return out;
}

/// Parses all modules and finds their calls.
void parse_all(Project& project, int jobs) {
  const auto count = static_cast<std::size_t>(project.size());
  std::vector<std::vector<CallSite>> calls(count);
  const std::size_t batch = batch_of(project, jobs);
  for (std::size_t first = 0; first < count; first += batch) {
    in_parallel(first, std::min(count, first + batch), jobs, [&](std::size_t i) { calls[i] = calls_of(project.module(static_cast<ModuleId>(i))); });
    project.let_go();
  }
  project.index_calls(std::move(calls));
}

/// Runs `work(module, inference)` over the modules of a project.
template <typename Work>
void infer_all(Project& project, const Signatures& signatures, int jobs, const Work& work) {
  std::vector<std::unique_ptr<Inference>> inferences;
  for (int i = 0; i < jobs; ++i) inferences.push_back(std::make_unique<Inference>(project, signatures));
  const auto count = static_cast<std::size_t>(project.size());
  const std::size_t batch = batch_of(project, jobs);
  for (std::size_t first = 0; first < count; first += batch) {
    const auto given = shares(project, first, std::min(count, first + batch), jobs);
    on_threads(given.size(), [&](std::size_t thread) {
      Inference& inference = *inferences[thread];
      for (std::size_t done = 0; done < given[thread].size(); ++done) {
        work(given[thread][done], inference);
        constexpr std::size_t some = 64;
        if (done % some == some - 1 || done + 1 == given[thread].size()) inference.forget();
      }
    });
    project.let_go();
  }
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

/// Reads the files into a store: their paths and which unit each belongs to. Those that can't be read are units that say so.
std::unique_ptr<SourceStore> read_all(const std::vector<std::string>& files, int jobs, std::vector<facts::Unit>& units,
                                      std::vector<std::string>& paths, std::vector<std::size_t>& unit_of) {
  std::uintmax_t bytes = 0;
  for (const auto& file : files) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (!error) bytes += size;
  }
  // A tree and its scopes are about twelve times the source.
  auto all = std::make_unique<SourceStore>(files.size(), bytes > max_tree_bytes / 12);
  in_parallel(0, files.size(), jobs, [&](std::size_t i) {
    units[i].path = files[i];
    units[i].language = facts::Language::python;
    units[i].files = {files[i]};
    auto text = read(files[i]);
    if (text) {
      all->put(i, std::move(*text));
    } else {
      units[i].status = facts::UnitStatus::failed;
      units[i].error = text.error().cause;
    }
  });
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (units[i].status == facts::UnitStatus::failed) continue;
    all->renumber(i, paths.size());
    paths.push_back(files[i]);
    unit_of.push_back(i);
  }
  return all;
}

Result<std::vector<facts::Unit>> parse_files(const std::vector<std::string>& files, const LintOptions& options,
                                               const Knowledge& knowledge) {
  auto signatures = Signatures::builtin();
  if (!signatures) return tl::unexpected(signatures.error());
  const int jobs = jobs_of(options);
  std::vector<facts::Unit> units(files.size());
  std::vector<std::string> paths;
  std::vector<std::size_t> unit_of;
  auto sources = read_all(files, jobs, units, paths, unit_of);
  auto project = std::make_unique<Project>(paths, roots_of(options), std::move(sources));
  parse_all(*project, jobs);

  std::mutex reporting;
  int done = 0;
  infer_all(*project, *signatures, jobs, [&](ModuleId id, Inference& inference) {
    facts::Unit unit = extract(id, inference, knowledge);
    const std::lock_guard lock(reporting);
    units[unit_of[static_cast<std::size_t>(id)]] = std::move(unit);
    ++done;
    if (options.progress) options.progress(done, project->size(), project->header(id).path);
  });
  const bool large = project->large();
  project.reset();
  if (large) ::malloc_trim(0);  // room for linking
  return units;
}

facts::Class class_facts(const Module& module, ScopeId id, Inference& inference) {
  const Scope& scope = module.scopes.all[id];
  const Ref ref{module.id, id};
  const Project& project = inference.project();
  facts::Class out;
  out.key = project.key(ref);
  out.name = project.dotted(ref);
  out.place = {0, static_cast<int>(module.tree.line(scope.node)), static_cast<int>(module.tree.column(scope.node))};
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
  unit.functions.shrink_to_fit();
  for (facts::Function& function : unit.functions) {
    function.calls.shrink_to_fit();
    for (facts::Call& call : function.calls) call.arguments.shrink_to_fit();
  }
  return unit;
}

}  // namespace python

const FrontEnd* python_front_end() {
  static const FrontEnd front = {facts::Language::python, {".py", ".pyw"}, python::extract_files};
  return &front;
}

}  // namespace concadvise
