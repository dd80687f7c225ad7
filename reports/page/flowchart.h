// The flowchart as a picture: the way that was taken is bold and numbered, the rest dimmed.
#pragma once

#include "model/advice.h"
#include "reports/page/html.h"

namespace concadvise {

/// The `id` of the evidence card of the path's step `index`; unique in the page.
std::string step_id(const Advice& advice, std::size_t index);

/// The chart in a frame that scrolls where the window is narrow.
Html flowchart(const Session& session);

}  // namespace concadvise
