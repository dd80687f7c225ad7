#include "cli/options.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace concadvise::cli {
namespace {

template <typename Number>
std::optional<Number> number_of(const std::string& text) {
  Number value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string help_of(const CLI::App& app) { return fmt::format("See: {} --help", app.get_name()); }

}  // namespace

std::optional<int> read_options(CLI::App& app, const Arguments& arguments) {
  try {
    app.parse(Arguments(arguments.rbegin(), arguments.rend()));  // last one first, as CLI11 wants them
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return 0;
  } catch (const CLI::ExtrasError&) {
    const Arguments extras = app.remaining();
    const std::string& first = extras.front();
    print_error(first.starts_with('-') ? unknown_option(app, first)
                                       : Error{Error::Kind::usage, fmt::format("what is '{}' for?", first), help_of(app)});
    return kExitUsage;
  } catch (const CLI::ParseError& error) {
    print_error(Error{Error::Kind::usage, error.what(), help_of(app)});
    return kExitUsage;
  }
  return std::nullopt;
}

Error unknown_option(const CLI::App& app, const std::string& typed) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  const std::string name = typed.substr(0, typed.find('='));
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string_view near = name.starts_with("--") ? nearest_name(name, known) : std::string_view{};
  return {Error::Kind::usage, fmt::format("unknown option {}", name),
          near.empty() ? fmt::format("{}.", help_of(app)) : fmt::format("Did you mean {}? {}.", near, help_of(app))};
}

CLI::Validator whole_number(long least, long most, const std::string& what) {
  const auto check = [=](const std::string& text) {
    const auto value = number_of<long>(text);
    if (value && *value >= least && *value <= most) return std::string();
    return fmt::format("'{}' is not {} ({} to {})", text, what, least, most);
  };
  return {check, "NUMBER"};
}

CLI::Validator seconds() {
  static constexpr double kMost = 1e9;
  const auto check = [](const std::string& text) {
    const auto value = number_of<double>(text);
    if (value && *value >= 0 && *value <= kMost) return std::string();  // NaN is neither
    return fmt::format("'{}' is not a number of seconds (0 to {:g})", text, kMost);
  };
  return {check, "SECONDS"};
}

}  // namespace concadvise::cli
