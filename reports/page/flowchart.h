// The flowchart as a picture: the way that was taken is bold and numbered, the rest dimmed.
#pragma once

#include "model/advice.h"
#include "reports/page/html.h"

namespace concadvise {

/// The `id` of a step's evidence card.
std::string step_id(const Step& step);

/// The chart in a frame that scrolls where the window is narrow.
Html flowchart(const Session& session);

}  // namespace concadvise
