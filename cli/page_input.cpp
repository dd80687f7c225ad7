#include "cli/page_input.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>

#include "analyzer/checks/check.h"
#include "cli/calibration.h"
#include "cli/judgement.h"
#include "cli/session_files.h"

namespace concadvise::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = 2U << 20U;
constexpr std::array<std::string_view, 16> kEndings = {".c",  ".cc", ".cpp", ".cxx", ".c++", ".h",  ".hh", ".hpp",
                                                       ".hxx", ".ipp", ".inl", ".tpp", ".py",  ".pyi", ".pyx", ".pyw"};

fs::path project_root() {
  std::error_code failed;
  const fs::path here = fs::canonical(fs::current_path(failed), failed);
  for (fs::path folder = here; !failed && !folder.empty(); folder = folder.parent_path()) {
    if (fs::exists(folder / ".git", failed) || fs::exists(folder / ".concadvise.toml", failed)) return folder;
    if (folder == folder.parent_path()) break;
  }
  return here;
}

bool lies_in(const fs::path& file, const fs::path& folder) {
  const auto [of_folder, of_file] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return of_folder == folder.end() && of_file != file.end();
}

// Sources of the project, each read once.
class Sources {
 public:
  explicit Sources(std::string target_folder) : root_(project_root()), target_folder_(std::move(target_folder)) {}

  std::optional<std::string> read(const std::string& name) {
    const auto [found, added] = texts_.try_emplace(name);
    if (added) found->second = look_up(name);
    return found->second;
  }

 private:
  std::optional<std::string> look_up(const std::string& name) const {
    const fs::path path(name);
    const std::string ending = path.extension().string();
    if (root_.empty() || std::find(kEndings.begin(), kEndings.end(), ending) == kEndings.end()) return std::nullopt;
    const std::array<fs::path, 3> tries = {path, fs::path(target_folder_) / path, root_ / path};
    for (const fs::path& candidate : tries) {
      std::error_code failed;
      const fs::path real = fs::canonical(candidate, failed);  // follows links, so that none leads out
      if (failed || !lies_in(real, root_) || !fs::is_regular_file(real, failed) || fs::file_size(real, failed) > kMostBytes) continue;
      if (auto text = read_text(real.string())) return std::move(*text);
    }
    return std::nullopt;
  }

  fs::path root_;
  std::string target_folder_;
  std::map<std::string, std::optional<std::string>> texts_;
};

std::optional<std::string> explain_rule(std::string_view name) {
  const Check* check = find_check(name);
  if (check == nullptr) return std::nullopt;
  return std::string(check->summary) + "\n\n" + std::string(check->documentation);
}

}  // namespace

PageInput page_input(const Session* session, const LintResult* lint) {
  PageInput out;
  out.session = session;
  out.lint = lint;
  std::error_code failed;
  out.folder = fs::current_path(failed).string();
  out.explain_rule = explain_rule;
  const auto sources = std::make_shared<Sources>(session == nullptr ? std::string() : session->profile.target.cwd);
  out.read_source = [sources](const std::string& file) { return sources->read(file); };
  if (session != nullptr) out.costs = std::make_shared<Costs>(cached_costs(interpreter_of(session->profile)));
  return out;
}

}  // namespace concadvise::cli
