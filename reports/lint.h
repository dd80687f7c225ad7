// Renderings of a lint result.
#pragma once

#include <string>
#include <vector>

#include "model/finding.h"

namespace concadvise {

/// A rule as the formats that describe their rules show it.
struct RuleText {
  std::string name;
  std::string severity;  // error, warning, note
  std::string summary;
  std::string documentation;  // Markdown
};

struct LintTextOptions {
  bool color = false;
  std::string relative_to;  // paths below it are shown relative to it; empty: as they are
};

/// Clang's style: `file:line:column: severity: message [rule]`, a note per link of the chain, the replacement. Suppressed
/// findings are left out; the last line counts.
std::string render_lint_text(const LintResult& result, const LintTextOptions& options);

/// SARIF 2.1.0: one run; suppressed findings carry their suppression, sources that failed are notifications.
std::string render_lint_sarif(const LintResult& result, const std::vector<RuleText>& rules, const std::string& version);

/// One line per finding for GitHub's workflow commands (`::error file=...`).
std::string render_lint_github(const LintResult& result, const std::string& relative_to);

}  // namespace concadvise
