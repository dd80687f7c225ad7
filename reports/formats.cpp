// One table of the formats out.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/json.h"
#include "reports/exports.h"
#include "reports/report.h"

namespace concadvise {
namespace {

struct Format {
  std::string_view name;
  bool needs_session;
  std::string (*render)(const PageInput& input);
};

std::string json_of(const PageInput& input) {
  return input.session != nullptr ? session_to_json(*input.session) : lint_to_json(*input.lint);
}

const std::array<Format, 8> kFormats = {{
    {"html", false, [](const PageInput& input) { return render_html(input); }},
    {"text", true, [](const PageInput& input) { return render_text(*input.session, {}); }},
    {"markdown", false, render_markdown},
    {"json", false, json_of},
    {"folded", true, [](const PageInput& input) { return to_folded(input.session->profile); }},
    {"speedscope", true, [](const PageInput& input) { return to_speedscope(input.session->profile); }},
    {"firefox", true, [](const PageInput& input) { return to_firefox(input.session->profile); }},
    {"pprof", true, [](const PageInput& input) { return to_pprof(input.session->profile); }},
}};

}  // namespace

const std::vector<std::string_view>& report_formats() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> out;
    for (const Format& format : kFormats) out.push_back(format.name);
    return out;
  }();
  return names;
}

Result<std::string> render_as(std::string_view format, const PageInput& input) {
  const auto* found = std::find_if(kFormats.begin(), kFormats.end(), [format](const Format& each) { return each.name == format; });
  if (found == kFormats.end())
    return fail(Error::Kind::usage, fmt::format("no format '{}'", format), fmt::format("Formats: {}", fmt::join(report_formats(), ", ")));
  if (input.session == nullptr && (found->needs_session || input.lint == nullptr))
    return fail(Error::Kind::usage, fmt::format("the format {} shows a measurement, and none was given", format),
                "Give the JSON file that `concadvise profile` wrote.");
  return found->render(input);
}

}  // namespace concadvise
