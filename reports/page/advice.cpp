// Section 3: the advice as a to-do list, and what each model was predicted to gain.
#include <fmt/format.h>

#include <algorithm>

#include "reports/format.h"
#include "reports/links.h"
#include "reports/page/charts.h"
#include "reports/page/excerpt.h"
#include "reports/page/sections.h"
#include "reports/words.h"
#include "rules/explain.h"

namespace concadvise {
namespace {

Html fact(std::string_view term, const std::string& value) {
  if (value.empty() || value == "None." || value == "Never.") return {};
  return el("div", {}, el("dt", {}, term), el("dd", {}, prose(value)));
}

// Where the advice starts: the place, what was measured there, what lint found there, and the lines themselves.
Html where_of(const Action& action, const PageInput& input) {
  if (action.where.empty()) return {};
  Html out = name_of(action.where);
  const auto place = place_in(action.where);
  if (!place) return out;
  Html links;
  if (input.session != nullptr)
    if (const auto spot = spot_at(*place, input.session->profile); spot && is_shown(*spot, input.session->profile))
      links += el("li", {}, el("a", {{"href", fmt::format("#spot-{}", *spot)}}, "Time measured there"), ": ", format_seconds(input.session->profile.hot_spots[*spot].seconds), " ",
                  label_of(input.session->profile.hot_spots[*spot].state));
  if (input.lint != nullptr && input.lint->findings.size() <= kFindingsShown) {
    Frame frame;
    frame.file = place->file;
    frame.line = place->line;
    for (const std::size_t i : findings_on({frame}, *input.lint))
      links += el("li", {}, el("a", {{"href", fmt::format("#finding-{}", i)}}, "Found in the source: ", text(input.lint->findings[i].rule, kNameLimit)));
  }
  return join(out, links.empty() ? Html{} : el("ul", {{"class", "joined"}}, links), excerpt_of(input, place->file, place->line));
}

Html action_card(const Action& action, std::size_t number, const PageInput& input) {
  Html tags;
  if (action.gain > 0) tags += el("li", {}, fmt::format("saves about {} of the time", format_share(action.gain)));
  if (action.confidence > 0) tags += el("li", {}, fmt::format("{} sure of the diagnosis", format_share(action.confidence)));
  if (!action.effort.empty()) tags += el("li", {}, text(action.effort + " effort", kNameLimit));
  Html where = where_of(action, input);
  if (!where.empty()) where = el("div", {}, el("dt", {}, "Where"), el("dd", {}, where));
  Html facts = join(where, fact("Risk", action.risk), fact("Don't, when", action.when_not));
  return el("li", {{"id", fmt::format("action-{}", number)}, {"class", "card"}}, el("h3", {}, sentence(action.title)),
            tags.empty() ? Html{} : el("ul", {{"class", "tags"}}, tags),
            action.why.empty() ? Html{} : el("p", {}, sentence(action.why)),
            facts.empty() ? Html{} : el("dl", {{"class", "facts"}}, facts),
            action.sketch.empty() ? Html{} : el("pre", {{"class", "sketch"}, {"tabindex", "0"}}, el("code", {}, text(action.sketch, kTextLimit, Lines::many))),
            action.verify.empty() ? Html{} : join(el("p", {{"class", "then"}}, "Then check it:"), command_line(action.verify)));
}

Html prediction_row(const Prediction& prediction, const Session& session, double scale_s) {
  const double measured = session.profile.measurement.wall_s;
  Html why;
  for (const std::string& assumption : prediction.assumptions) why += el("li", {}, text(assumption, kTextLimit));
  Html limits = prediction.limit.empty() ? Html{} : join("Limit: ", text(prediction.limit, kTextLimit));
  if (!why.empty()) limits += el("details", {}, el("summary", {}, "Assumptions"), el("ul", {}, why));
  if (!prediction.verify.empty()) limits += el("details", {}, el("summary", {}, "How to check"), command_line(prediction.verify));
  Html who = text(instruction_of(prediction.model), kNameLimit);
  if (prediction.model == session.advice.model) who += join(" ", el("span", {{"class", "tag"}}, "recommended"));
  if (!prediction.implementation.empty()) who += el("div", {{"class", "muted"}}, text(prediction.implementation, kNameLimit));
  return el("tr", {}, el("th", {{"scope", "row"}}, who), el("td", {{"class", "number"}}, format_seconds(prediction.wall_s)),
            el("td", {{"class", "number"}}, format_gain({prediction.gain_low, prediction.gain_high})),
            el("td", {{"class", "bar-cell"}}, prediction_bar(prediction.wall_s, measured, scale_s)), el("td", {}, limits));
}

Html predictions(const Session& session) {
  const std::vector<Prediction>& all = session.advice.predictions;
  if (all.empty()) return {};
  double scale = session.profile.measurement.wall_s;
  for (const Prediction& prediction : all) scale = std::max(scale, prediction.wall_s.high);
  scale *= 1.03;
  Html rows;
  for (const Prediction& prediction : all) rows += prediction_row(prediction, session, scale);
  const auto head = [](std::string_view name) { return el("th", {{"scope", "col"}}, name); };
  return join(el("h3", {{"id", "predictions"}}, "What each model was predicted to take"),
              el("p", {}, "Measured now: ", el("strong", {}, format_seconds(session.profile.measurement.wall_s)),
                 " (the upright line). The bar is the range in which the run is expected to end with that model. It may begin a little below its "
                 "limit, because two runs of the same program differ by that much."),
              el("div", {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-labelledby", "predictions"}},
                 el("table", {{"class", "predictions"}},
                    el("thead", {}, el("tr", {}, head("model"), el("th", {{"scope", "col"}, {"class", "number"}}, "run time"),
                                       el("th", {{"scope", "col"}, {"class", "number"}}, "gain"), head("range"), head("what bounds it"))),
                    el("tbody", {}, rows))));
}

}  // namespace

// The recommended model in more words: the text of `concadvise explain`.
Html model_explained(const Advice& advice) {
  const auto words = explain_judgement(advice.model);
  if (!words) return {};
  return el("details", {{"id", "about-model"}, {"class", "about"}}, el("summary", {}, "About ", text(advice.model, kNameLimit), ": when it fits and when not"),
            el("pre", {{"class", "prose"}, {"tabindex", "0"}}, text(*words, kTextLimit, Lines::many)));
}

Html advice_section(const PageInput& input) {
  const Session& session = *input.session;
  const std::vector<Action>& actions = session.advice.actions;
  Html cards;
  for (std::size_t i = 0; i < actions.size(); ++i) cards += action_card(actions[i], i + 1, input);
  Html list = actions.empty() ? empty_state("There is nothing to do: no change is expected to pay for itself.", "")
                              : el("ol", {{"class", "cards todo"}}, cards);
  return section("advice", "What to do", join(list, predictions(session), session.verdict.klass == "insufficient-data" ? Html{} : model_explained(session.advice)));
}

Html unmeasured_section(const PageInput& input) {
  const Advice& advice = *input.unmeasured;
  Html cards;
  for (std::size_t i = 0; i < advice.actions.size(); ++i) cards += action_card(advice.actions[i], i + 1, input);
  return section("advice", "What to do", join(el("p", {}, prose(advice.summary)),
                                              cards.empty() ? Html{} : el("ol", {{"class", "cards todo"}}, cards)));
}

}  // namespace concadvise
