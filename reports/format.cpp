#include "reports/format.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>

namespace concadvise {
namespace {

// Digits after the point so that three significant digits remain.
int decimals_for(double value) {
  const double size = std::fabs(value);
  if (size >= 99.95) return 0;
  return size >= 9.995 ? 1 : 2;
}

std::string grouped(double whole) {
  const std::string digits = fmt::format("{:.0f}", std::fabs(whole));
  std::string out = whole < 0 ? "-" : "";
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

}  // namespace

std::string format_number(double value) {
  if (!std::isfinite(value)) return "unknown";
  if (std::fabs(value) >= 1000) return grouped(std::round(value));
  if (value == std::floor(value)) return fmt::format("{:.0f}", value);
  if (std::fabs(value) < 0.01) return fmt::format("{:.2g}", value);
  return fmt::format("{:.{}f}", value, decimals_for(value));
}

std::string format_seconds(double seconds) {
  if (!std::isfinite(seconds)) return "unknown";
  if (seconds < 0) return "-" + format_seconds(-seconds);
  if (seconds == 0) return "0 s";
  if (seconds < 999.5e-9) return fmt::format("{:.0f} ns", seconds * 1e9);
  if (seconds < 999.5e-6) return fmt::format("{:.{}f} µs", seconds * 1e6, decimals_for(seconds * 1e6));
  if (seconds < 0.9995) return fmt::format("{:.{}f} ms", seconds * 1e3, decimals_for(seconds * 1e3));
  if (seconds < 119.5) return fmt::format("{:.{}f} s", seconds, decimals_for(seconds));
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 7200) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string format_share(double share) {
  if (!std::isfinite(share)) return "unknown";
  const double percent = share * 100;
  if (percent == 0) return "0 %";
  if (percent > 0 && percent < 0.1) return "<0.1 %";
  if (percent > 99.5 && percent < 100) return ">99.5 %";
  return fmt::format("{:.{}f} %", percent, std::fabs(percent) < 9.95 ? 1 : 0);
}

std::string format_count(double count) {
  if (!std::isfinite(count)) return "unknown";
  if (std::fabs(count) < 10 && count != std::round(count)) return fmt::format("{:.1f}", count);
  return grouped(std::round(count));
}

std::string format_bytes(double bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < kUnits.size()) bytes /= 1024, ++unit;
  return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : decimals_for(bytes), kUnits[unit]);
}

std::string format_seconds(const Interval& range) {
  const std::string low = format_seconds(range.low);
  const std::string high = format_seconds(range.high);
  return low == high ? low : low + " to " + high;
}

std::string format_gain(const Interval& gain) {
  // A tenth to either side is what two runs of the same program differ by.
  if (gain.low >= 0.9 && gain.high <= 1.12) return "about as fast as now";
  const std::string low = format_number(gain.low);
  const std::string high = format_number(gain.high);
  return (gain.high < 1 ? "slower: " : "") + (low == high ? low : low + " to " + high) + " times as fast";
}

std::string format_measured(double value, const std::string& unit) {
  if (unit == "share") return format_share(value);
  if (unit == "s") return format_seconds(value);
  if (unit.empty()) return format_number(value);
  return format_number(value) + " " + unit;
}

}  // namespace concadvise
