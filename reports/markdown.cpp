// The summary for a comment on a pull request (GitHub's and GitLab's Markdown).
#include <fmt/format.h>

#include "reports/format.h"
#include "reports/inert.h"
#include "reports/report.h"
#include "reports/words.h"

namespace concadvise {
namespace {

constexpr std::size_t kLimit = 300;          // characters of a text from the target
constexpr std::size_t kFindingsShown = 20;
constexpr std::size_t kActionsShown = 5;

// Text that can't become Markdown, HTML, a mention or a link: each ASCII punctuation character may be escaped by a
// backslash (CommonMark 2.4); '@' and '<' are written as entities, because mentions and HTML ignore the backslash.
std::string md(std::string_view raw, std::size_t limit = kLimit) {
  std::string out;
  for (char c : inert(raw, limit)) {
    if (c == '<') out += "&lt;";
    else if (c == '@') out += "&#64;";
    else if (std::string_view("\\`*_{}[]()#+!|>~$").find(c) != std::string_view::npos) out += {'\\', c};
    else out += c;
  }
  return out;
}

// A code span whose fence is longer than any run of backticks in it.
std::string code(std::string_view raw) {
  const std::string text = inert(raw, kLimit);
  std::size_t longest = 0;
  std::size_t run = 0;
  for (char c : text) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  const std::string fence(longest + 1, '`');
  return fmt::format("{} {} {}", fence, text, fence);
}

std::string fenced(std::string_view raw) {
  std::string fence = "```";
  const std::string text = inert(raw, 4000, Lines::many);
  while (text.find(fence) != std::string::npos) fence += '`';
  return fmt::format("{}\n{}\n{}\n", fence, text, fence);
}

std::string verdict_part(const Session& session) {
  const Verdict& verdict = session.verdict;
  const Advice& advice = session.advice;
  std::string out = fmt::format("## concadvise: {}\n\n", md(headline_of(verdict)));
  std::string command;
  for (const std::string& word : session.profile.target.command) command += (command.empty() ? "" : " ") + word;
  out += fmt::format("{}, {} measured\n\n{}\n\n", code(command), format_seconds(session.profile.measurement.wall_s), md(verdict.summary, 600));
  if (verdict.klass == "insufficient-data") return out;
  out += fmt::format("**{}**{} ({} sure of the verdict)\n\n", md(instruction_of(session)), advice.implementation.empty() ? "" : ": " + md(advice.implementation),
                     format_share(verdict.confidence));
  for (const Prediction& prediction : advice.predictions)
    if (prediction.model == advice.model)
      out += fmt::format("Expected: {}, {}.\n\n", format_seconds(prediction.wall_s), format_gain({prediction.gain_low, prediction.gain_high}));
  return out;
}

std::string path_part(const Advice& advice) {
  if (advice.path.empty()) return {};
  std::string out = "| question | answer | measured | threshold |\n|---|---|---|---|\n";
  for (const Step& step : advice.path)
    out += fmt::format("| {} | {} | {} | {} |\n", md(step.question), md(step.answer), md(format_measured(step.measured, step.unit)),
                       md(format_measured(step.threshold, step.unit)));
  return out + "\n";
}

std::string actions_part(const Advice& advice) {
  std::string out;
  for (std::size_t i = 0; i < advice.actions.size() && i < kActionsShown; ++i) {
    const Action& action = advice.actions[i];
    out += fmt::format("{}. **{}**{}\n   {}\n", i + 1, md(action.title), action.where.empty() ? "" : " at " + code(action.where), md(action.why, 600));
  }
  return out.empty() ? out : "### What to do\n\n" + out + "\n";
}

std::string check_part(const Advice& advice) {
  for (const Action& action : advice.actions)
    if (!action.verify.empty()) return "Check it with:\n\n" + fenced(action.verify) + "\n";
  return {};
}

std::string findings_part(const LintResult& lint) {
  std::size_t open = 0;
  std::string rows;
  for (const Finding& finding : lint.findings) {
    if (finding.suppressed) continue;
    if (++open > kFindingsShown) continue;
    rows += fmt::format("| {} | {} | {} | {} |\n", md(finding.severity), code(fmt::format("{}:{}", finding.file, finding.line)), md(finding.rule), md(finding.message));
  }
  std::string out = fmt::format("### Findings in the source: {}\n\n", open);
  if (rows.empty()) return out;
  out += "| severity | place | rule | finding |\n|---|---|---|---|\n" + rows + "\n";
  if (open > kFindingsShown) out += fmt::format("{} more.\n\n", open - kFindingsShown);
  return out;
}

}  // namespace

std::string render_markdown(const PageInput& input) {
  std::string out;
  if (input.session != nullptr) {
    const Advice& advice = input.session->advice;
    out = verdict_part(*input.session) + path_part(advice) + actions_part(advice) + check_part(advice);
  }
  if (input.session == nullptr && input.unmeasured != nullptr)
    out += md(input.unmeasured->summary, 600) + "\n\n" + (input.unmeasured->actions.empty() ? "" : fenced(input.unmeasured->actions.front().verify) + "\n");
  if (input.lint != nullptr) out += findings_part(*input.lint);
  return out;
}

}  // namespace concadvise
