#include "rules/thresholds.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <optional>
#include <toml++/toml.h>
#include <vector>

#include "rules/embedded.h"

namespace concadvise {
namespace {

/// Levenshtein distance.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

}  // namespace

const Thresholds& Thresholds::builtin() {
  static const Thresholds shipped = [] {
    Thresholds out;
    const toml::table table = toml::parse(embedded::thresholds());
    for (const auto& [name, node] : table) {
      const toml::table& row = *node.as_table();
      Threshold& threshold = out.all_[std::string(name.str())];
      threshold.value = row["value"].value_or(0.0);
      threshold.margin = row["margin"].value_or(0.0);
      threshold.unit = row["unit"].value_or("");
      threshold.text = row["text"].value_or("");
      threshold.source = row["source"].value_or("");
    }
    return out;
  }();
  return shipped;
}

const Threshold& Thresholds::operator[](std::string_view name) const {
  static const Threshold none;
  const auto found = all_.find(name);
  return found == all_.end() ? none : found->second;
}

Result<void> Thresholds::adjust(const std::string& name, double value) {
  const auto found = all_.find(name);
  if (found != all_.end()) {
    found->second.value = value;
    found->second.adjusted = true;
    return {};
  }
  const auto nearest = std::min_element(all_.begin(), all_.end(), [&](const auto& a, const auto& b) {
    return edits(a.first, name) < edits(b.first, name);
  });
  return fail(Error::Kind::usage, "no threshold is called '" + name + "'",
              nearest == all_.end() ? "" : "The nearest name is '" + nearest->first + "'.");
}

Result<void> Thresholds::adjust_from(const std::string& toml_text, const std::string& origin) {
  try {
    const toml::table table = toml::parse(toml_text, origin);
    const toml::table* rows = table["thresholds"].as_table();
    if (rows == nullptr) return {};
    for (const auto& [name, node] : *rows) {
      const std::optional<double> value = node.value<double>();
      const auto line = node.source().begin.line;
      if (!value) return fail(Error::Kind::bad_input, fmt::format("{}:{}: threshold '{}' is not a number", origin, line, name.str()));
      if (auto moved = adjust(std::string(name.str()), *value); !moved) {
        Error error = moved.error();
        error.cause = fmt::format("{}:{}: {}", origin, line, error.cause);
        return tl::unexpected(error);
      }
    }
  } catch (const toml::parse_error& error) {
    return fail(Error::Kind::bad_input, fmt::format("{}:{}: {}", origin, error.source().begin.line, error.description()));
  }
  return {};
}

}  // namespace concadvise
