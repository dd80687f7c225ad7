// What a thread did in each window of a run, small enough to be kept for a thousand threads: Thread::bands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/state.h"

namespace concadvise {

/// A thread in one window.
struct Band {
  bool lived = false;          // at any time of the window
  double on_cpu = 0;           // share of the window, 0..1
  State rest = State::other;   // the largest state of the rest: never on_cpu
};

/// Two characters a window: the share on a CPU in 35ths (0 to 9, a to z) and the place of `rest` among kAllStates in the
/// same digits; ".." where the thread did not live.
std::string bands_to_text(const std::vector<Band>& bands);

/// The bands in such a text; what is not a band is taken as not lived.
std::vector<Band> bands_of(std::string_view text);

}  // namespace concadvise
