// The data that the page carries for its scripts and for those who save the page: the session, with what is too small to
// be seen left out, so that any session fits into a page of a few megabytes.
#pragma once

#include <string>
#include <vector>

#include "model/advice.h"

namespace concadvise {

/// At most `limit` slices of the run: neighbours are joined, seconds added, means weighted by length.
std::vector<Window> joined(const std::vector<Window>& windows, std::size_t limit);

/// The session as the page carries it, and a sentence for each thing that was left out.
struct Carried {
  Session session;
  std::vector<std::string> left_out;
};
Carried carried(const Session& session);

/// The call trees of the flame graphs, on CPU and off, as JSON: {"on", "off"}, each with names, places and, by node, parent,
/// name, self_us (microseconds that ended there) and, off CPU, state (index in the order of State).
std::string flames_json(const std::vector<HotSpot>& spots);

}  // namespace concadvise
