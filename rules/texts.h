// The texts of advice, per leaf of the flowchart and language, with places for what was found.
//
// Places: {workers} {cpus} {fourfold} {function} {where} {blocking_call} {resource} {longest} {count} {overlap} {libraries}
// {threads} {compute} {wait} {idle} {cores} {cores_share} {cpus_why} {blocked} {lock} {demand} {self_wait} {stall} {stalls}
// {blocked_loop} {longest_stall} {work} {thread_memory} {task_memory} {process_memory} {process_start} {summary} {machinery}
// {own} {cpu} {released} {released_library} {memory_stalled} {ipc} {misses}
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace concadvise {

using Places = std::map<std::string, std::string, std::less<>>;

/// What is said about one leaf in one language.
struct LeafText {
  std::string title, summary, why, implementation, sketch, risk, when_not, cost, effort;
};

/// The text of a leaf; `language` is "python" or anything else (native). An unknown leaf gives empty texts, which the tests
/// rule out.
LeafText leaf_text(std::string_view leaf, std::string_view language);

/// Replaces each {name} that `places` knows; others stay.
std::string filled(std::string_view text, const Places& places);

}  // namespace concadvise
