// Section 1: the verdict, the model that fits, what it would gain, and how well all of it was measured.
#include <fmt/format.h>

#include <algorithm>

#include "reports/format.h"
#include "reports/page/charts.h"
#include "reports/page/sections.h"
#include "reports/words.h"
#include "rules/source_place.h"
#include "rules/work.h"

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

bool is_keep(std::string_view model) { return model == "keep" || model == "synchronous"; }

Html gain_of(const Session& session) {
  const Prediction* prediction = chosen(session.advice);
  if (prediction == nullptr) return el("span", {{"class", "muted"}}, "nothing to gain was predicted");
  const std::string wall = format_seconds(session.profile.measurement.wall_s);
  return join(el("strong", {}, format_gain({prediction->gain_low, prediction->gain_high})), ": ", format_seconds(prediction->wall_s),
              is_keep(prediction->model)                ? ", measured " + wall
              : session.profile.target.attached ? " for the work of these " + wall
                                                : " instead of " + wall);
}

// The levels of measurement by what they see; their names are those of the option.
std::string seen_by(const std::string& level) {
  if (level == "procfs") return "/proc alone (procfs)";
  if (level == "perf") return "CPU samples (perf)";
  if (level == "sched") return "every wake-up (sched)";
  return level;
}

std::string counted_of(const Counters& counters) {
  if (counters.cycles <= 0 || counters.instructions <= 0) return "none here";
  std::string out = format_number(counters.instructions / counters.cycles) + " instructions per cycle";
  if (counters.cache_misses >= 0) out += fmt::format(", {} cache misses per 1000", format_number(1000 * counters.cache_misses / counters.instructions));
  return out;
}

Html quality_strip(const Profile& profile) {
  const Measurement& m = profile.measurement;
  Html facts = fact("Duration", format_seconds(m.wall_s) + (m.stopped_early ? ", stopped early" : ""));
  facts += fact("Measured with", seen_by(m.level));
  facts += fact("Thread states seen", format_count(static_cast<double>(m.thread_samples)));
  facts += fact("CPU stacks", m.cpu_samples > 0 ? format_count(static_cast<double>(m.cpu_samples)) : "none");
  facts += fact("Lost", m.lost > 0 ? format_share(m.lost) : "nothing");
  facts += fact("Hardware counters", counted_of(profile.counters));
  if (m.cpu_samples > 0) facts += fact("Names resolved", format_share(m.symbols_resolved));
  if (m.cpu_s > 0) facts += fact("CPU time seen", part_of(m.cpu_seen_s, m.cpu_s));
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

// Where most of the waiting or computing happens, in the program's own code where that is known.
Html seen_of(const Profile& profile) {
  constexpr double kWorthNaming = 0.2;  // of the run
  const std::string module = own_module_of(profile);
  const auto at = [&module](const std::vector<Frame>& stack) {
    Html out;
    const std::vector<std::string> places = place_and_callers(stack, module);
    for (std::size_t i = 0; i < places.size(); ++i) out += join(i == 0 ? ", at " : joint_before(i), name_of(places[i]));
    return out;
  };
  Html out;
  std::vector<std::string> told;  // places, each of which is told once
  if (const State most = profile.shares.largest_wait(); profile.shares[most] >= kWorthNaming && most != State::idle)
    if (const auto wait = std::find_if(profile.waits.begin(), profile.waits.end(), [most](const Wait& each) { return each.state == most; }); wait != profile.waits.end()) {
      const WaitSize size = size_of(*wait);
      out += el("li", {}, "Waiting: ", name_of(wait->what.empty() ? wait->syscall : wait->what),
                fmt::format(", {} in {}{} wait{}, the longest {}", format_seconds(wait->seconds), wait->count_is_estimate ? "about " : "", format_count(size.count),
                            size.count < 1.5 ? "" : "s", format_seconds(size.longest_s)),
                at(wait->stack));
      told = place_and_callers(wait->stack, module);
    }
  if (profile.shares[State::on_cpu] >= kWorthNaming)
    if (const auto spot = std::find_if(profile.hot_spots.begin(), profile.hot_spots.end(), [](const HotSpot& each) { return each.state == State::on_cpu; }); spot != profile.hot_spots.end())
      out += el("li", {}, "Computing: ", format_seconds(profile.measurement.cpu_s), fmt::format(", {} of it", format_share(spot->share)), at(spot->stack));
  const auto there = [&](const Loop& loop) {
    if (loop.stalls.empty()) return Html{};
    const std::vector<Frame>& stack = loop.stalls.front().stack;
    const bool again = !told.empty() && place_and_callers(stack, module) == told;
    return again ? text(", there too") : at(stack);
  };
  for (const Loop& loop : profile.loops)
    if (const double total = loop.waiting_s + loop.busy_s + loop.blocked_s; total > 0 && loop.blocked_s / total >= kWorthNaming)
      out += el("li", {}, fmt::format("Event loop of thread {}: stopped {} of the time, {} at once at most", loop.tid, format_share(loop.blocked_s / total), format_seconds(longest_stall_of(loop))),
                there(loop));
  return out.empty() ? Html{} : el("ul", {{"class", "why"}}, out);
}

// The first thing to do, with the line of the source where there is one, and the way to the rest.
Html first_step(const Advice& advice) {
  if (advice.actions.empty() || is_keep(advice.model)) return {};
  const Action& first = advice.actions.front();
  return el("p", {{"class", "first"}}, el("strong", {}, "First: "), sentence(first.title),
            first.where.empty() || first.title.find(first.where) != std::string::npos ? Html{} : join(", at ", name_of(first.where)), ". ", el("a", {{"href", "#advice"}}, "How to do it"));
}

Html answer(const Session& session) {
  const Verdict& verdict = session.verdict;
  const Advice& advice = session.advice;
  const std::string klass = verdict.resource.empty() ? verdict.klass : verdict.klass + " / " + verdict.resource;
  Html recommended = el("p", {{"class", "instruction"}}, text(instruction_of(session), kTextLimit));
  if (!advice.implementation.empty() && verdict.klass != "idle") recommended += el("p", {{"class", "implementation"}}, sentence(advice.implementation));
  if (!advice.summary.empty()) recommended += el("p", {}, prose(advice.summary));
  recommended += first_step(advice);
  Html facts = fact("Confidence in the verdict", confidence_of(verdict));
  facts += fact("Predicted gain", gain_of(session));
  if (!verdict.nearest.empty()) facts += fact("What would change our mind", text(verdict.nearest, kTextLimit));
  return join(
      el("div", {{"class", "answer"}},
         el("div", {{"class", "found"}}, el("h3", {}, "What it does"), el("p", {{"class", "headline"}}, text(headline_of(verdict), kTextLimit)),
            el("p", {{"class", "lede"}}, text(verdict.summary, kTextLimit)), seen_of(session.profile), el("p", {{"class", "klass"}}, "verdict ", el("code", {}, text(klass)))),
         el("div", {{"class", verdict.klass == "idle" ? "recommended open" : "recommended"}}, el("h3", {}, "What to do"), recommended)),
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
