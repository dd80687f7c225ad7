#include "cli/lint_baseline.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "model/json.h"

extern char** environ;

namespace concadvise::cli {
namespace fs = std::filesystem;
namespace {

struct Range {
  int first = 0;
  int last = 0;
};

/// Changed lines by absolute path; one range of all lines for a new file.
using Changes = std::map<std::string, std::vector<Range>>;

Result<std::string> git(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "git");
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  int ends[2];
  if (::pipe(ends) != 0) return fail(Error::Kind::io, "git can't be started");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addclose(&actions, ends[0]);
  pid_t child = -1;
  const int started = ::posix_spawnp(&child, "git", &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::string out;
  char buffer[65536];
  for (ssize_t got = 0; started == 0 && (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<std::size_t>(got));
  ::close(ends[0]);
  if (started != 0) return fail(Error::Kind::not_found, "git is needed to see what changed, and is not installed");
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return fail(Error::Kind::usage, fmt::format("`git {}` failed", arguments[1]), "name a commit, branch or tag of this repository");
  return out;
}

// "@@ -12,3 +12,5 @@": lines 12 to 16 of the new file. A count of 0 is a removal: nothing new stands there.
void add_hunk(const std::string& line, std::vector<Range>& ranges) {
  const auto plus = line.find('+');
  if (plus == std::string::npos) return;
  int first = 0;
  int count = 1;
  if (std::sscanf(line.c_str() + plus, "+%d,%d", &first, &count) >= 1 && count > 0) ranges.push_back({first, first + count - 1});
}

Result<Changes> changes_since(const std::string& commit) {
  if (commit.starts_with('-')) return fail(Error::Kind::usage, fmt::format("`{}` is not a commit", commit));
  const auto top = git({"rev-parse", "--show-toplevel"});
  if (!top) return tl::unexpected(top.error());
  const fs::path root = top->substr(0, top->find('\n'));
  const auto diff = git({"-c", "core.quotePath=false", "diff", "--unified=0", "--no-color", "--no-ext-diff", "--dst-prefix=b/", commit, "--"});
  if (!diff) return tl::unexpected(diff.error());
  Changes changes;
  std::vector<Range>* ranges = nullptr;
  std::istringstream lines(*diff);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("+++ ")) ranges = line.starts_with("+++ b/") ? &changes[(root / line.substr(6)).string()] : nullptr;
    else if (line.starts_with("@@ ") && ranges) add_hunk(line, *ranges);
  }
  const auto fresh = git({"-C", root.string(), "-c", "core.quotePath=false", "ls-files", "--others", "--exclude-standard"});
  if (!fresh) return tl::unexpected(fresh.error());
  std::istringstream names(*fresh);
  for (std::string name; std::getline(names, name);) changes[(root / name).string()] = {{0, 1 << 30}};
  return changes;
}

}  // namespace

Result<Compared> leave_out_baseline(LintResult& result, const std::string& baseline) {
  std::ifstream in(baseline, std::ios::binary);
  if (!in) return fail(Error::Kind::not_found, fmt::format("can't read the baseline {}", baseline), "make it with: concadvise lint --format json -o " + baseline);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto before = lint_from_json(text, baseline);
  if (!before) return tl::unexpected(before.error());
  std::set<std::string> known;
  for (const auto& finding : before->findings)
    if (!finding.suppressed) known.insert(finding.fingerprint);
  Compared out;
  std::set<std::string> still;
  std::erase_if(result.findings, [&](const Finding& finding) {
    if (finding.suppressed || !known.contains(finding.fingerprint)) return false;
    still.insert(finding.fingerprint);
    ++out.known;
    return true;
  });
  out.fixed = static_cast<int>(known.size() - still.size());
  return out;
}

Result<void> leave_out_unchanged(LintResult& result, const std::string& commit) {
  const auto changes = changes_since(commit);
  if (!changes) return tl::unexpected(changes.error());
  std::erase_if(result.findings, [&](const Finding& finding) {
    if (finding.rule == "tu-parse-error") return false;
    std::error_code ignored;
    const auto at = changes->find(fs::weakly_canonical(finding.file, ignored).string());
    return at == changes->end() || std::none_of(at->second.begin(), at->second.end(), [&](const Range& range) { return finding.line >= range.first && finding.line <= range.last; });
  });
  return {};
}

}  // namespace concadvise::cli
