// Annotated Python sources, linted as a user would lint them. `# expect: LINE RULE` must be reported at that line; a
// finding of the rule on an `# also-ok: LINE RULE` line within three lines counts for it, and is otherwise neither required
// nor false; anything else reported is false, and so is everything in a file with `# expect: none`. A folder is a package.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "analyzer/analyzer.h"

namespace concadvise {
namespace {

namespace fs = std::filesystem;

struct Expected {
  std::set<std::pair<int, std::string>> required;
  std::set<std::pair<int, std::string>> allowed;
};

Expected read_expectations(const fs::path& file) {
  Expected out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const bool required = line.starts_with("# expect: ");
    if (!required && !line.starts_with("# also-ok: ")) continue;
    std::string rest = line.substr(line.find(": ") + 2);
    std::ranges::replace(rest, ',', ' ');
    std::istringstream words(rest);
    int number = 0;
    std::string rule;
    while (words >> number >> rule) (required ? out.required : out.allowed).emplace(number, rule);
  }
  return out;
}

std::vector<fs::path> cases() {
  const char* elsewhere = std::getenv("CONCADVISE_CASES");
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(elsewhere != nullptr ? elsewhere : CONCADVISE_PYTHON_CASES)) {
    if (entry.is_directory() || entry.path().extension() == ".py") out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

class PythonCase : public testing::TestWithParam<fs::path> {};

TEST_P(PythonCase, ReportsWhatItMustAndNothingElse) {
  LintOptions options;
  options.paths = {GetParam().string()};
  const auto result = lint(options);
  ASSERT_TRUE(result) << result.error().cause;
  std::map<std::string, std::set<std::pair<int, std::string>>> reported;
  for (const Finding& finding : result->findings) {
    if (!finding.suppressed) reported[fs::weakly_canonical(finding.file).string()].emplace(finding.line, finding.rule);
  }
  std::vector<fs::path> files;
  if (fs::is_directory(GetParam())) {
    for (const auto& entry : fs::recursive_directory_iterator(GetParam())) {
      if (entry.path().extension() == ".py") files.push_back(entry.path());
    }
  } else {
    files.push_back(GetParam());
  }
  for (const fs::path& file : files) {
    const Expected expected = read_expectations(file);
    const auto& found = reported[fs::weakly_canonical(file).string()];
    for (const auto& [line, rule] : expected.required) {
      const bool near = std::ranges::any_of(expected.allowed, [&](const auto& also) {
        return also.second == rule && std::abs(also.first - line) <= 3 && found.contains(also);
      });
      EXPECT_TRUE(near || found.contains({line, rule})) << file.string() << ":" << line << ": " << rule << " was not found";
    }
    for (const auto& one : found) {
      EXPECT_TRUE(expected.required.contains(one) || expected.allowed.contains(one))
          << file.string() << ":" << one.first << ": " << one.second << " is false";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Lint, PythonCase, testing::ValuesIn(cases()), [](const auto& one) {
  std::string name = one.param.stem().string();
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

}  // namespace
}  // namespace concadvise
