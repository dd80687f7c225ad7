#include "analyzer/analyzer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "analyzer/facts_io.h"
#include "analyzer/judge.h"
#include "analyzer/workers.h"

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
  for (auto& unit : units) unit.knowledge = knowledge.fingerprint();
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
  /// Gives the pages back; they come again when they are read again.
  void put_aside() const {
    if (data_) ::madvise(const_cast<char*>(data_), size_, MADV_DONTNEED);
  }

 private:
  std::string path_;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
  bool there_ = false;
};

struct UnitBytes {
  facts::Language language;
  std::string path;
  std::string_view bytes;
  const FactsFile* file;
};

Result<std::vector<UnitBytes>> units_of(const std::vector<FactsFile>& files, const Knowledge& knowledge) {
  std::vector<UnitBytes> out;
  for (const auto& file : files) {
    const auto units = file.units();
    if (!units) return tl::unexpected(units.error());
    for (const auto bytes : *units) {
      const auto head = facts::head_of(bytes);
      if (!head) return fail(Error::Kind::bad_input, fmt::format("{}: {}", file.path(), head.error().cause));
      if (head->knowledge != 0 && head->knowledge != knowledge.fingerprint())
        return fail(Error::Kind::usage, fmt::format("{}: the facts of {} were made with other knowledge than that of this link", file.path(), head->path),
                    "make them again with this version of concadvise, and give `concadvise facts` and `concadvise link` the same --knowledge files");
      out.push_back({head->language, head->path, bytes, &file});
    }
    file.put_aside();
  }
  std::sort(out.begin(), out.end(), [](const UnitBytes& a, const UnitBytes& b) { return std::tie(a.language, a.path, a.bytes) < std::tie(b.language, b.path, b.bytes); });
  return out;
}

// What a unit has is found in parallel, what of it is new is decided in the units' order, and that is decoded in parallel: a
// batch at a time, so that only a batch's bytes and tables are in memory.
Result<std::vector<facts::Unit>> read_units(const std::vector<UnitBytes>& all, int jobs) {
  constexpr std::size_t kBatchUnits = 256;
  constexpr std::size_t kBatchBytes = 32U << 20U;
  std::vector<facts::Unit> units(all.size());
  facts::Seen seen;
  for (std::size_t first = 0, count = 0; first < all.size(); first += count) {
    count = 1;
    for (std::size_t bytes = all[first].bytes.size(); count < kBatchUnits && first + count < all.size(); ++count)
      if ((bytes += all[first + count].bytes.size()) > kBatchBytes) break;
    std::vector<Result<facts::Packed>> packed(count);
    std::vector<std::string> errors(count);
    share_out(count, jobs, [&](std::size_t i) { packed[i] = facts::unpack(all[first + i].bytes); });
    for (auto& one : packed)
      if (one) seen.choose(*one);
    share_out(count, jobs, [&](std::size_t i) {
      auto unit = packed[i] ? facts::read(std::move(*packed[i])) : Result<facts::Unit>(tl::unexpected(packed[i].error()));
      if (unit) units[first + i] = std::move(*unit);
      else errors[i] = unit.error().cause;
    });
    for (std::size_t i = 0; i < count; ++i)
      if (i + 1 == count || all[first + i].file != all[first + i + 1].file) all[first + i].file->put_aside();
    for (std::size_t i = 0; i < count; ++i)
      if (!errors[i].empty()) return fail(Error::Kind::bad_input, fmt::format("{}: {}", all[first + i].file->path(), errors[i]), "make it again with `concadvise facts`");
  }
  return units;
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
  const auto packed = units_of(files, *knowledge);
  if (!packed) return tl::unexpected(packed.error());
  auto units = read_units(*packed, options.jobs);
  if (!units) return tl::unexpected(units.error());
  return judge_units(std::move(*units), *knowledge, options);
}

}  // namespace concadvise
