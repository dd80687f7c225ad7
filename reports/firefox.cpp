// The Firefox Profiler's processed format (github.com/firefox-devtools/profiler, src/types/profile.ts and
// docs-developer/CHANGELOG-formats.md), at version 60: the first with one set of tables for all threads. Newer profilers
// convert it when they load it.
//
// Each thread of the target becomes a track: a sample by window with the CPU time used in it, and a marker for each stretch
// in which its state stayed the same. The call stacks are sums over the run without times of day, so they are two tracks of
// their own, on CPU and waiting, where stacks lie side by side as in a flame graph, weighted by their time.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "model/bands.h"
#include "reports/exports.h"
#include "reports/inert.h"
#include "reports/stack_tree.h"
#include "reports/words.h"

namespace concadvise {
namespace {

using json = nlohmann::ordered_json;

constexpr int kFormatVersion = 60;
constexpr std::size_t kNameCharacters = 500;

// The colours of the profiler's categories, by state: its palette has names only. Grey is the default category's.
constexpr std::array<std::string_view, kStateCount> kColours = {"green",  "yellow",    "brown",  "blue",   "lightblue",   "red", "magenta",
                                                                "purple", "darkgrey", "orange", "lightred", "transparent", "grey"};

json categories() {
  json out = json::array();
  for (const State state : kAllStates)
    out.push_back({{"name", label_of(state)}, {"color", kColours[static_cast<std::size_t>(state)]}, {"subcategories", {"Other"}}});
  return out;
}

int category_of(State state) { return static_cast<int>(state); }

// A table of the format: columns of equal length.
class Columns {
 public:
  Columns(std::initializer_list<const char*> names) {
    for (const char* name : names) table_[name] = json::array();
  }

  std::size_t add(std::initializer_list<json> row) {
    auto value = row.begin();
    for (auto& [name, column] : table_.items()) column.push_back(*value++);
    return length_++;
  }

  json take() {
    table_["length"] = length_;
    return std::move(table_);
  }

 private:
  json table_ = json::object();
  std::size_t length_ = 0;
};

class Tables {
 public:
  std::size_t text(const std::string& raw) {
    const std::string shown = inert(raw, kNameCharacters);
    const auto [found, added] = texts_.try_emplace(shown, strings_.size());
    if (added) strings_.push_back(shown);
    return found->second;
  }

  /// The stack that is `frames`, innermost first, below a root of its state.
  std::size_t stack(const std::vector<Frame>& frames, State state) {
    int at = -1;
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) at = child(at, frame_of(*frame, state));
    if (state != State::on_cpu || frames.empty()) at = child(at, state_frame(state));
    return static_cast<std::size_t>(at);
  }

  json take() {
    return {{"stringArray", strings_}, {"sources", sources_.take()}, {"stackTable", stacks_.take()}, {"frameTable", frames_.take()},
            {"funcTable", functions_.take()}, {"resourceTable", resources_.take()}, {"nativeSymbols", Columns{"libIndex", "address", "name", "functionSize"}.take()}};
  }

 private:
  static json or_null(int line) { return line > 0 ? json(line) : json(nullptr); }

  std::size_t source(const std::string& file) {
    const auto [found, added] = source_index_.try_emplace(file, 0);
    if (added) found->second = sources_.add({nullptr, text(file)});
    return found->second;
  }

  std::size_t resource(const std::string& module) {
    constexpr int kLibrary = 1;
    const auto [found, added] = resource_index_.try_emplace(module, 0);
    if (added) found->second = resources_.add({nullptr, text(module), nullptr, kLibrary});
    return found->second;
  }

  std::size_t function(const std::string& name, const std::string& file, const std::string& module) {
    const auto [found, added] = function_index_.try_emplace({name, file, module}, 0);
    if (added)
      found->second = functions_.add({text(name), false, false, module.empty() ? json(-1) : json(resource(module)), file.empty() ? json(nullptr) : json(source(file)), nullptr, nullptr});
    return found->second;
  }

  std::size_t frame(std::size_t function, int line, bool inlined, State state) {
    const auto [found, added] = frame_index_.try_emplace({function, line, inlined, state}, 0);
    if (added) found->second = frames_.add({-1, inlined ? 1 : 0, category_of(state), 0, function, nullptr, nullptr, or_null(line), nullptr});
    return found->second;
  }

  std::size_t frame_of(const Frame& each, State state) { return frame(function(function_of(each), each.file, each.module), each.line, each.inlined, state); }
  std::size_t state_frame(State state) { return frame(function(fmt::format("[{}]", label_of(state)), "", ""), 0, false, state); }

  int child(int prefix, std::size_t frame) {
    const auto [found, added] = stack_index_.try_emplace({prefix, frame}, 0);
    if (added) found->second = static_cast<int>(stacks_.add({frame, prefix < 0 ? json(nullptr) : json(prefix)}));
    return found->second;
  }

  std::vector<std::string> strings_;
  std::map<std::string, std::size_t> texts_;
  std::map<std::string, std::size_t> source_index_;
  std::map<std::string, std::size_t> resource_index_;
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> function_index_;
  std::map<std::tuple<std::size_t, int, bool, State>, std::size_t> frame_index_;
  std::map<std::pair<int, std::size_t>, int> stack_index_;
  Columns sources_{"id", "filename"};
  Columns resources_{"lib", "name", "host", "type"};
  Columns functions_{"name", "isJS", "relevantForJS", "resource", "source", "lineNumber", "columnNumber"};
  Columns frames_{"address", "inlineDepth", "category", "subcategory", "func", "nativeSymbol", "innerWindowID", "line", "column"};
  Columns stacks_{"frame", "prefix"};
};

std::string process_of(const Profile& profile, int pid) {
  for (const Process& process : profile.processes)
    if (process.pid == pid && !process.name.empty()) return process.name;
  return fmt::format("process {}", pid);
}

json thread(std::string_view process, std::string_view name, bool main, int pid, const std::string& tid, double start_s, double end_s, json samples, json markers) {
  return {{"processType", "default"}, {"processStartupTime", 0}, {"processShutdownTime", nullptr}, {"registerTime", start_s * 1e3}, {"unregisterTime", end_s * 1e3},
          {"pausedRanges", json::array()}, {"showMarkersInTimeline", true}, {"name", inert(name, kNameCharacters)}, {"isMainThread", main}, {"processName", inert(process, kNameCharacters)}, {"pid", fmt::format("{}", pid)},
          {"tid", tid}, {"samples", std::move(samples)}, {"markers", std::move(markers)}};
}

Columns no_markers() { return {"data", "name", "startTime", "endTime", "phase", "category"}; }

// All stacks on CPU, or all others, one after the other in the order of their time.
json stacks_track(const Profile& profile, bool on_cpu, Tables& tables) {
  double total_s = 0;
  for (const HotSpot& spot : profile.hot_spots)
    if ((spot.state == State::on_cpu) == on_cpu) total_s += spot.seconds;
  if (total_s <= 0) return nullptr;
  // Spread over the run, so that the other tracks keep their width: the weights hold the times.
  const double wall_s = profile.measurement.wall_s;
  Columns samples{"stack", "time", "weight"};
  double at_s = 0;
  for (const HotSpot& spot : profile.hot_spots) {
    if ((spot.state == State::on_cpu) != on_cpu || spot.seconds <= 0) continue;
    samples.add({tables.stack(spot.stack, spot.state), at_s / total_s * wall_s * 1e3, spot.seconds * 1e3});
    at_s += spot.seconds;
  }
  json table = samples.take();
  table["weightType"] = "tracing-ms";
  const int pid = profile.target.pids.empty() ? 0 : profile.target.pids.front();
  return thread(process_of(profile, pid), on_cpu ? "All stacks on CPU (summed, not over time)" : "All stacks waiting (summed, not over time)", on_cpu, pid, on_cpu ? "on CPU" : "waiting", 0, wall_s,
                std::move(table), no_markers().take());
}

// A stretch of windows in which a thread was mostly in one state.
struct Stretch {
  State state = State::other;
  double start_s = 0;
  double end_s = 0;
  double on_cpu_s = 0;
};

std::vector<Stretch> stretches(const std::vector<Band>& bands, const std::vector<Window>& windows) {
  std::vector<Stretch> out;
  for (std::size_t i = 0; i < bands.size() && i < windows.size(); ++i) {
    if (!bands[i].lived) continue;
    const Window& window = windows[i];
    const State state = bands[i].on_cpu >= 0.5 ? State::on_cpu : bands[i].rest;
    if (out.empty() || out.back().state != state || out.back().end_s < window.start_s) out.push_back({state, window.start_s, window.start_s, 0});
    out.back().end_s = window.end_s;
    out.back().on_cpu_s += bands[i].on_cpu * (window.end_s - window.start_s);
  }
  return out;
}

json thread_track(const Thread& each, const Profile& profile, Tables& tables) {
  constexpr int kInterval = 1;  // the phase of a marker with start and end
  const std::vector<Band> bands = bands_of(each.bands);
  Columns samples{"stack", "time", "threadCPUDelta"};
  for (std::size_t i = 0; i < bands.size() && i < profile.windows.size(); ++i) {
    if (!bands[i].lived) continue;
    const Window& window = profile.windows[i];
    const double used_us = bands[i].on_cpu * (window.end_s - window.start_s) * 1e6;
    samples.add({tables.stack({}, bands[i].on_cpu >= 0.5 ? State::on_cpu : bands[i].rest), window.end_s * 1e3, std::llround(used_us)});
  }
  Columns markers = no_markers();
  for (const Stretch& stretch : stretches(bands, profile.windows)) {
    const double length = stretch.end_s - stretch.start_s;
    markers.add({json{{"type", "ThreadState"}, {"state", label_of(stretch.state)}, {"onCpu", length > 0 ? stretch.on_cpu_s / length : 0}},
                 tables.text(std::string(label_of(stretch.state))), stretch.start_s * 1e3, stretch.end_s * 1e3, kInterval, category_of(stretch.state)});
  }
  json table = samples.take();
  table["weight"] = nullptr;
  table["weightType"] = "samples";
  return thread(process_of(profile, each.pid), each.name.empty() ? fmt::format("thread {}", each.tid) : each.name, each.pid == each.tid, each.pid, fmt::format("{}", each.tid), each.start_s, each.end_s,
                std::move(table), markers.take());
}

json marker_schema() {
  return {{{"name", "ThreadState"},
           {"tooltipLabel", "{marker.data.state}"},
           {"tableLabel", "{marker.data.state}"},
           {"chartLabel", "{marker.data.state}"},
           {"display", {"marker-chart", "marker-table", "timeline-overview"}},
           {"description", "What the thread mostly did: on a CPU, waiting for one, or blocked by a kind of wait."},
           {"fields", {{{"key", "state"}, {"label", "State"}, {"format", "string"}}, {{"key", "onCpu"}, {"label", "On a CPU"}, {"format", "percentage"}}}}}};
}

json meta_of(const Profile& profile) {
  constexpr int kGeckoVersion = 29;  // of the format that this one was converted from; required, without a meaning here
  const double window_s = profile.windows.empty() ? profile.measurement.interval_s : profile.measurement.wall_s / static_cast<double>(profile.windows.size());
  std::string command;
  for (const std::string& word : profile.target.command) command += (command.empty() ? "" : " ") + word;
  return {{"interval", window_s * 1e3}, {"startTime", profile.target.started_at * 1e3}, {"processType", 0}, {"product", inert(command, kNameCharacters)},
          {"importedFrom", profile.tool.name}, {"stackwalk", 1}, {"debug", false}, {"version", kGeckoVersion}, {"preprocessedProfileVersion", kFormatVersion},
          {"categories", categories()}, {"markerSchema", marker_schema()}, {"sampleUnits", {{"time", "ms"}, {"eventDelay", "ms"}, {"threadCPUDelta", "µs"}}},
          {"oscpu", inert(profile.machine.kernel, kNameCharacters)}, {"CPUName", inert(profile.machine.cpu_model, kNameCharacters)}, {"logicalCPUs", profile.machine.cpus_online},
          {"symbolicated", true}, {"symbolicationNotSupported", true}, {"usesOnlyOneStackType", true}, {"sourceCodeIsNotOnSearchfox", true}};
}

}  // namespace

std::string to_firefox(const Profile& profile) {
  Tables tables;
  json threads = json::array();
  for (const bool on_cpu : {true, false})
    if (json track = stacks_track(profile, on_cpu, tables); !track.is_null()) threads.push_back(std::move(track));
  for (const Thread& each : profile.threads) threads.push_back(thread_track(each, profile, tables));
  const json out{{"meta", meta_of(profile)}, {"libs", json::array()}, {"pages", json::array()}, {"shared", tables.take()}, {"threads", std::move(threads)}};
  return out.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace concadvise
