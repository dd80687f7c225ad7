// The whole decision flowchart, as text, Mermaid or SVG; with a session, the way it took is marked.
#pragma once

#include <string>

#include "model/advice.h"

namespace concadvise {

/// Nodes in the order of the chart, one paragraph each.
std::string chart_text(const Session* session = nullptr);

/// A Mermaid `flowchart TD`.
std::string chart_mermaid(const Session* session = nullptr);

/// A standalone SVG without scripts: nodes from top to bottom, leaves to the right. What was taken has the class `taken`
/// and a bold outline, so that colour is never all that tells.
std::string chart_svg(const Session* session = nullptr);

}  // namespace concadvise
