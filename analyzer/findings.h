// The sink that checks emit into: places resolved, doubles dropped, fingerprints and suppressions filled in.
#pragma once

#include <map>
#include <set>
#include <tuple>

#include "analyzer/checks/check.h"

namespace concadvise {

class FindingList final : public Findings {
 public:
  explicit FindingList(const Program& program) : program_(program) {}

  void begin(const Check& check) { check_ = &check; }
  void add(FunctionId function, const facts::Place& place, Finding finding) override;

  /// All findings; suppressions that silenced nothing are among them as `unused-suppression` notes.
  std::vector<Finding> take();

 private:
  bool suppress(const Finding& finding, const facts::Place& place);

  const Program& program_;
  const Check* check_ = nullptr;
  std::vector<Finding> list_;
  std::set<std::tuple<std::string, std::uint32_t, int>> seen_;
  std::map<std::string, int> ordinals_;
  std::set<std::size_t> used_;
};

/// The entry for a source that did not parse: rule tu-parse-error, which no check emits.
Finding parse_failure(const facts::Unit& unit);

}  // namespace concadvise
