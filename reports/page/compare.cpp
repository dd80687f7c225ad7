// Two measurements side by side: whether it got faster, whether that was predicted, and what changed.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "model/json.h"
#include "reports/format.h"
#include "reports/page/charts.h"
#include "reports/page/data.h"
#include "reports/page/sections.h"
#include "reports/page/shell.h"
#include "reports/words.h"
#include "rules/wording.h"

namespace concadvise {
namespace {

std::string command_of(const Session& session) {
  std::string out;
  for (const std::string& word : session.profile.target.command) out += (out.empty() ? "" : " ") + word;
  return out.empty() ? "unknown program" : out;
}

Html side(std::string_view label, const Session& session) {
  const Profile& p = session.profile;
  return el("div", {}, el("h3", {}, label), el("p", {{"class", "headline"}}, format_seconds(p.measurement.wall_s)),
            el("p", {}, el("strong", {}, text(headline_of(session.verdict), kTextLimit))), el("p", {}, text(session.verdict.summary, kTextLimit)),
            state_bar(p.shares, fmt::format("Shares of the run by state, {}", label)), state_legend(p.shares), el("p", {}, name_of(command_of(session))));
}

Html row(std::string_view label, const std::string& time, const Interval& range, double after_s, double scale) {
  return el("tr", {}, el("th", {{"scope", "row"}}, label), el("td", {{"class", "number"}}, time), el("td", {{"class", "bar-cell"}}, prediction_bar(range, after_s, scale)));
}

// What is not a metric with words of its own (rules/texts/metrics.toml).
std::string name_of_change(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNames = {{{"wall", "run time"},
                                                                                    {"cpu", "CPU time"},
                                                                                    {"runnable", "threads that want a CPU at a time"},
                                                                                    {"blocked", "threads that are blocked at a time"},
                                                                                    {"longest_wait_s", "the longest single wait"},
                                                                                    {"memory", "memory"}}};
  const std::string words = words_of(name);
  if (words != name) return words;
  const auto* found = std::find_if(kNames.begin(), kNames.end(), [&name](const auto& each) { return each.first == name; });
  return found == kNames.end() ? name : std::string(found->second);
}

Html prediction(const Comparison& comparison, double before_s, double after_s) {
  if (comparison.predicted_model.empty())
    return el("p", {{"class", "muted"}}, "The first measurement predicted nothing for the change that was made.");
  const Interval& range = comparison.predicted_wall_s;
  const double scale = std::max({before_s, after_s, range.high}) * 1.05;
  const std::string verdict = comparison.inside ? "The prediction held" : after_s < range.low ? "Faster than predicted" : "Slower than predicted";
  return join(el("p", {}, el("strong", {}, verdict), ": ", text(comparison.prediction_summary, kTextLimit)),
              el("div", {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", "Run times"}},
                 el("table", {{"id", "run-times"}, {"class", "histogram"}}, el("caption", {}, "Run times: the bar is a range, the upright line what was measured after the change"),
                    el("thead", {}, el("tr", {}, el("th", {{"scope", "col"}}, "run"), el("th", {{"scope", "col"}, {"class", "number"}}, "time"), el("th", {{"scope", "col"}}, "from 0"))),
                    el("tbody", {}, row("before", format_seconds(before_s), {before_s, before_s}, after_s, scale), row("predicted", format_seconds(range), range, after_s, scale),
                       row("after", format_seconds(after_s), {after_s, after_s}, after_s, scale)))));
}

Html changes_table(const Comparison& comparison) {
  const auto value = [](const Change& change, double number) {
    if (change.unit == "bytes") return text(format_bytes(number));
    return text(change.unit == "share" || change.unit == "s" ? format_measured(number, change.unit) : format_number(number));
  };
  Table table{"changes-table", "What changed", {"number", "before", "after", "after / before"}, "tnnn", {}};
  std::size_t nothing = 0;
  for (const Change& change : comparison.changes) {
    const double ratio = change.ratio();
    if (change.before == 0 && change.after == 0) {
      ++nothing;
      continue;
    }
    table.rows.push_back({text(name_of_change(change.name), kNameLimit), value(change, change.before), value(change, change.after),
                          text(std::isinf(ratio) ? "new" : fmt::format("{:.2f}", ratio))});
  }
  return join(table_of(table), nothing == 0 ? Html{} : el("p", {{"class", "muted"}}, fmt::format("Left out: {} numbers that were 0 before and after.", nothing)));
}

}  // namespace

std::string render_compare_html(const Session& before, const Session& after, const Comparison& comparison) {
  const std::string outcome = comparison.outcome == "faster" ? "It got faster" : comparison.outcome == "slower" ? "It got slower" : "The run time did not change";
  Html doubts;
  for (const std::string& doubt : comparison.doubts) doubts += el("li", {}, text(doubt, kTextLimit));
  const double before_s = before.profile.measurement.wall_s;
  const double after_s = after.profile.measurement.wall_s;
  Html sections = section("verdict", "What the change did",
                          join(el("p", {{"class", "headline"}}, outcome), el("p", {{"class", "lede"}}, text(comparison.summary, kTextLimit)),
                               doubts.empty() ? Html{} : el("aside", {{"aria-label", "Doubts"}}, el("h3", {}, "It may not be the same work"), el("ul", {}, doubts))));
  sections += section("predicted", "Predicted against measured", prediction(comparison, before_s, after_s));
  sections += section("sides", "Before and after", el("div", {{"class", "answer"}}, side("before", before), side("after", after)));
  sections += section("changes", "In numbers", changes_table(comparison));
  sections += el("p", {{"id", "data"}}, "The data behind this page are in it, as compressed JSON: ",
                 json_link("before.json", session_to_json(carried(before).session, JsonForm::compact_ascii)), ", ",
                 json_link("after.json", session_to_json(carried(after).session, JsonForm::compact_ascii)), ".");
  const std::string command = command_of(after);
  return page_of({command, join("Before and after: ", name_of(command)),
                  {{"verdict", "What it did"}, {"predicted", "Predicted"}, {"sides", "Before and after"}, {"changes", "Numbers"}}, sections, {}});
}

}  // namespace concadvise
