#include "reports/page/flowchart.h"

#include <fmt/format.h>

#include "reports/format.h"
#include "reports/words.h"

namespace concadvise {
namespace {

constexpr double kBoxWidth = 420;
constexpr double kBoxHeight = 46;
constexpr double kGap = 26;
constexpr double kLeft = 34;

}  // namespace

std::string step_id(const Step& step) { return id_of("node-", step.node); }

Html flowchart(const Session& session) {
  const std::vector<Step>& path = session.advice.path;
  Html parts;
  double y = 6;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Step& step = path[i];
    Html box = join(el("rect", {{"x", coordinate(kLeft)}, {"y", coordinate(y)}, {"width", coordinate(kBoxWidth)}, {"height", coordinate(kBoxHeight)}, {"rx", "6"}, {"class", "node taken"}}),
                    el("circle", {{"cx", coordinate(kLeft)}, {"cy", coordinate(y + kBoxHeight / 2)}, {"r", "14"}, {"class", "badge"}}),
                    el("text", {{"x", coordinate(kLeft)}, {"y", coordinate(y + kBoxHeight / 2 + 5)}, {"text-anchor", "middle"}, {"class", "badge-text"}}, fmt::format("{}", i + 1)),
                    el("text", {{"x", coordinate(kLeft + 24)}, {"y", coordinate(y + 20)}}, text(step.question, 54)),
                    el("text", {{"x", coordinate(kLeft + 24)}, {"y", coordinate(y + 38)}, {"class", "strong"}}, text(step.answer, 20)));
    parts += el("a", {{"href", "#" + step_id(step)}}, box);
    y += kBoxHeight;
    parts += el("line", {{"x1", coordinate(kLeft + 60)}, {"x2", coordinate(kLeft + 60)}, {"y1", coordinate(y)}, {"y2", coordinate(y + kGap)}, {"class", "edge taken"}});
    y += kGap;
  }
  parts += el("rect", {{"x", coordinate(kLeft)}, {"y", coordinate(y)}, {"width", coordinate(kBoxWidth)}, {"height", "40"}, {"rx", "20"}, {"class", "leaf taken"}});
  parts += el("text", {{"x", coordinate(kLeft + 24)}, {"y", coordinate(y + 25)}, {"class", "strong"}}, text(instruction_of(session.advice.model), 54));
  y += 46;
  const double width = kLeft + kBoxWidth + 10;
  return el("div", {{"class", "scroll chart"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", "Flowchart"}},
            el("svg", {{"viewBox", fmt::format("0 0 {} {}", coordinate(width), coordinate(y))}, {"width", coordinate(width)}, {"height", coordinate(y)}, {"role", "group"}, {"aria-label", "The way through the flowchart"}}, parts));
}

}  // namespace concadvise
