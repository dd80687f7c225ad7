// Section 1 of a page without a measurement: what is wrong in the source, and what to do first.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/links.h"
#include "reports/page/sections.h"
#include "reports/words.h"

namespace concadvise {
namespace {

constexpr std::array<std::string_view, 3> kSeverities = {"error", "warning", "note"};

std::size_t rank_of(const Finding& finding) {
  return static_cast<std::size_t>(std::find(kSeverities.begin(), kSeverities.end(), finding.severity) - kSeverities.begin());
}

std::string counted(std::size_t count, std::string_view what) { return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s"); }

// Indices of the findings that are not suppressed, the gravest and surest first.
std::vector<std::size_t> by_gravity(const LintResult& lint) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < lint.findings.size(); ++i)
    if (!lint.findings[i].suppressed) out.push_back(i);
  std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    const Finding& x = lint.findings[a];
    const Finding& y = lint.findings[b];
    return rank_of(x) != rank_of(y) ? rank_of(x) < rank_of(y) : x.confidence > y.confidence;
  });
  return out;
}

std::string severities_of(const LintResult& lint) {
  std::string out;
  for (std::size_t rank = 0; rank < kSeverities.size(); ++rank) {
    const auto count = static_cast<std::size_t>(std::count_if(lint.findings.begin(), lint.findings.end(), [rank](const Finding& f) { return !f.suppressed && rank_of(f) == rank; }));
    if (count > 0) out += (out.empty() ? "" : ", ") + counted(count, kSeverities[rank]);
  }
  return out;
}

Html finding_link(const Finding& finding, std::size_t index, bool listed) {
  const std::string place = finding.line > 0 ? fmt::format("{}:{}", finding.file, finding.line) : finding.file;
  return el("a", {{"href", listed ? fmt::format("#finding-{}", index) : "#findings"}}, name_of(place));
}

Html worst(const LintResult& lint, const std::vector<std::size_t>& order) {
  constexpr std::size_t kShown = 3;
  Html out;
  const bool listed = lint.findings.size() <= kFindingsShown;
  for (std::size_t i = 0; i < order.size() && i < kShown; ++i) {
    const Finding& finding = lint.findings[order[i]];
    out += el("li", {}, sentence(finding.message), ", at ", finding_link(finding, order[i], listed));
  }
  if (order.size() > kShown) out += el("li", {}, el("a", {{"href", "#findings"}}, fmt::format("{} more", order.size() - kShown)));
  return el("ul", {{"class", "why"}}, out);
}

std::string fix_of(const Finding& finding) { return finding.fix.empty() ? finding.message : finding.fix.substr(0, finding.fix.find('\n')); }

// The gravest findings' repairs, each once: one finding's repair is no advice for all, least of all in another language.
Html to_do(const LintResult& lint, const std::vector<std::size_t>& order, const Advice* unmeasured) {
  constexpr std::size_t kShown = 3;
  const bool listed = lint.findings.size() <= kFindingsShown;
  std::vector<std::string> fixes;
  Html repairs;
  for (const std::size_t i : order) {
    const std::string fix = fix_of(lint.findings[i]);
    if (fixes.size() >= kShown || std::find(fixes.begin(), fixes.end(), fix) != fixes.end()) continue;
    fixes.push_back(fix);
    repairs += el("li", {}, finding_link(lint.findings[i], i, listed), ": ", text(fix, kTextLimit));
  }
  if (fixes.size() == 1 || unmeasured == nullptr || unmeasured->model == "keep")
    return join(el("p", {{"class", "instruction"}}, sentence(fixes.front())), el("p", {{"class", "first"}}, el("strong", {}, "First: "), finding_link(lint.findings[order.front()], order.front(), listed)));
  return join(el("p", {{"class", "instruction"}}, text(instruction_of(unmeasured->model), kTextLimit)), el("ul", {{"class", "why"}}, repairs));
}

}  // namespace

Html lint_verdict_section(const PageInput& input) {
  const Html measure = empty_state("Nothing was measured. Which of it costs time, and how much, only a measurement can tell:",
                                   "concadvise profile -o run -- ./your-program\nconcadvise report run.json lint.json -o report.html");
  const std::vector<std::size_t> order = input.lint == nullptr ? std::vector<std::size_t>{} : by_gravity(*input.lint);
  if (order.empty()) return section("verdict", "Verdict", join(el("p", {{"class", "headline"}}, "Nothing found in the source"), measure));
  const LintResult& lint = *input.lint;
  return section("verdict", "Verdict",
                 join(el("div", {{"class", "answer"}},
                         el("div", {{"class", "found"}}, el("h3", {}, "What is wrong"), el("p", {{"class", "headline"}}, counted(order.size(), "finding"), " in the source"),
                            el("p", {{"class", "lede"}}, severities_of(lint)), worst(lint, order)),
                         el("div", {{"class", "recommended"}}, el("h3", {}, "What to do"), to_do(lint, order, input.unmeasured))),
                      input.unmeasured == nullptr ? measure : Html{}));
}

}  // namespace concadvise
