#include "rules/wording.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cmath>

#include "rules/embedded.h"

namespace concadvise {

std::string words_of(std::string_view metric) {
  static const toml::table texts = toml::parse(embedded::texts_metrics());
  return texts["words"][metric].value_or(std::string(metric));
}

std::string value_words(double value, std::string_view unit) {
  if (unit == "share") return fmt::format("{:.{}f} %", 100 * value, value > 0 && value < 0.0995 ? 1 : 0);
  const std::string number = std::fabs(value) >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
  return unit.empty() ? number : fmt::format("{} {}", number, unit);
}

}  // namespace concadvise
