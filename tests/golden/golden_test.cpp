// Recorded sessions of the corpus, judged again: a change of rules or thresholds that turns one of these verdicts is seen
// here without measuring anything. record.py makes the sessions; accepted.tsv says what may come out.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "model/json.h"
#include "rules/judge.h"

namespace concadvise {
namespace {

struct Golden {
  std::string name;
  std::vector<std::string> verdicts;  // class/resource; a resource of * is any
  std::vector<std::string> models;    // empty: not judged
};

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

std::vector<Golden> goldens() {
  std::ifstream file(std::string(GOLDEN_DIR) + "/accepted.tsv");
  std::vector<Golden> all;
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> cells = split(line, '\t');
    if (line.starts_with('#') || cells.size() < 3) continue;
    all.push_back({cells[0], split(cells[1], '|'), cells[2] == "-" ? std::vector<std::string>{} : split(cells[2], '|')});
  }
  return all;
}

bool accepts(const std::string& accepted, const Verdict& verdict) {
  const std::size_t slash = accepted.find('/');
  const std::string resource = accepted.substr(slash + 1);
  return verdict.klass == accepted.substr(0, slash) && (resource == "*" || resource == verdict.resource);
}

class GoldenSession : public testing::TestWithParam<Golden> {};

TEST_P(GoldenSession, IsJudgedAsAccepted) {
  const std::string path = std::string(GOLDEN_DIR) + "/" + GetParam().name + ".json";
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  auto loaded = session_from_json(text.str(), path);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().cause;
  Session session;
  session.profile = loaded->profile;
  judge(session);
  bool accepted = false;
  for (const std::string& verdict : GetParam().verdicts) accepted = accepted || accepts(verdict, session.verdict);
  EXPECT_TRUE(accepted) << session.verdict.klass << "/" << session.verdict.resource << ": " << session.verdict.summary;
  if (GetParam().models.empty()) return;
  EXPECT_NE(std::find(GetParam().models.begin(), GetParam().models.end(), session.advice.model), GetParam().models.end())
      << session.advice.model;
}

INSTANTIATE_TEST_SUITE_P(Corpus, GoldenSession, testing::ValuesIn(goldens()), [](const auto& tested) {
  std::string name = tested.param.name;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace concadvise
