// Section 2: the way through the flowchart, with the evidence of each answer, and what was ruled out.
#include <fmt/format.h>

#include "reports/format.h"
#include "reports/page/charts.h"
#include "reports/page/flowchart.h"
#include "reports/page/sections.h"
#include "reports/words.h"

namespace concadvise {
namespace {

std::string answer_words(const Step& step) {
  if (step.answer == "yes") return "Yes";
  if (step.answer == "no") return "No";
  if (step.answer == "not-enough-data") return "Not enough data";
  return step.answer;
}

Html measured_of(const Step& step) {
  if (step.metric.empty()) return {};
  std::string value = format_measured(step.measured, step.unit);
  if (step.interval.high > step.interval.low)
    value += fmt::format(" (between {} and {})", format_measured(step.interval.low, step.unit),
                         format_measured(step.interval.high, step.unit));
  return join(el("div", {}, el("dt", {}, "Measured"), el("dd", {}, el("strong", {}, text(value)), " ",
                                                       el("span", {{"class", "muted"}}, text(step.metric, kNameLimit)))),
              el("div", {}, el("dt", {}, "Border"), el("dd", {}, text(format_measured(step.threshold, step.unit)),
                                                     step.source.empty() ? Html{} : join(" ", el("span", {{"class", "muted"}}, text(step.source, kTextLimit))))));
}

Html evidence_card(const Step& step, std::size_t number, const std::string& id) {
  Html evidence;
  for (const std::string& line : step.evidence) evidence += el("li", {}, text(line, kTextLimit));
  Html facts = measured_of(step);
  if (!step.flips.empty()) facts += el("div", {}, el("dt", {}, "Would flip"), el("dd", {}, text(step.flips, kTextLimit)));
  return el("li", {{"id", id}, {"class", "card"}},
            el("h3", {}, el("span", {{"class", "step-number"}, {"aria-hidden", "true"}}, fmt::format("{}", number)), " ",
               text(step.question.empty() ? step.node : step.question, kTextLimit), " ",
               el("strong", {{"class", id_of("answer answer-", step.answer)}}, text(answer_words(step), kNameLimit))),
            step.metric.empty() ? Html{} : gauge(step), facts.empty() ? Html{} : el("dl", {{"class", "facts"}}, facts),
            evidence.empty() ? Html{} : el("ul", {{"class", "evidence"}}, evidence));
}

Html ruled_out(const Session& session) {
  Html rows;
  const auto add = [&rows](const RuledOut& out) {
    rows += el("li", {}, el("strong", {}, text(out.what, kNameLimit)), ": ", text(out.reason, kTextLimit));
  };
  for (const RuledOut& out : session.verdict.ruled_out) add(out);
  for (const RuledOut& out : session.advice.ruled_out) add(out);
  if (rows.empty()) return {};
  return el("aside", {{"id", "ruled-out"}, {"aria-label", "Ruled out"}}, el("h3", {}, "Ruled out"), el("ul", {}, rows));
}

}  // namespace

Html path_section(const Session& session) {
  const std::vector<Step>& path = session.advice.path;
  Html inside;
  if (path.empty()) {
    inside = empty_state("The flowchart was not walked for this session.", "");
  } else {
    Html cards;
    for (std::size_t i = 0; i < path.size(); ++i) cards += evidence_card(path[i], i + 1, step_id(path[i]));
    inside = join(el("p", {}, "The questions that were asked, in order, with what was measured. Each number in the chart leads to its card below."),
                  flowchart(session), el("ol", {{"class", "cards"}}, cards));
    const std::string leaf = path.back().next.empty() ? session.advice.model : path.back().next;
    inside += el("p", {{"class", "leaf"}}, "This leads to: ", el("strong", {}, text(instruction_of(leaf), kNameLimit)));
  }
  return section("path", "Decision path", join(inside, ruled_out(session)));
}

}  // namespace concadvise
