// One rule = one file in this folder = one row in registry.cpp. A check looks at the linked program and emits findings;
// it is written once for both languages.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "analyzer/link/program.h"
#include "model/finding.h"

namespace concadvise {

/// Takes findings: fills in file, fingerprint and suppression, and drops one that another unit has already given.
class Findings {
 public:
  virtual ~Findings() = default;
  /// `function` is the one that holds `place`. finding.rule, severity and file are filled in here when they are empty.
  virtual void add(FunctionId function, const facts::Place& place, Finding finding) = 0;
};

struct Check {
  std::string_view name;
  std::string_view severity;      // default of its findings: error, warning, note
  bool cpp = true;
  bool python = true;
  bool extended = false;          // off by default
  std::string_view summary;       // one line, for `rules list` and SARIF
  std::string_view documentation; // Markdown: what, why, example, what to do, what it never flags
  void (*run)(const Program& program, Findings& findings);
};

/// All checks, by name.
std::span<const Check* const> all_checks();
const Check* find_check(std::string_view name);

/// A finding to fill in: of the rule that is running, with its default severity.
inline Finding draft() {
  Finding finding;
  finding.severity.clear();
  return finding;
}

/// The chain of an effect as it is shown: one link per step, from the reported call to the leaf.
std::vector<ChainLink> chain_of(const Program& program, const Effect& effect);

}  // namespace concadvise
