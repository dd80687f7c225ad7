#include "reports/page/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/format.h"
#include "reports/inert.h"
#include "reports/stack_tree.h"

namespace concadvise {
namespace {

// What a page carries at most. A screen shows fewer than any of these; the file that was saved beside the page has all.
constexpr std::size_t kWindows = 400;
constexpr std::size_t kThreads = 200;
constexpr std::size_t kThreadRows = 60;  // of the table
constexpr std::size_t kWaitsOfThread = 3;
constexpr std::size_t kWaits = 60;
constexpr std::size_t kSpots = 30;
constexpr std::size_t kProcesses = 100;
constexpr std::size_t kFrames = 16;    // of a stack; the flame graphs carry the whole ones
constexpr std::size_t kNameBytes = 400;
constexpr std::size_t kNodes = 12000;  // of both flame graphs: more than a screen has pixels across
constexpr std::size_t kNameCharacters = 240;  // of a function in a flame graph

// Cut at a character, so that it stays UTF-8.
void shorten(std::string& name) {
  if (name.size() <= kNameBytes) return;
  std::size_t end = kNameBytes;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
  name.resize(end);
  name += "…";
}

void shorten(std::vector<Frame>& stack) {
  if (stack.size() > kFrames) stack.resize(kFrames);
  for (Frame& frame : stack) {
    shorten(frame.function);
    shorten(frame.file);
    shorten(frame.module);
  }
}

// Copies the `limit` largest only: the whole lists of a long session are too much to copy.
template <typename T, typename Weight>
std::vector<T> largest(const std::vector<T>& all, std::size_t limit, std::string_view what, Weight weight, std::vector<std::string>& left_out) {
  if (all.size() <= limit) return all;
  std::vector<const T*> order;
  order.reserve(all.size());
  for (const T& one : all) order.push_back(&one);
  std::stable_sort(order.begin(), order.end(), [&](const T* a, const T* b) { return weight(*a) > weight(*b); });
  double total = 0;
  double kept = 0;
  std::vector<T> out;
  for (const T* one : order) {
    total += weight(*one);
    if (out.size() >= limit) continue;
    kept += weight(*one);
    out.push_back(*one);
  }
  left_out.push_back(fmt::format("{} of {} {} ({} of their time)", format_count(static_cast<double>(all.size() - limit)),
                                 format_count(static_cast<double>(all.size())), what, format_share(total > 0 ? 1 - kept / total : 0)));
  return out;
}

Window sum_of(std::vector<Window>::const_iterator begin, std::vector<Window>::const_iterator end) {
  Window out;
  out.start_s = begin->start_s;
  out.end_s = std::prev(end)->end_s;
  double length = 0;
  for (auto at = begin; at != end; ++at) {
    const double own = at->end_s - at->start_s;
    length += own;
    out.path += at->path;
    out.cores += at->cores * own;
    out.runnable += at->runnable * own;
    out.locked += at->locked * own;
    out.waits += at->waits * own;
  }
  if (length > 0) out.cores /= length, out.runnable /= length, out.locked /= length, out.waits /= length;
  return out;
}

}  // namespace

std::vector<Window> joined(const std::vector<Window>& windows, std::size_t limit) {
  if (windows.size() <= limit || limit == 0) return windows;
  const std::size_t step = (windows.size() + limit - 1) / limit;
  std::vector<Window> out;
  for (std::size_t at = 0; at < windows.size(); at += step) {
    const auto begin = windows.begin() + static_cast<std::ptrdiff_t>(at);
    out.push_back(sum_of(begin, begin + static_cast<std::ptrdiff_t>(std::min(step, windows.size() - at))));
  }
  return out;
}

std::vector<Band> joined_bands(std::string_view bands, std::size_t windows, std::size_t limit) {
  std::vector<Band> all = bands_of(bands);
  all.resize(windows);
  if (windows <= limit || limit == 0) return all;
  const std::size_t step = (windows + limit - 1) / limit;
  std::vector<Band> out;
  for (std::size_t at = 0; at < windows; at += step) {
    Band sum;
    StateTimes rest;
    double lived = 0;
    for (std::size_t i = at; i < std::min(at + step, windows); ++i) {
      if (!all[i].lived) continue;
      lived += 1;
      sum.on_cpu += all[i].on_cpu;
      rest[all[i].rest] += 1 - all[i].on_cpu + 1e-6;
    }
    if (lived > 0) {
      sum.lived = true;
      sum.on_cpu /= lived;
      sum.rest = *std::max_element(kAllStates.begin(), kAllStates.end(), [&](State a, State b) { return rest[a] < rest[b]; });
    }
    out.push_back(sum);
  }
  return out;
}

Carried carried(const Session& session) {
  Carried out;
  const Profile& all = session.profile;
  Profile& p = out.session.profile;
  out.session.verdict = session.verdict;
  out.session.advice = session.advice;
  p.tool = all.tool, p.target = all.target, p.machine = all.machine, p.measurement = all.measurement, p.shares = all.shares;
  p.loops = all.loops, p.pools = all.pools;
  p.windows = joined(all.windows, kWindows);
  p.processes = largest(all.processes, kProcesses, "processes", [](const Process& x) { return x.cpu_s; }, out.left_out);
  p.threads = largest(all.threads, kThreads, "threads", [](const Thread& x) { return x.states.sum() - x.states[State::idle]; }, out.left_out);
  p.waits = largest(all.waits, kWaits, "waits", [](const Wait& x) { return x.seconds; }, out.left_out);
  p.hot_spots = largest(all.hot_spots, kSpots, "call sites", [](const HotSpot& x) { return x.seconds; }, out.left_out);
  for (Thread& thread : p.threads) {
    if (thread.waits.size() > kWaitsOfThread) thread.waits.resize(kWaitsOfThread);
    for (Wait& wait : thread.waits) wait.stack.clear();
  }
  for (Wait& wait : p.waits) shorten(wait.stack);
  for (HotSpot& spot : p.hot_spots) shorten(spot.stack);
  for (Loop& loop : p.loops) {
    for (Stall& stall : loop.stalls) shorten(stall.stack);
    for (LoopStop& stop : loop.stops) shorten(stop.stack), shorten(stop.chain);
  }
  return out;
}

std::vector<const Thread*> threads_shown(const Profile& profile) {
  std::vector<const Thread*> order;
  order.reserve(profile.threads.size());
  for (const Thread& thread : profile.threads) order.push_back(&thread);
  const auto activity = [](const Thread* thread) { return thread->states.sum() - thread->states[State::idle]; };
  std::stable_sort(order.begin(), order.end(), [&](const Thread* a, const Thread* b) { return activity(a) > activity(b); });
  if (order.size() > kThreadRows) order.resize(kThreadRows);
  return order;
}

std::string timeline_json(const Profile& profile, const std::vector<const Thread*>& rows) {
  using json = nlohmann::ordered_json;
  const std::vector<Window> windows = joined(profile.windows, kWindows);
  json ends = json::array();
  json cores = json::array();
  json runnable = json::array();
  for (const Window& window : windows) {
    ends.push_back(std::llround(window.end_s * 1e6));
    cores.push_back(std::llround(window.cores * 100));
    runnable.push_back(std::llround(window.runnable * 100));
  }
  json path = json::object();
  for (const State state : kAllStates) {
    json shares = json::array();
    bool any = false;
    for (const Window& window : windows) {
      const auto share = std::llround(window.path.shares()[state] * 1000);
      any |= share > 0;
      shares.push_back(share);
    }
    if (any) path[std::string(name_of(state))] = std::move(shares);
  }
  json threads = json::object();
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (!rows[row]->bands.empty()) threads[fmt::format("{}", row)] = bands_to_text(joined_bands(rows[row]->bands, profile.windows.size(), kWindows));
  return json{{"wall_s", profile.measurement.wall_s}, {"end_us", ends}, {"cores", cores}, {"runnable", runnable}, {"path", path}, {"threads", threads}}
      .dump(-1, ' ', true, json::error_handler_t::replace);
}

std::string flames_json(const std::vector<HotSpot>& spots) {
  using json = nlohmann::ordered_json;
  const auto tree_json = [&spots](bool on_cpu) {
    const StackTree tree = stack_tree(spots, on_cpu, kNodes / 2);
    json parents = json::array();
    json names = json::array();
    json selfs = json::array();
    json states = json::array();
    for (const StackTree::Node& node : tree.nodes) {
      parents.push_back(node.parent);
      names.push_back(node.name);
      selfs.push_back(std::llround(node.self_s * 1e6));
      states.push_back(static_cast<int>(node.state));
    }
    json texts = json::array();
    json places = json::array();
    for (const std::string& name : tree.names) texts.push_back(inert(name, kNameCharacters));
    for (const std::string& place : tree.places) places.push_back(inert(place, kNameCharacters));
    json out{{"names", texts}, {"places", places}, {"parent", parents}, {"name", names}, {"self_us", selfs}};
    if (!on_cpu) out["state"] = states;
    out["pruned"] = tree.pruned;
    out["pruned_us"] = std::llround(tree.pruned_s * 1e6);
    return out;
  };
  return json{{"on", tree_json(true)}, {"off", tree_json(false)}}.dump(-1, ' ', true, json::error_handler_t::replace);
}

}  // namespace concadvise
