#include "reports/page/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "reports/format.h"
#include "reports/words.h"

namespace concadvise {
namespace {

std::string percent(double share) { return coordinate(share * 100) + "%"; }

std::string class_of(State state) { return fmt::format("s-{}", name_of(state)); }

std::vector<State> largest_first(const StateTimes& times) {
  std::vector<State> order;
  for (State state : kAllStates)
    if (times[state] > 0) order.push_back(state);
  std::stable_sort(order.begin(), order.end(), [&](State a, State b) { return times[a] > times[b]; });
  return order;
}

Html svg(std::string_view cls, std::string_view height, std::string_view label, const Html& inside) {
  return el("svg", {{"class", std::string(cls)}, {"width", "100%"}, {"height", std::string(height)}, {"role", "img"},
                    {"aria-label", std::string(label)}},
            inside);
}

Html rect(double x, double width, double y, double height, std::string cls) {
  return el("rect", {{"x", percent(x)}, {"width", percent(std::max(width, 0.0))}, {"y", coordinate(y)},
                     {"height", coordinate(std::max(height, 0.0))}, {"class", std::move(cls)}});
}

Html label_at(double x, double y, std::string_view anchor, std::string_view words, std::string_view cls = "axis") {
  return el("text", {{"x", percent(x)}, {"y", coordinate(y)}, {"text-anchor", std::string(anchor)}, {"class", std::string(cls)}}, words);
}

Html horizontal(double y, std::string_view cls) {
  return el("line", {{"x1", "0"}, {"x2", "100%"}, {"y1", coordinate(y)}, {"y2", coordinate(y)}, {"class", std::string(cls)}});
}

Html vertical(double x, double y1, double y2, std::string_view cls) {
  return el("line", {{"x1", percent(x)}, {"x2", percent(x)}, {"y1", coordinate(y1)}, {"y2", coordinate(y2)}, {"class", std::string(cls)}});
}

constexpr double kPlotWidth = 1000;  // units of a plot that is stretched to the picture's width
constexpr double kPlotHeight = 96;

// One slice of the run as a rectangle of a path, in plot units; thinner than a tenth of a pixel is left out.
std::string column(const Window& window, double wall_s, double y, double height) {
  if (height < 0.1) return {};
  const double x = window.start_s / wall_s * kPlotWidth;
  const std::string width = coordinate((window.end_s - window.start_s) / wall_s * kPlotWidth);
  return fmt::format("M{} {}h{}v{}h-{}z", coordinate(x), coordinate(y), width, coordinate(height), width);
}

Html columns_path(const std::string& columns, std::string cls) {
  return columns.empty() ? Html{} : el("path", {{"d", columns}, {"class", std::move(cls)}});
}

Html plot(double top, const Html& paths) {
  return el("svg", {{"y", coordinate(top)}, {"width", "100%"}, {"height", coordinate(kPlotHeight)}, {"preserveAspectRatio", "none"},
                    {"viewBox", fmt::format("0 0 {} {}", coordinate(kPlotWidth), coordinate(kPlotHeight))}, {"shape-rendering", "crispEdges"}},
            paths);
}

// Start, middle and end of the run under a picture. The scripts change the labels when they zoom.
Html time_axis(double wall_s, double y) {
  const auto at = [&](double part, std::string_view anchor) {
    return el("text", {{"x", percent(part)}, {"y", coordinate(y)}, {"text-anchor", std::string(anchor)}, {"class", "axis time-axis"},
                       {"data-at", coordinate(part)}},
              format_seconds(wall_s * part));
  };
  return join(at(0, "start"), at(0.5, "middle"), at(1, "end"));
}

double start_of(const std::vector<Band>& bands, const std::vector<Window>& windows) {
  for (std::size_t i = 0; i < bands.size(); ++i)
    if (bands[i].lived) return windows[i].start_s;
  return 0;
}

double end_of(const std::vector<Band>& bands, const std::vector<Window>& windows) {
  for (std::size_t i = bands.size(); i > 0; --i)
    if (bands[i - 1].lived) return windows[i - 1].end_s;
  return 0;
}

}  // namespace

Html chart_patterns() {
  const auto hatch = [](std::string_view id, std::string_view cls, std::string_view path) {
    return el("pattern", {{"id", std::string(id)}, {"width", "6"}, {"height", "6"}, {"patternUnits", "userSpaceOnUse"}},
              el("rect", {{"width", "6"}, {"height", "6"}, {"class", std::string(cls)}}),
              el("path", {{"d", std::string(path)}, {"class", "hatch"}}));
  };
  return el("svg", {{"class", "patterns"}, {"width", "0"}, {"height", "0"}, {"aria-hidden", "true"}, {"focusable", "false"}},
            el("defs", {}, hatch("hatch-lock", "f-lock", "M0 6L6 0M-1 1L1-1M5 7L7 5"),
               hatch("hatch-gil", "f-gil", "M0 0L6 6M-1 5L1 7M5-1L7 1"), hatch("hatch-idle", "f-idle", "M3 3h.1"),
               hatch("hatch-other", "f-other", "M0 3H6M3 0V6"), hatch("hatch-runnable", "f-runnable", "M3 0V6"),
               hatch("hatch-timer", "f-timer", "M0 3H6")));
}

Html state_bar(const StateTimes& shares, std::string_view label) {
  constexpr double kHeight = 34;
  constexpr double kRoomForLabel = 0.12;  // of a picture 360 px wide: the width of "100 %"
  Html bars;
  double x = 0;
  for (State state : largest_first(shares)) {
    const double share = shares[state];
    bars += rect(x, share, 0, kHeight, class_of(state));
    if (share >= kRoomForLabel) bars += label_at(x + share / 2, 22, "middle", format_share(share), "on-bar on-" + std::string(name_of(state)));
    x += share;
  }
  return svg("states", "34", label, bars);
}

Html state_legend(const StateTimes& shares) {
  Html items;
  for (State state : largest_first(shares))
    items += el("li", {{"title", std::string(meaning_of(state))}},
                el("svg", {{"width", "16"}, {"height", "16"}, {"aria-hidden", "true"}},
                   el("rect", {{"width", "16"}, {"height", "16"}, {"class", class_of(state)}})),
                " ", label_of(state), " ", el("strong", {}, format_share(shares[state])));
  return el("ul", {{"class", "legend"}}, items);
}

Html life_bar(double start_s, double end_s, double wall_s, const StateTimes& states, std::string_view label) {
  constexpr double kHeight = 16;
  if (wall_s <= 0) return {};
  const StateTimes shares = states.shares();
  const double life = std::clamp((end_s - start_s) / wall_s, 0.0, 1.0) * kPlotWidth;
  double x = std::clamp(start_s / wall_s, 0.0, 1.0) * kPlotWidth;
  Html bars;
  for (State state : kAllStates) {
    if (shares[state] <= 0) continue;
    const double width = shares[state] * life;
    bars += el("rect", {{"x", coordinate(x)}, {"width", coordinate(width)}, {"height", coordinate(kHeight)}, {"class", class_of(state)}});
    x += width;
  }
  return el("svg", {{"class", "life"}, {"width", "100%"}, {"height", coordinate(kHeight)}, {"preserveAspectRatio", "none"},
                    {"viewBox", fmt::format("0 0 {} {}", coordinate(kPlotWidth), coordinate(kHeight))}, {"role", "img"},
                    {"aria-label", std::string(label)}, {"data-start", coordinate(start_s)}, {"data-end", coordinate(end_s)}},
            bars);
}

Html band_bar(const std::vector<Band>& bands, const std::vector<Window>& windows, double wall_s, std::string_view label) {
  constexpr int kHeight = 16;
  if (wall_s <= 0 || bands.size() != windows.size()) return {};
  const auto at = [wall_s](double seconds) { return static_cast<int>(std::lround(std::clamp(seconds / wall_s, 0.0, 1.0) * kPlotWidth)); };
  std::array<std::string, kStateCount> runs;
  std::string computing;
  for (std::size_t i = 0; i < bands.size();) {
    if (!bands[i].lived) {
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    while (end < bands.size() && bands[end].lived && bands[end].rest == bands[i].rest) ++end;
    runs[static_cast<std::size_t>(bands[i].rest)] += fmt::format("M{} 0H{}V{}H{}z", at(windows[i].start_s), at(windows[end - 1].end_s), kHeight, at(windows[i].start_s));
    i = end;
  }
  int y = kHeight;
  for (std::size_t i = 0; i < bands.size(); ++i) {
    const int top = bands[i].lived ? kHeight - static_cast<int>(std::lround(bands[i].on_cpu * kHeight)) : kHeight;
    if (top == y) continue;
    if (computing.empty()) computing = fmt::format("M{} {}", at(windows[i].start_s), kHeight);
    else computing += fmt::format("H{}", at(windows[i].start_s));
    computing += fmt::format("V{}", top);
    y = top;
  }
  if (!computing.empty()) computing += fmt::format("H{}V{}z", at(windows.back().end_s), kHeight);
  Html paths;
  for (const State state : kAllStates) paths += columns_path(runs[static_cast<std::size_t>(state)], class_of(state));
  paths += columns_path(computing, "f-on_cpu");
  return el("svg", {{"class", "life"}, {"width", "100%"}, {"height", coordinate(kHeight)}, {"preserveAspectRatio", "none"},
                    {"viewBox", fmt::format("0 0 {} {}", coordinate(kPlotWidth), kHeight)}, {"role", "img"}, {"aria-label", std::string(label)}, {"data-start", coordinate(start_of(bands, windows))},
                    {"data-end", coordinate(end_of(bands, windows))}},
            paths);
}

Html path_timeline(const std::vector<Window>& windows, double wall_s) {
  if (windows.empty() || wall_s <= 0) return {};
  std::array<std::string, kStateCount> columns;
  for (const Window& window : windows) {
    const StateTimes shares = window.path.shares();
    double y = kPlotHeight;
    for (State state : kAllStates) {
      const double height = shares[state] * kPlotHeight;
      y -= height;
      columns[static_cast<std::size_t>(state)] += column(window, wall_s, y, height);
    }
  }
  Html paths;
  for (State state : kAllStates) paths += columns_path(columns[static_cast<std::size_t>(state)], class_of(state));
  return svg("timeline", "116", "The critical path over the run: share of each state in each slice of time",
             join(plot(0, paths), horizontal(kPlotHeight, "baseline"), time_axis(wall_s, 112)));
}

Html cpu_timeline(const std::vector<Window>& windows, double wall_s, double cpus_usable) {
  constexpr double kTop = 18;
  if (windows.empty() || wall_s <= 0) return {};
  double most = std::max(cpus_usable, 1.0);
  for (const Window& window : windows) most = std::max(most, window.cores + window.runnable);
  const auto height_of = [&](double cores) { return cores / most * kPlotHeight; };
  std::string used;
  std::string wanted;
  for (const Window& window : windows) {
    const double cores = height_of(window.cores);
    const double more = height_of(window.runnable);
    used += column(window, wall_s, kPlotHeight - cores, cores);
    wanted += column(window, wall_s, kPlotHeight - cores - more, more);
  }
  const double limit = kTop + kPlotHeight - height_of(cpus_usable);
  const std::string words = fmt::format("CPUs it may use: {}", format_number(cpus_usable));
  return svg("timeline", "134", "CPUs in use over the run, and threads that wanted one without having it",
             join(plot(kTop, join(columns_path(used, class_of(State::on_cpu)), columns_path(wanted, class_of(State::runnable)))),
                  horizontal(limit, "limit"), label_at(1, limit - 5, "end", words, "axis strong"), horizontal(kTop + kPlotHeight, "baseline"),
                  time_axis(wall_s, 130)));
}

Html cpu_histogram(const std::vector<Window>& windows, double cpus_usable) {
  // The bands of the usual CPU-use histogram, as parts of the CPUs that the target may use: up to a twentieth is idle, up
  // to half poor, up to 85 % ok, above it ideal. They name, they decide nothing.
  struct UseBand {
    std::string_view name;
    double up_to;
  };
  constexpr std::array<UseBand, 4> kBands = {{{"idle", 0.05}, {"poor", 0.5}, {"ok", 0.85}, {"ideal", HUGE_VAL}}};
  if (windows.empty() || cpus_usable <= 0) return {};
  std::array<double, kBands.size()> seconds{};
  double total = 0;
  for (const Window& window : windows) {
    const double used = window.cores / cpus_usable;
    const auto* band = std::find_if(kBands.begin(), kBands.end(), [used](const UseBand& b) { return used <= b.up_to; });
    const double length = std::max(window.end_s - window.start_s, 0.0);
    seconds[static_cast<std::size_t>(band - kBands.begin())] += length;
    total += length;
  }
  if (total <= 0) return {};
  Html rows;
  double low = 0;
  for (std::size_t i = 0; i < kBands.size(); ++i) {
    const double high = std::min(kBands[i].up_to, 1.0) * cpus_usable;
    const std::string range = fmt::format("{} to {} CPUs", format_number(low), format_number(high));
    rows += el("tr", {{i + 1 < kBands.size() ? "data-up-to" : "", coordinate(high)}}, el("th", {{"scope", "row"}}, kBands[i].name), el("td", {}, range),
               el("td", {{"class", "number"}}, format_seconds(seconds[i])),
               el("td", {{"class", "bar-cell"}},
                  svg("bar", "14", format_share(seconds[i] / total), rect(0, seconds[i] / total, 0, 14, "f-on_cpu"))));
    low = high;
  }
  const Html table = el("table", {{"id", "cpu-histogram"}, {"class", "histogram"}}, el("caption", {}, "How long how many CPUs were busy"),
            el("thead", {}, el("tr", {}, el("th", {{"scope", "col"}}, "use"), el("th", {{"scope", "col"}}, "CPUs busy"),
                               el("th", {{"scope", "col"}, {"class", "number"}}, "time"), el("th", {{"scope", "col"}}, "share of the run"))),
            el("tbody", {}, rows));
  return el("div", {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", "How long how many CPUs were busy"}}, table);
}

Html prediction_bar(const Interval& predicted_s, double measured_s, double scale_s) {
  if (scale_s <= 0) return {};
  const double x = predicted_s.low / scale_s;
  const double width = std::max((predicted_s.high - predicted_s.low) / scale_s, 0.006);
  const std::string label = fmt::format("predicted {}, measured {}", format_seconds(predicted_s), format_seconds(measured_s));
  return svg("range", "26", label, join(horizontal(13, "track"), rect(x, width, 5, 16, "predicted"),
                                        vertical(measured_s / scale_s, 0, 26, "measured")));
}

Html gauge(const Step& step) {
  double scale = std::max({step.threshold, step.measured, step.interval.high}) * 1.15;
  if (step.unit == "share" && scale <= 1.15) scale = 1;
  if (!(scale > 0) || !std::isfinite(scale)) return {};
  const auto at = [scale](double value) { return std::clamp(value / scale, 0.0, 1.0); };
  const std::string label = fmt::format("measured {}, threshold {}", format_measured(step.measured, step.unit),
                                        format_measured(step.threshold, step.unit));
  Html parts = horizontal(13, "track");
  if (step.interval.high > step.interval.low)
    parts += rect(at(step.interval.low), at(step.interval.high) - at(step.interval.low), 8, 10, "interval");
  parts += vertical(at(step.threshold), 1, 25, "border");
  parts += el("circle", {{"cx", percent(at(step.measured))}, {"cy", "13"}, {"r", "6"}, {"class", "point"}});
  return svg("gauge", "26", label, parts);
}

}  // namespace concadvise
