// Pictures as inline SVG. Lengths along time and shares are percentages of the picture's width, so that the pictures
// stretch while their text keeps its size. Nothing is said by colour alone: each has a legend or labels with numbers.
#pragma once

#include <vector>

#include "model/advice.h"
#include "model/bands.h"
#include "reports/page/html.h"

namespace concadvise {

/// Hatches that mark states besides their colour; once a page.
Html chart_patterns();

/// One bar of the states' shares, labelled where there is room. `label` is what a screen reader says.
Html state_bar(const StateTimes& shares, std::string_view label);

/// The states that occur, largest first, with label and share.
Html state_legend(const StateTimes& shares);

/// A thread's states as a bar at the time when it lived.
Html life_bar(double start_s, double end_s, double wall_s, const StateTimes& states, std::string_view label);

/// A thread's states over the run: at each time the share on a CPU from below, in front of what it mostly did else.
Html band_bar(const std::vector<Band>& bands, const std::vector<Window>& windows, double wall_s, std::string_view label);

/// The critical path's states over the run, one column a window.
Html path_timeline(const std::vector<Window>& windows, double wall_s);

/// CPUs in use over the run against the CPUs that the target may use.
Html cpu_timeline(const std::vector<Window>& windows, double wall_s, double cpus_usable);

/// How long which number of CPUs was in use, with the bands idle, poor, ok, ideal.
Html cpu_histogram(const std::vector<Window>& windows, double cpus_usable);

/// A prediction's range against the measured wall time.
Html prediction_bar(const Interval& predicted_s, double measured_s, double scale_s);

/// A measured value with its interval against a threshold.
Html gauge(const Step& step);

}  // namespace concadvise
