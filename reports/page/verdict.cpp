// Section 1: the verdict, the model that fits, what it would gain, and how well all of it was measured.
#include <fmt/format.h>

#include <algorithm>

#include "reports/format.h"
#include "reports/page/charts.h"
#include "reports/page/sections.h"
#include "reports/words.h"

namespace concadvise {
namespace {

Html fact(std::string_view term, const Html& value, std::string_view cls = "") {
  return el("div", {{cls.empty() ? "" : "class", std::string(cls)}}, el("dt", {}, term), el("dd", {}, value));
}

Html fact(std::string_view term, std::string_view value) { return fact(term, text(value)); }

// "sure" in words, for those who don't read numbers as probabilities.
std::string_view confidence_words(double confidence) {
  if (confidence >= 0.9) return "very sure";
  if (confidence >= 0.7) return "sure";
  if (confidence >= 0.5) return "fairly sure";
  return "unsure";
}

Html confidence_of(const Verdict& verdict) {
  Html why;
  for (const std::string& reason : verdict.confidence_why) why += el("li", {}, text(reason, kTextLimit));
  return join(el("strong", {}, format_share(verdict.confidence)), " ", confidence_words(verdict.confidence),
              why.empty() ? Html{} : el("ul", {{"class", "why"}}, why));
}

const Prediction* chosen(const Advice& advice) {
  for (const Prediction& prediction : advice.predictions)
    if (prediction.model == advice.model) return &prediction;
  return nullptr;
}

Html gain_of(const Session& session) {
  const Prediction* prediction = chosen(session.advice);
  if (prediction == nullptr) return el("span", {{"class", "muted"}}, "nothing to gain was predicted");
  const std::string wall = format_seconds(session.profile.measurement.wall_s);
  return join(el("strong", {}, format_gain({prediction->gain_low, prediction->gain_high})), ": ", format_seconds(prediction->wall_s),
              prediction->model == "keep" || prediction->model == "synchronous" ? ", measured " + wall : " instead of " + wall);
}

Html quality_strip(const Profile& profile) {
  const Measurement& m = profile.measurement;
  Html facts = fact("Duration", format_seconds(m.wall_s) + (m.stopped_early ? ", stopped early" : ""));
  facts += fact("Level", m.level);
  facts += fact("Thread states seen", format_count(static_cast<double>(m.thread_samples)));
  facts += fact("CPU stacks", m.cpu_samples > 0 ? format_count(static_cast<double>(m.cpu_samples)) : "none");
  facts += fact("Lost", m.lost > 0 ? format_share(m.lost) : "nothing");
  if (m.cpu_samples > 0) facts += fact("Names resolved", format_share(m.symbols_resolved));
  if (m.cpu_s > 0) facts += fact("CPU time seen", fmt::format("{} of {}", format_seconds(m.cpu_seen_s), format_seconds(m.cpu_s)));
  facts += fact("Cost of measuring", format_seconds(m.own_cpu_s) + " CPU, then " + format_seconds(m.finishing_cpu_s));
  Html notes;
  for (const std::string& note : m.notes) notes += el("li", {}, text(note, kTextLimit));
  return el("div", {{"class", "quality"}, {"id", "quality"}}, el("h3", {}, "How well it was measured"), el("dl", {{"class", "strip"}}, facts),
            notes.empty() ? Html{} : el("ul", {{"class", "notes"}}, notes));
}

Html withheld(const Session& session) {
  Html commands;
  for (const Action& action : session.advice.actions) {
    commands += el("p", {}, text(action.title, kTextLimit));
    if (!action.why.empty()) commands += el("p", {}, text(action.why, kTextLimit));
    if (!action.verify.empty()) commands += command_line(action.verify);
  }
  return join(el("p", {{"class", "headline"}}, "Not enough data for a verdict"),
              el("p", {{"class", "lede"}}, text(session.verdict.summary, kTextLimit)),
              el("p", {}, "No advice is given, because it would be a guess. To get one:"), commands);
}

// The first thing to do, with the line of the source where there is one, and the way to the rest.
Html first_step(const Advice& advice) {
  if (advice.actions.empty()) return {};
  const Action& first = advice.actions.front();
  return el("p", {{"class", "first"}}, el("strong", {}, "First: "), text(first.title, kTextLimit),
            first.where.empty() ? Html{} : join(", at ", name_of(first.where)), ". ", el("a", {{"href", "#advice"}}, "How to do it"));
}

Html answer(const Session& session) {
  const Verdict& verdict = session.verdict;
  const Advice& advice = session.advice;
  const std::string klass = verdict.resource.empty() ? verdict.klass : verdict.klass + " / " + verdict.resource;
  Html recommended = el("p", {{"class", "instruction"}}, text(instruction_of(advice.model), kTextLimit));
  if (!advice.implementation.empty()) recommended += el("p", {{"class", "implementation"}}, text(advice.implementation, kTextLimit));
  if (!advice.summary.empty()) recommended += el("p", {}, text(advice.summary, kTextLimit));
  recommended += first_step(advice);
  Html facts = fact("Confidence", confidence_of(verdict));
  facts += fact("Predicted gain", gain_of(session));
  if (!verdict.nearest.empty()) facts += fact("What would change our mind", text(verdict.nearest, kTextLimit));
  return join(
      el("div", {{"class", "answer"}},
         el("div", {{"class", "found"}}, el("h3", {}, "What it does"), el("p", {{"class", "headline"}}, text(headline_of(verdict), kTextLimit)),
            el("p", {{"class", "lede"}}, text(verdict.summary, kTextLimit)), el("p", {{"class", "klass"}}, "verdict ", el("code", {}, text(klass)))),
         el("div", {{"class", "recommended"}}, el("h3", {}, "What to do"), recommended)),
      el("dl", {{"class", "facts"}}, facts));
}

}  // namespace

Html verdict_section(const Session& session) {
  const bool enough = session.verdict.klass != "insufficient-data";
  Html inside = enough ? answer(session) : withheld(session);
  const StateTimes& shares = session.profile.shares;
  if (shares.sum() > 0)
    inside += el("figure", {}, el("figcaption", {}, "Where the time of the run went"),
                 state_bar(shares, "Shares of the run by state"), state_legend(shares));
  inside += quality_strip(session.profile);
  return section("verdict", "Verdict", inside);
}

}  // namespace concadvise
