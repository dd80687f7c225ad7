// pprof's profile.proto (github.com/google/pprof/proto/profile.proto), written by hand: the messages are few, and a
// protobuf compiler would be one more thing to install. Field numbers are those of that file.
#include <cmath>
#include <cstdint>
#include <map>
#include <string_view>
#include <unordered_map>

#include "reports/exports.h"
#include "reports/inert.h"
#include "reports/stack_tree.h"

namespace concadvise {
namespace {

// The protobuf wire format: varints and length-delimited fields.
class Message {
 public:
  void number(unsigned field, std::uint64_t value) {
    if (value == 0) return;  // the default of proto3
    varint(field << 3U);
    varint(value);
  }

  void bytes(unsigned field, std::string_view value) {
    varint((field << 3U) | 2U);
    varint(value.size());
    out_ += value;
  }

  void packed(unsigned field, const std::vector<std::uint64_t>& values) {
    Message inside;
    for (std::uint64_t value : values) inside.varint(value);
    bytes(field, inside.out_);
  }

  const std::string& data() const { return out_; }

 private:
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      out_ += static_cast<char>((value & 0x7FU) | 0x80U);
      value >>= 7U;
    }
    out_ += static_cast<char>(value);
  }

  std::string out_;
};

class Pprof {
 public:
  explicit Pprof(const Profile& profile) {
    string("");  // index 0 is the empty string
    for (const char* type : {"on_cpu", "waiting"}) sample_type(type);
    for (const HotSpot& spot : profile.hot_spots) sample(spot);
    out_.number(9, nanoseconds(profile.target.started_at));     // time_nanos
    out_.number(10, nanoseconds(profile.measurement.wall_s));   // duration_nanos
    for (const auto& message : functions_) out_.bytes(5, message);
    for (const auto& message : locations_) out_.bytes(4, message);
    for (const std::string& text : strings_) out_.bytes(6, text);
  }

  std::string take() { return out_.data(); }

 private:
  static std::uint64_t nanoseconds(double seconds) { return seconds > 0 ? static_cast<std::uint64_t>(std::llround(seconds * 1e9)) : 0; }

  std::uint64_t string(const std::string& text) {
    const auto [found, added] = string_index_.try_emplace(text, strings_.size());
    if (added) strings_.push_back(text);
    return found->second;
  }

  void sample_type(const char* name) {
    Message type;
    type.number(1, string(name));
    type.number(2, string("nanoseconds"));
    out_.bytes(1, type.data());
  }

  std::uint64_t function(const Frame& frame) {
    const std::string name = inert(function_of(frame), 500);
    const auto [found, added] = function_index_.try_emplace(name + '\n' + frame.file, functions_.size() + 1);
    if (added) {
      Message message;
      message.number(1, found->second);
      message.number(2, string(name));
      message.number(4, string(inert(frame.file, 500)));
      functions_.push_back(message.data());
    }
    return found->second;
  }

  std::uint64_t location(const Frame& frame) {
    const std::uint64_t id = function(frame);
    const auto [found, added] = location_index_.try_emplace({id, frame.line}, locations_.size() + 1);
    if (added) {
      Message line;
      line.number(1, id);
      if (frame.line > 0) line.number(2, static_cast<std::uint64_t>(frame.line));
      Message message;
      message.number(1, found->second);
      message.bytes(4, line.data());
      locations_.push_back(message.data());
    }
    return found->second;
  }

  void sample(const HotSpot& spot) {
    std::vector<std::uint64_t> stack;
    for (const Frame& frame : spot.stack) stack.push_back(location(frame));
    const bool on_cpu = spot.state == State::on_cpu;
    const std::uint64_t value = nanoseconds(spot.seconds);
    if (stack.empty() || value == 0) return;
    Message message;
    message.packed(1, stack);
    message.packed(2, {on_cpu ? value : 0, on_cpu ? 0 : value});
    Message label;
    label.number(1, string("state"));
    label.number(2, string(std::string(name_of(spot.state))));
    message.bytes(3, label.data());
    out_.bytes(2, message.data());
  }

  Message out_;
  std::vector<std::string> strings_;
  std::vector<std::string> functions_;
  std::vector<std::string> locations_;
  std::unordered_map<std::string, std::uint64_t> string_index_;
  std::unordered_map<std::string, std::uint64_t> function_index_;
  std::map<std::pair<std::uint64_t, int>, std::uint64_t> location_index_;
};

}  // namespace

std::string to_pprof(const Profile& profile) { return Pprof(profile).take(); }

}  // namespace concadvise
