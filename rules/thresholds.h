// The borders of the judgement as data: value, margin and source of each, adjustable by a project.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/result.h"

namespace concadvise {

struct Threshold {
  double value = 0;
  double margin = 0;     // half width of the zone in which an answer is called close
  std::string unit;
  std::string text;      // what it is, for people
  std::string source;    // where the figure is from
  bool adjusted = false; // a project moved it
};

class Thresholds {
 public:
  /// The thresholds that ship with the program.
  static const Thresholds& builtin();

  /// Throws nothing: an unknown name gives an empty threshold and is a defect that the tests find.
  const Threshold& operator[](std::string_view name) const;
  double value(std::string_view name) const { return (*this)[name].value; }

  /// Moves a border. Fails on a name that does not exist, naming the nearest one.
  Result<void> adjust(const std::string& name, double value);

  /// Moves the borders that `[thresholds]` of a configuration file names; other tables are not looked at.
  Result<void> adjust_from(const std::string& toml_text, const std::string& origin);

  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

 private:
  std::map<std::string, Threshold, std::less<>> all_;
};

}  // namespace concadvise
