// Annotated C++ sources, linted as a user would lint them. A line that ends in `//~ RULE` (or `//~ RULE, RULE`) must be
// reported with exactly these rules; a rule in brackets, `//~ [RULE]`, may be. Anything else that is reported is false.
// Files that share what stands before `__` are units of one program.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "analyzer/analyzer.h"

namespace concadvise {
namespace {

namespace fs = std::filesystem;

using Marks = std::set<std::pair<int, std::string>>;

struct Expected {
  Marks required;
  Marks allowed;
};

Expected read_expectations(const fs::path& file) {
  Expected out;
  std::ifstream in(file);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const auto at = line.find("//~ ");
    if (at == std::string::npos) continue;
    std::string rest = line.substr(at + 4);
    std::ranges::replace(rest, ',', ' ');
    std::istringstream words(rest);
    for (std::string rule; words >> rule;) {
      if (rule.front() == '[') out.allowed.emplace(number, rule.substr(1, rule.size() - 2));
      else out.required.emplace(number, rule);
    }
  }
  return out;
}

std::map<std::string, std::vector<std::string>> programs() {
  std::map<std::string, std::vector<std::string>> out;
  for (const auto& entry : fs::directory_iterator(CONCADVISE_CPP_CASES)) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".c") continue;
    const std::string stem = entry.path().stem().string();
    out[stem.substr(0, stem.find("__"))].push_back(entry.path().string());
  }
  for (auto& [name, files] : out) std::ranges::sort(files);
  return out;
}

class CppCase : public testing::TestWithParam<std::string> {};

TEST_P(CppCase, ReportsWhatItMustAndNothingElse) {
  if (cpp_front_end() == nullptr) GTEST_SKIP() << "built without the C++ front end";
  LintOptions options;
  options.paths = programs().at(GetParam());
  options.flags = {"-std=gnu++20", std::string("-I") + CONCADVISE_CPP_CASES + "/include"};
  if (GetParam().starts_with("openmp")) options.flags.emplace_back("-fopenmp");
  options.extended = GetParam().starts_with("extended");
  options.jobs = 1;
  const auto result = lint(options);
  ASSERT_TRUE(result) << result.error().cause;
  std::map<std::string, Marks> reported;
  for (const Finding& finding : result->findings)
    if (!finding.suppressed) reported[finding.file].emplace(finding.line, finding.rule);
  for (const auto& file : options.paths) {
    const Expected expected = read_expectations(file);
    const Marks& found = reported[file];
    for (const auto& one : expected.required)
      EXPECT_TRUE(found.contains(one)) << file << ":" << one.first << ": " << one.second << " was not found";
    for (const auto& one : found)
      EXPECT_TRUE(expected.required.contains(one) || expected.allowed.contains(one)) << file << ":" << one.first << ": " << one.second << " is false";
  }
}

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const auto& [name, files] : programs()) out.push_back(name);
  return out;
}

INSTANTIATE_TEST_SUITE_P(Lint, CppCase, testing::ValuesIn(names()), [](const auto& one) { return one.param; });

TEST(Knowledge, EmbeddedPacksAreReadWithoutAnError) {
  const auto knowledge = Knowledge::builtin();
  ASSERT_TRUE(knowledge) << knowledge.error().cause;
  EXPECT_NE(knowledge->effect("std::this_thread::sleep_for"), nullptr);
  EXPECT_EQ(knowledge->effect("::sleep"), nullptr) << "a C++ function of the global scope is not libc's";
}

TEST(Knowledge, AnUnknownKeyNamesTheNearestOne) {
  auto knowledge = Knowledge::builtin();
  ASSERT_TRUE(knowledge);
  const auto added = knowledge->add("[[effect]]\nnames = [\"mine\"]\nefect = \"sleep\"\nsource = \"here\"\n", "mine.toml");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().cause, "mine.toml:3: unknown key `efect`; did you mean `effect`?");
}

}  // namespace
}  // namespace concadvise
