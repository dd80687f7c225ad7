// The layout: questions stand one below the other in the chart's order, which goes from causes to consequences. The way to
// the next question is straight down; a way that skips questions runs in a lane on the left; an answer that ends the walk
// points right, to the model. So no line crosses a box, at any number of questions. Screen readers get the questions that
// were asked, in their order; the rest of the drawing is hidden from them.
#include "reports/page/flowchart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "reports/inert.h"
#include "reports/words.h"
#include "rules/flowchart.h"

namespace concadvise {
namespace {

constexpr double kBoxWidth = 470;
constexpr double kBoxHeight = 44;
constexpr double kRow = 70;        // from box to box
constexpr double kLane = 15;       // between lines on the left
constexpr double kBadge = 13;      // radius
constexpr double kLeafGap = 74;    // room for the answer on the way to a leaf
constexpr double kLeafWidth = 196;
constexpr double kLeafHeight = 30;
constexpr std::size_t kQuestionLimit = 116;  // characters that fit into a box, on two lines

struct Way {
  std::string label;    // the answer
  std::size_t from = 0;
  std::size_t to = 0;   // row of a question, when `leaf` is empty
  std::string leaf;
  bool taken = false;
  std::size_t lane = 0;
  bool straight() const { return leaf.empty() && to == from + 1; }
};

struct Row {
  std::string id;
  std::string question;
  const Step* step = nullptr;  // when it was asked
  std::size_t number = 0;      // ... as which
};

struct Chart {
  std::vector<Row> rows;
  std::vector<Way> ways;
  std::size_t lanes = 0;
};

std::string_view answer_words(std::string_view answer) { return answer == "not-enough-data" ? "unknown" : answer; }

void add_way(Chart& chart, const std::map<std::string, std::size_t>& row_of, std::size_t from, const std::string& answer, const std::string& next) {
  if (next.empty()) return;
  const Step* step = chart.rows[from].step;
  const bool taken = step != nullptr && step->next == next;
  for (Way& way : chart.ways) {
    const bool same = way.from == from && (way.leaf.empty() ? chart.rows[way.to].id : way.leaf) == next;
    if (same) return;  // "unknown" often goes where "no" goes
  }
  Way way;
  way.from = from;
  way.taken = taken;
  way.label = std::string(answer_words(taken ? step->answer : answer));
  if (const auto found = row_of.find(next); found != row_of.end()) way.to = found->second;
  else way.leaf = next;
  chart.ways.push_back(way);
}

// Lanes like the tracks of a railway station: each line takes the innermost lane that is free over its whole length.
void assign_lanes(Chart& chart) {
  std::vector<Way*> skips;
  for (Way& way : chart.ways)
    if (way.leaf.empty() && !way.straight()) skips.push_back(&way);
  std::stable_sort(skips.begin(), skips.end(), [](const Way* a, const Way* b) { return a->to - a->from < b->to - b->from; });
  std::vector<std::vector<const Way*>> lanes;
  for (Way* way : skips) {
    const auto fits = [way](const std::vector<const Way*>& lane) {
      return std::all_of(lane.begin(), lane.end(), [way](const Way* other) { return other->to <= way->from || way->to <= other->from; });
    };
    const auto free = std::find_if(lanes.begin(), lanes.end(), fits);
    way->lane = static_cast<std::size_t>(free - lanes.begin());
    if (free == lanes.end()) lanes.emplace_back();
    lanes[way->lane].push_back(way);
  }
  chart.lanes = lanes.size();
}

// The whole chart where it knows every question that was asked, else only those.
Chart chart_of(const Session& session) {
  const std::vector<Step>& path = session.advice.path;
  const std::vector<Node>& nodes = Flowchart::builtin().nodes();
  Chart chart;
  for (const Node& node : nodes) chart.rows.push_back({node.id, node.question, nullptr, 0});
  const bool known = std::all_of(path.begin(), path.end(), [](const Step& step) { return Flowchart::builtin().find(step.node) != nullptr; });
  if (!known) chart.rows.clear();
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!known) chart.rows.push_back({path[i].node, path[i].question, nullptr, 0});
    const auto row = known ? std::find_if(chart.rows.begin(), chart.rows.end(), [&](const Row& r) { return r.id == path[i].node; }) : chart.rows.end() - 1;
    row->step = &path[i];
    row->number = i + 1;
    row->question = path[i].question;
  }
  std::map<std::string, std::size_t> row_of;
  for (std::size_t i = 0; i < chart.rows.size(); ++i) row_of.try_emplace(chart.rows[i].id, i);
  for (std::size_t i = 0; i < chart.rows.size(); ++i) {
    if (!known) {
      const bool last = i + 1 == chart.rows.size();
      add_way(chart, row_of, i, path[i].answer, last ? path[i].next : path[i + 1].node);
      continue;
    }
    add_way(chart, row_of, i, "yes", nodes[i].yes);
    add_way(chart, row_of, i, "no", nodes[i].no);
    add_way(chart, row_of, i, "unknown", nodes[i].unknown);
  }
  assign_lanes(chart);
  return chart;
}

class Drawing {
 public:
  Drawing(const Session& session, const Chart& chart) : session_(session), chart_(chart) {
    left_ = std::max(84.0, kBadge + 18 + static_cast<double>(chart.lanes) * kLane);
  }

  Html picture() {
    Html dimmed;
    Html bold;  // drawn last, so that the way that was taken lies on top
    for (const Way& way : chart_.ways) (way.taken ? bold : dimmed) += way.leaf.empty() ? line(way) : leaf(way);
    Html boxes;
    for (std::size_t i = 0; i < chart_.rows.size(); ++i) boxes += box(i);
    const double width = left_ + kBoxWidth + kLeafGap + kLeafWidth + 4;
    const double height = static_cast<double>(chart_.rows.size()) * kRow - (kRow - kBoxHeight) + 26;
    return el("svg", {{"viewBox", fmt::format("0 0 {} {}", coordinate(width), coordinate(height))}, {"width", coordinate(width)},
                      {"height", coordinate(height)}, {"role", "group"}, {"aria-label", "The flowchart; the way that was taken is bold and numbered"}},
              el("g", {{"aria-hidden", "true"}}, dimmed, bold), boxes);
  }

 private:
  static double top(std::size_t row) { return 6 + static_cast<double>(row) * kRow; }
  static double middle(std::size_t row) { return top(row) + kBoxHeight / 2; }
  static std::string cls(std::string_view name, bool taken) { return std::string(name) + (taken ? " taken" : " dim"); }

  static Html label(double x, double y, const Way& way, std::string_view anchor) {
    return el("text", {{"x", coordinate(x)}, {"y", coordinate(y)}, {"text-anchor", std::string(anchor)}, {"class", cls("edge-text", way.taken)}}, text(way.label, 20));
  }

  // An arrow's head at its point, showing down or right.
  static Html head(double x, double y, bool down, bool taken) {
    const std::string points = down ? fmt::format("M{} {}l-5 -8h10z", coordinate(x), coordinate(y)) : fmt::format("M{} {}l-8 -5v10z", coordinate(x), coordinate(y));
    return el("path", {{"d", points}, {"class", cls("arrow", taken)}});
  }

  Html line(const Way& way) const {
    if (way.straight()) {
      const double x = left_ + 40;
      const double y1 = top(way.from) + kBoxHeight;
      const double y2 = top(way.to);
      return join(el("path", {{"d", fmt::format("M{} {}V{}", coordinate(x), coordinate(y1), coordinate(y2))}, {"class", cls("edge", way.taken)}}),
                  head(x, y2, true, way.taken), label(x + 8, y2 - 8, way, "start"));
    }
    // Out at the lower half of the box and in at the upper half of the other, so that lines of both don't meet.
    const double x = left_ - 16 - static_cast<double>(way.lane + 1) * kLane;
    const double y1 = middle(way.from) + 14;
    const double y2 = middle(way.to) - 16;
    const std::string d = fmt::format("M{} {}H{}q-6 0 -6 6V{}q0 6 6 6H{}", coordinate(left_), coordinate(y1), coordinate(x + 6), coordinate(y2 - 6), coordinate(left_));
    return join(el("path", {{"d", d}, {"class", cls("edge", way.taken)}}), head(left_, y2, false, way.taken), label(left_ - 6, y1 + 14, way, "end"));
  }

  // Ways to leaves leave a box one above the other, when there are two.
  Html leaf(const Way& way) const {
    std::size_t all = 0;
    std::size_t index = 0;
    for (const Way& other : chart_.ways) {
      if (other.from != way.from || other.leaf.empty()) continue;
      if (&other == &way) index = all;
      ++all;
    }
    const double y = middle(way.from) + (all < 2 ? 0 : (static_cast<double>(index) - 0.5) * (kLeafHeight + 4));
    const double x1 = left_ + kBoxWidth;
    const double x2 = x1 + kLeafGap;
    const std::string model = way.taken ? session_.advice.model : Flowchart::builtin().model_of(way.leaf);
    const std::string words = way.leaf == "insufficient-data" ? "more data first" : short_name_of(model);
    return join(el("path", {{"d", fmt::format("M{} {}H{}", coordinate(x1), coordinate(y), coordinate(x2))}, {"class", cls("edge", way.taken)}}),
                head(x2, y, false, way.taken), label(x1 + 8, y - 5, way, "start"),
                el("rect", {{"x", coordinate(x2)}, {"y", coordinate(y - kLeafHeight / 2)}, {"width", coordinate(kLeafWidth)}, {"height", coordinate(kLeafHeight)},
                            {"rx", coordinate(kLeafHeight / 2)}, {"class", cls("leaf", way.taken)}}),
                el("text", {{"x", coordinate(x2 + kLeafWidth / 2)}, {"y", coordinate(y + 5)}, {"text-anchor", "middle"}, {"class", cls("leaf-text", way.taken)}}, text(words, 26)));
  }

  // A question on one line or, broken at a space, on two.
  static Html question(const std::string& words, double x, double y, bool taken) {
    constexpr std::size_t kLine = 58;
    const std::string whole = inert(words, kQuestionLimit);
    const auto line = [&](std::string_view part, double at) {
      return el("text", {{"x", coordinate(x)}, {"y", coordinate(at)}, {"class", cls("question", taken)}}, part);
    };
    const std::size_t space = length_of(whole) <= kLine ? std::string::npos : whole.rfind(' ', kLine);
    if (space == std::string::npos) return line(inert(whole, kLine), y + kBoxHeight / 2 + 5);
    return join(line(whole.substr(0, space), y + 18), " ", line(whole.substr(space + 1), y + 35));
  }

  Html box(std::size_t i) const {
    const Row& row = chart_.rows[i];
    const bool taken = row.step != nullptr;
    const Html frame = el("rect", {{"x", coordinate(left_)}, {"y", coordinate(top(i))}, {"width", coordinate(kBoxWidth)}, {"height", coordinate(kBoxHeight)},
                                   {"rx", "6"}, {"class", cls("node", taken)}});
    const Html words = question(row.question, left_ + 24, top(i), taken);
    if (!taken) return el("g", {{"aria-hidden", "true"}}, frame, words);
    const Html badge = join(el("circle", {{"cx", coordinate(left_)}, {"cy", coordinate(middle(i))}, {"r", coordinate(kBadge)}, {"class", "badge"}}),
                            el("text", {{"x", coordinate(left_)}, {"y", coordinate(middle(i) + 5)}, {"text-anchor", "middle"}, {"class", "badge-text"}}, fmt::format("{}", row.number)));
    return el("a", {{"href", "#" + step_id(session_.advice, row.number - 1)}}, frame, badge, " ", words);
  }

  const Session& session_;
  const Chart& chart_;
  double left_ = 0;
};

}  // namespace

std::string step_id(const Advice& advice, std::size_t index) {
  const std::string id = id_of("node-", advice.path[index].node);
  for (std::size_t i = 0; i < index; ++i)
    if (id_of("node-", advice.path[i].node) == id) return fmt::format("{}-{}", id, index + 1);
  return id;
}

Html flowchart(const Session& session) {
  const Chart chart = chart_of(session);
  return el("div", {{"class", "scroll chart"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", "Flowchart"}}, Drawing(session, chart).picture());
}

}  // namespace concadvise
