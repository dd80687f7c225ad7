// What changed between two measurements of a program, and whether the change did what was predicted.
#pragma once

#include <string>
#include <vector>

#include "model/advice.h"
#include "model/result.h"

namespace concadvise {

/// One number before and after.
struct Change {
  std::string name;
  std::string unit;
  double before = 0;
  double after = 0;
  /// after / before; 1 when both are 0, and infinite when only `before` is.
  double ratio() const;
};

struct Comparison {
  std::vector<Change> changes;
  std::vector<std::string> doubts;       // why it may not be the same work
  std::string outcome;                   // faster, slower, unchanged
  std::string summary;                   // one sentence
  std::string predicted_model;           // of the first measurement's advice; empty when it predicted nothing
  Interval predicted_wall_s;
  bool inside = false;                   // the measured wall time lies in the predicted interval
  std::string prediction_summary;        // one sentence; empty without a prediction
};

/// Two single runs that differ by less than a twentieth are called unchanged: run-to-run spread is of that size.
Comparison compare(const Session& before, const Session& after);

/// A condition on the comparison that fails a build: "wall>+5%" (a change in per cent) or "lock_share>0.3" (a value after).
struct FailOn {
  std::string metric;
  bool greater = true;
  bool relative = true;
  double limit = 0;  // relative: a share, 0.05 for 5 %
  std::string text;
};

Result<FailOn> parse_fail_on(const std::string& text, const Comparison& comparison);
bool triggered(const FailOn& condition, const Comparison& comparison);

}  // namespace concadvise
