// How numbers are written for people: the same way on the terminal and on the page, independent of the locale.
#pragma once

#include <string>

#include "model/advice.h"

namespace concadvise {

std::string format_seconds(double seconds);   // "850 µs", "12.3 ms", "1.52 s", "3 min 20 s", "1 h 5 min"
std::string format_share(double share);       // of 0..1: "0 %", "<0.1 %", "4.2 %", "43 %", "100 %"
std::string format_count(double count);       // "1,234,567"; small fractions keep one digit
std::string format_number(double value);      // three significant digits
std::string format_bytes(double bytes);       // "16.0 KiB"
std::string format_gain(const Interval& gain);      // "1.8 to 2.0 times as fast", "as fast as now", "slower: 0.5 to 0.8 times as fast"
std::string format_seconds(const Interval& range);  // "1.00 s to 1.52 s"

/// A value with the unit that a flowchart step carries: shares as percent, seconds as durations, the rest as numbers.
std::string format_measured(double value, const std::string& unit);

}  // namespace concadvise
