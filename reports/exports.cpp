#include "reports/exports.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "reports/inert.h"
#include "reports/stack_tree.h"

namespace concadvise {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t kNameLimit = 500;  // characters of a function's name

std::string shown(std::string_view name) { return inert(name, kNameLimit); }

std::string state_frame(State state) { return fmt::format("[{}]", name_of(state)); }

// Frames of a file format, each once.
class Interned {
 public:
  std::size_t index_of(const std::string& key) { return index_.try_emplace(key, index_.size()).first->second; }
  std::size_t size() const { return index_.size(); }

 private:
  std::unordered_map<std::string, std::size_t> index_;
};

std::string key_of(const Frame& frame) { return fmt::format("{}\n{}\n{}\n{}", function_of(frame), frame.file, frame.line, frame.module); }

json speedscope_profile(const Profile& profile, bool on_cpu, Interned& frames, json& table) {
  json samples = json::array();
  json weights = json::array();
  double total = 0;
  const auto index_of = [&](const Frame& frame) {
    const std::size_t index = frames.index_of(key_of(frame));
    if (index == table.size()) {
      json entry{{"name", shown(function_of(frame))}};
      if (!frame.file.empty()) entry["file"] = shown(frame.file);
      if (frame.line > 0) entry["line"] = frame.line;
      table.push_back(std::move(entry));
    }
    return index;
  };
  for (const HotSpot& spot : profile.hot_spots) {
    if ((spot.state == State::on_cpu) != on_cpu) continue;
    json stack = json::array();
    for (auto frame = spot.stack.rbegin(); frame != spot.stack.rend(); ++frame) stack.push_back(index_of(*frame));
    if (!on_cpu) {
      Frame wait;
      wait.function = state_frame(spot.state);
      stack.push_back(index_of(wait));
    }
    samples.push_back(std::move(stack));
    weights.push_back(spot.seconds);
    total += spot.seconds;
  }
  return {{"type", "sampled"}, {"name", on_cpu ? "on CPU" : "waiting"}, {"unit", "seconds"}, {"startValue", 0}, {"endValue", total},
          {"samples", samples}, {"weights", weights}};
}

}  // namespace

std::string to_folded(const Profile& profile) {
  const auto part = [](std::string name) {
    for (char& c : name)
      if (c == ';' || c == ' ') c = '_';  // they separate frames and the count
    return name;
  };
  std::map<std::string, double> lines;
  for (const HotSpot& spot : profile.hot_spots) {
    std::string line;
    for (auto frame = spot.stack.rbegin(); frame != spot.stack.rend(); ++frame)
      line += (line.empty() ? "" : ";") + part(shown(function_of(*frame)));
    if (spot.state != State::on_cpu) line += (line.empty() ? "" : ";") + state_frame(spot.state);
    if (!line.empty()) lines[line] += spot.seconds;
  }
  std::string out;
  for (const auto& [line, seconds] : lines)
    if (const auto us = std::llround(seconds * 1e6); us > 0) out += fmt::format("{} {}\n", line, us);
  return out;
}

std::string to_speedscope(const Profile& profile) {
  Interned frames;
  json table = json::array();
  json profiles = json::array();
  for (bool on_cpu : {true, false}) {
    json one = speedscope_profile(profile, on_cpu, frames, table);
    if (!one.at("samples").empty()) profiles.push_back(std::move(one));
  }
  std::string command;
  for (const std::string& word : profile.target.command) command += (command.empty() ? "" : " ") + word;
  const json out{{"$schema", "https://www.speedscope.app/file-format-schema.json"},
                 {"shared", {{"frames", table}}},
                 {"profiles", profiles},
                 {"name", shown(command)},
                 {"activeProfileIndex", 0},
                 {"exporter", profile.tool.name + "@" + profile.tool.version}};
  return out.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace concadvise
