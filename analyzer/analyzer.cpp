#include "analyzer/analyzer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "analyzer/checks/check.h"
#include "analyzer/facts_io.h"
#include "analyzer/findings.h"

namespace concadvise {
namespace fs = std::filesystem;
namespace {

bool has_extension(const fs::path& path, const std::vector<std::string>& extensions) {
  return std::find(extensions.begin(), extensions.end(), path.extension().string()) != extensions.end();
}

// Folders that hold no sources of the project.
bool skipped_folder(const std::string& name) {
  static const std::set<std::string, std::less<>> names = {"node_modules", "__pycache__", "build", "site-packages", "venv"};
  return name.starts_with('.') || names.contains(name);
}

void collect(const fs::path& path, const std::vector<std::string>& extensions, std::vector<std::string>& out) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    if (has_extension(path, extensions)) out.push_back(fs::weakly_canonical(path, error).string());
    return;
  }
  std::vector<std::string> found;
  for (fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, error), end; !error && at != end; at.increment(error)) {
    if (at->is_directory(error) && skipped_folder(at->path().filename().string())) at.disable_recursion_pending();
    else if (has_extension(at->path(), extensions)) found.push_back(fs::weakly_canonical(at->path(), error).string());
  }
  std::sort(found.begin(), found.end());
  out.insert(out.end(), found.begin(), found.end());
}

const std::vector<std::string>& cpp_extensions() {
  static const std::vector<std::string> extensions = {".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".cppm", ".ixx"};
  return extensions;
}

Result<Knowledge> load_knowledge(const LintOptions& options) {
  auto knowledge = Knowledge::builtin();
  if (!knowledge) return knowledge;
  for (const auto& path : options.packs) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(Error::Kind::not_found, fmt::format("can't read the knowledge file {}", path));
    std::stringstream text;
    text << in.rdbuf();
    if (auto done = knowledge->add(text.str(), path); !done) return tl::unexpected(done.error());
  }
  return knowledge;
}

Result<std::vector<const Check*>> selected_checks(const LintOptions& options) {
  for (const auto* list : {&options.rules, &options.disabled})
    for (const auto& name : *list)
      if (!find_check(name)) return fail(Error::Kind::usage, fmt::format("there is no rule `{}`", name), "concadvise rules list");
  std::vector<const Check*> checks;
  const auto in = [](const std::vector<std::string>& list, std::string_view name) { return std::find(list.begin(), list.end(), name) != list.end(); };
  for (const auto* check : all_checks()) {
    if (in(options.disabled, check->name)) continue;
    if (in(options.rules, check->name) || (options.rules.empty() && (!check->extended || options.extended))) checks.push_back(check);
  }
  return checks;
}

// Copies of other people's code that lie in the project (below `root`, else below the working directory): they count for
// what the project's code calls, but their own findings are for others to mend.
bool vendored(const std::string& file, const std::string& root) {
  static const std::set<std::string, std::less<>> names = {"third_party", "third-party", "thirdparty", "3rdparty", "vendor",     "vendored",
                                                           "external",    "externals",   "_deps",      "deps",     "submodules", "node_modules"};
  std::error_code error;
  const fs::path base = root.empty() ? fs::current_path(error) : fs::path(root);
  const fs::path relative = fs::path(file).lexically_relative(base);
  if (relative.empty() || *relative.begin() == "..") return false;
  return std::any_of(relative.begin(), relative.end(), [](const fs::path& part) { return names.contains(part.string()); });
}

bool excluded(const std::string& file, const LintOptions& options) {
  return std::any_of(options.exclude.begin(), options.exclude.end(), [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), file.c_str(), 0) == 0 || ::fnmatch((pattern + "/*").c_str(), file.c_str(), 0) == 0;
  });
}

Result<LintResult> judge_units(std::vector<facts::Unit> units, const Knowledge& knowledge, const LintOptions& options) {
  auto checks = selected_checks(options);
  if (!checks) return tl::unexpected(checks.error());
  LintResult result;
  std::vector<Finding> broken;
  for (const auto& unit : units) {
    if (unit.status != facts::UnitStatus::failed) ++result.sources.analyzed;
    if (unit.status != facts::UnitStatus::clean) {
      result.sources.failed.push_back({unit.path, unit.error});
      broken.push_back(parse_failure(unit));
    }
  }
  const auto program = Program::link(std::move(units), knowledge);
  FindingList findings(*program);
  for (const auto* check : *checks) {
    findings.begin(*check);
    check->run(*program, findings);
  }
  result.findings = findings.take();
  std::erase_if(result.findings, [&](const Finding& finding) { return vendored(finding.file, options.root); });
  for (auto& finding : result.findings)
    if (const auto own = options.severities.find(finding.rule); own != options.severities.end()) finding.severity = own->second;
  for (auto& finding : broken) result.findings.push_back(std::move(finding));
  std::erase_if(result.findings, [&](const Finding& finding) { return excluded(finding.file, options); });
  std::erase_if(result.sources.failed, [&](const FailedSource& source) { return excluded(source.file, options); });
  std::stable_sort(result.findings.begin(), result.findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.file, a.line, a.rule) < std::tie(b.file, b.line, b.rule);
  });
  return result;
}

}  // namespace

namespace {

Result<std::vector<facts::Unit>> extract_all(const LintOptions& options, const Knowledge& knowledge) {
  std::error_code error;
  for (const auto& path : options.paths)
    if (!fs::exists(path, error)) return fail(Error::Kind::not_found, fmt::format("{} does not exist", path));
  std::vector<facts::Unit> units;
  const auto take = [&](std::vector<facts::Unit> more) {
    units.insert(units.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  // The C++ front end reads the compile database itself: it may name files that lie elsewhere.
  if (const auto* front = cpp_front_end()) {
    auto found = front->extract(options.paths, options, knowledge);
    if (!found) return tl::unexpected(found.error());
    take(std::move(*found));
  } else {
    std::vector<std::string> sources;
    for (const auto& path : options.paths) collect(path, cpp_extensions(), sources);
    for (const auto& source : sources) {
      facts::Unit unit;
      unit.path = source;
      unit.status = facts::UnitStatus::failed;
      unit.error = "this build of concadvise has no C++ front end (it was built without LLVM)";
      units.push_back(std::move(unit));
    }
  }
  if (const auto* front = python_front_end()) {
    std::vector<std::string> sources;
    for (const auto& path : options.paths) collect(path, front->extensions, sources);
    if (!sources.empty()) {
      auto found = front->extract(sources, options, knowledge);
      if (!found) return tl::unexpected(found.error());
      take(std::move(*found));
    }
  }
  if (units.empty()) return fail(Error::Kind::not_found, "there is nothing to analyse: no compile_commands.json and no source was found",
                                 "name files or folders, or give the folder of compile_commands.json with -p");
  return units;
}

// Facts of a file, cut into units. The file is mapped: a large code base's facts are larger than what is kept of them.
class FactsFile {
 public:
  explicit FactsFile(std::string path) : path_(std::move(path)) {
    const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat info = {};
    if (fd >= 0 && ::fstat(fd, &info) == 0) {
      there_ = true;
      size_ = static_cast<std::size_t>(info.st_size);
      void* at = size_ > 0 ? ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
      data_ = at == MAP_FAILED ? nullptr : static_cast<const char*>(at);
    }
    if (fd >= 0) ::close(fd);
  }
  FactsFile(FactsFile&& other) noexcept : path_(std::move(other.path_)), data_(std::exchange(other.data_, nullptr)), size_(other.size_), there_(other.there_) {}
  FactsFile(const FactsFile&) = delete;
  FactsFile& operator=(const FactsFile&) = delete;
  FactsFile& operator=(FactsFile&&) = delete;
  ~FactsFile() {
    if (data_) ::munmap(const_cast<char*>(data_), size_);
  }
  Result<std::vector<std::string_view>> units() const {
    if (!there_) return fail(Error::Kind::not_found, fmt::format("can't read the facts {}", path_));
    auto units = facts::split_units({data_, data_ ? size_ : 0});
    if (!units) return fail(Error::Kind::bad_input, fmt::format("{}: {}", path_, units.error().cause), "make it again with `concadvise facts`");
    return units;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
  bool there_ = false;
};

struct Packed {
  facts::Language language;
  std::string path;
  std::string_view bytes;
  const FactsFile* file;
};

Result<std::vector<Packed>> packed_units(const std::vector<FactsFile>& files) {
  std::vector<Packed> out;
  for (const auto& file : files) {
    const auto units = file.units();
    if (!units) return tl::unexpected(units.error());
    for (const auto bytes : *units) {
      const auto head = facts::head_of(bytes);
      if (!head) return fail(Error::Kind::bad_input, fmt::format("{}: {}", file.path(), head.error().cause));
      out.push_back({head->language, head->path, bytes, &file});
    }
  }
  std::sort(out.begin(), out.end(), [](const Packed& a, const Packed& b) { return std::tie(a.language, a.path, a.bytes) < std::tie(b.language, b.path, b.bytes); });
  return out;
}

}  // namespace

Result<std::vector<facts::Unit>> extract_units(const LintOptions& options) {
  auto knowledge = load_knowledge(options);
  if (!knowledge) return tl::unexpected(knowledge.error());
  return extract_all(options, *knowledge);
}

Result<LintResult> lint(const LintOptions& options) {
  auto knowledge = load_knowledge(options);
  if (!knowledge) return tl::unexpected(knowledge.error());
  if (auto checks = selected_checks(options); !checks) return tl::unexpected(checks.error());
  auto units = extract_all(options, *knowledge);
  if (!units) return tl::unexpected(units.error());
  return judge_units(std::move(*units), *knowledge, options);
}

Result<LintResult> link_facts(const std::vector<std::string>& paths, const LintOptions& options) {
  auto knowledge = load_knowledge(options);
  if (!knowledge) return tl::unexpected(knowledge.error());
  std::vector<FactsFile> files;
  files.reserve(paths.size());
  for (const auto& path : paths) files.emplace_back(path);
  const auto packed = packed_units(files);
  if (!packed) return tl::unexpected(packed.error());
  facts::Seen seen;
  const auto wanted = [&](const std::string& key, const std::string& file, int line, int column, bool body) { return seen.wanted(key, file, line, column, body); };
  std::vector<facts::Unit> units;
  for (const auto& one : *packed) {
    auto unit = facts::from_bytes(one.bytes, wanted);
    if (!unit) return fail(Error::Kind::bad_input, fmt::format("{}: {}", one.file->path(), unit.error().cause), "make it again with `concadvise facts`");
    seen.add(*unit);
    units.push_back(std::move(*unit));
  }
  return judge_units(std::move(units), *knowledge, options);
}

LintResult lint_units(std::vector<facts::Unit> units, const Knowledge& knowledge, const LintOptions& options) {
  auto result = judge_units(std::move(units), knowledge, options);
  return result ? std::move(*result) : LintResult{};
}

}  // namespace concadvise
