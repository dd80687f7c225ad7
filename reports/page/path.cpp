// Section 2: the way through the flowchart, with the evidence of each answer, and what was ruled out.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/format.h"
#include "reports/page/charts.h"
#include "reports/page/flowchart.h"
#include "reports/page/sections.h"
#include "reports/words.h"
#include "rules/wording.h"

namespace concadvise {
namespace {

std::string answer_words(const Step& step) {
  if (step.answer == "yes") return "Yes";
  if (step.answer == "no") return "No";
  if (step.answer == "not-enough-data") return "Unknown";
  return step.answer;
}

// What was compared, in one line: "93 % (90 % to 96 %), threshold 60 %".
Html comparison(const Step& step) {
  const std::string value = format_measured(step.measured, step.unit);
  const std::string low = format_measured(step.interval.low, "share" == step.unit || "s" == step.unit ? step.unit : "");
  const std::string high = format_measured(step.interval.high, "share" == step.unit || "s" == step.unit ? step.unit : "");
  const std::string range = low == high ? "" : fmt::format(" ({} to {})", low, high);
  return el("p", {{"class", "compared"}}, el("strong", {}, text(value, kNameLimit)), text(range, kNameLimit),
            el("span", {{"class", "muted"}}, ", threshold ", text(format_measured(step.threshold, step.unit), kNameLimit)));
}

// The part of the page that shows what the question was answered from; empty where the page has no such part.
struct Seen {
  std::string_view node;
  std::string_view anchor;
  std::string_view words;
};
constexpr std::array<Seen, 23> kSeen = {{
    {"enough-data", "quality", "How well it was measured"}, {"idle", "states-table", "Time by state"},
    {"gil", "waits-table", "What it waited for"},           {"gil-beside-waits", "loops", "Event loops"},
    {"lock", "waits-table", "What it waited for"},          {"oversubscribed", "cpu-use", "CPUs in use"},
    {"loop-blocked", "loops", "Event loops"},               {"loop-computes", "loops", "Event loops"},
    {"loop-computes-beside-waits", "loops", "Event loops"}, {"self-wait", "waits-table", "What it waited for"},
    {"both-large", "states-table", "Time by state"},        {"both-spread", "threads", "Threads"},
    {"both-worth", "cpu-use", "CPUs in use"},
    {"waiting", "states-table", "Time by state"},           {"overlapped", "waits-table", "What it waited for"},
    {"too-many-threads", "threads", "Threads"},             {"loop-healthy", "loops", "Event loops"},
    {"several-waits", "waits-table", "What it waited for"}, {"many-connections", "loops", "Event loops"},
    {"few-waits", "waits-table", "What it waited for"},     {"cpu-heavy", "states-table", "Time by state"},
    {"all-cpus", "cpu-use", "CPUs in use"},                 {"worth-it", "on-cpu-table", "Where it computes"},
}};

// Only to what the page has: a table that would be empty is not there.
bool is_there(std::string_view anchor, const Profile& profile) {
  if (anchor == "waits-table") return !profile.waits.empty();
  if (anchor == "loops") return !profile.loops.empty();
  if (anchor == "cpu-use") return !profile.windows.empty();
  if (anchor == "on-cpu-table") return std::any_of(profile.hot_spots.begin(), profile.hot_spots.end(), [](const HotSpot& spot) { return spot.state == State::on_cpu; });
  return true;
}

Html seen_link(const Step& step, const Profile& profile) {
  const auto* seen = std::find_if(kSeen.begin(), kSeen.end(), [&step](const Seen& each) { return each.node == step.node; });
  if (seen == kSeen.end() || !is_there(seen->anchor, profile)) return {};
  return el("li", {}, "See: ", el("a", {{"href", "#" + std::string(seen->anchor)}}, seen->words));
}

// Where the number and the threshold come from, what would flip the answer, and what was seen.
Html reasons(const Step& step, const Profile& profile) {
  Html lines;
  const auto line = [&lines](std::string_view term, const std::string& words) {
    if (!words.empty()) lines += el("li", {}, el("span", {{"class", "muted"}}, term), " ", text(words, kTextLimit));
  };
  for (const std::string& seen : step.evidence) lines += el("li", {}, text(seen, kTextLimit));
  line("Measured:", step.metric.empty() ? "" : words_of(step.metric));
  line("The threshold comes from:", step.source);
  line("It would flip", step.flips);
  lines += seen_link(step, profile);
  return lines.empty() ? Html{} : el("ul", {{"class", "evidence"}}, lines);
}

// Answers that turned the way, and the last one, show their reasons at once; the others on request.
Html evidence_card(const Step& step, std::size_t number, const std::string& id, bool decisive, const Profile& profile) {
  const bool compared = step.answer != "not-enough-data" && !step.metric.empty();
  const Html why = reasons(step, profile);
  return el("li", {{"id", id}, {"class", "card step"}},
            el("div", {{"class", "step-line"}},
               el("h3", {}, el("span", {{"class", "step-number"}, {"aria-hidden", "true"}}, fmt::format("{}", number)), " ",
                  el("span", {{"class", "asked"}}, text(step.question.empty() ? step.node : step.question, kTextLimit))),
               compared ? join(gauge(step), comparison(step)) : Html{},
               el("strong", {{"class", id_of("reply reply-", step.answer)}}, text(answer_words(step), kNameLimit))),
            why.empty() ? Html{} : el("details", {{decisive ? "open" : "", ""}}, el("summary", {}, "Evidence"), why));
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
    for (std::size_t i = 0; i < path.size(); ++i) cards += evidence_card(path[i], i + 1, step_id(session.advice, i), path[i].answer == "yes" || i + 1 == path.size(), session.profile);
    inside = join(el("p", {{"class", "for-screen"}}, "The questions that were asked, in order, with what was measured. Each number in the chart leads to its card below."),
                  flowchart(session), el("ol", {{"class", "cards"}}, cards));
    inside += el("p", {}, "This leads to: ", el("strong", {}, text(instruction_of(session), kNameLimit)));
  }
  return section("path", "Decision path", join(inside, ruled_out(session)));
}

}  // namespace concadvise
