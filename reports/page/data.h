// The data that the page carries for its scripts and for those who save the page: the session, with what is too small to
// be seen left out, so that any session fits into a page of a few megabytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/advice.h"
#include "model/bands.h"

namespace concadvise {

/// At most `limit` slices of the run: neighbours are joined, seconds added, means weighted by length.
std::vector<Window> joined(const std::vector<Window>& windows, std::size_t limit);

/// Bands as in Thread::bands of `windows` windows, for at most `limit` of them: those that joined() makes.
std::vector<Band> joined_bands(std::string_view bands, std::size_t windows, std::size_t limit);

/// The session as the page carries it, and a sentence for each thing that was left out.
struct Carried {
  Session session;
  std::vector<std::string> left_out;
};
Carried carried(const Session& session);

/// The threads that the page lists one by one, the most active first: those that were on a CPU or waited for something
/// before those that were idle.
std::vector<const Thread*> threads_shown(const Profile& profile);

/// What the timeline's script needs: `wall_s`; by window `end_us` (the first starts at 0, each at the end of the one before)
/// and `cores` and `runnable` in hundredths; `path`, for each state that occurs its share by window in 1/1000; `threads`,
/// for each that has bands, by the number of its row.
std::string timeline_json(const Profile& profile, const std::vector<const Thread*>& rows);

/// The call trees of the flame graphs, on CPU and off, as JSON: {"on", "off"}, each with names, places and, by node, parent,
/// name, self_us (microseconds that ended there) and, off CPU, state (index in the order of State).
std::string flames_json(const std::vector<HotSpot>& spots);

}  // namespace concadvise
