// The report of one session: the seven sections and the data for the scripts.
#include <fmt/format.h>

#include <map>

#include "model/json.h"
#include "reports/page/data.h"
#include "reports/page/sections.h"
#include "reports/page/shell.h"
#include "reports/report.h"

namespace concadvise {
namespace {

std::string command_of(const PageInput& input) {
  if (input.session == nullptr) return "source check";
  std::string out;
  for (const std::string& word : input.session->profile.target.command) out += (out.empty() ? "" : " ") + word;
  return out.empty() ? "unknown program" : out;
}

std::vector<Link> links_of(const PageInput& input) {
  if (input.session == nullptr) return {{"verdict", "Verdict"}, {"findings", "Findings"}, {"method", "Method"}};
  return {{"verdict", "Verdict"}, {"path", "Decision path"}, {"advice", "What to do"}, {"time", "Time"}, {"hot-spots", "Hot spots"}, {"findings", "Findings"}, {"method", "Method"}};
}

Html data(const PageInput& input) {
  if (input.session == nullptr) return {};
  const Profile& profile = input.session->profile;
  return join(data_block("timeline-data", timeline_json(profile, threads_shown(profile))), data_block("flame-data", flames_json(profile.hot_spots)));
}

// The JSON as files that can be saved, with scripts off too.
Html saved_links(const PageInput& input, const Carried& page) {
  Html out;
  if (input.session != nullptr) out += json_link("concadvise.json", session_to_json(page.session, JsonForm::compact_ascii));
  if (input.lint != nullptr) out += join(out.empty() ? "" : ", ", json_link("lint.json", lint_to_json(*input.lint, JsonForm::compact_ascii)));
  return out;
}

// The head of a page without a measurement.
Html lint_verdict(const PageInput& input) {
  std::map<std::string, std::size_t> by_severity;
  std::size_t open = 0;
  if (input.lint != nullptr)
    for (const Finding& finding : input.lint->findings)
      if (!finding.suppressed) ++by_severity[finding.severity], ++open;
  std::string words = open == 0 ? "Nothing found in the source" : fmt::format("{} finding{} in the source", open, open == 1 ? "" : "s");
  std::string detail;
  for (const char* severity : {"error", "warning", "note"})
    if (const std::size_t count = by_severity[severity]; count > 0) detail += fmt::format("{}{} {}{}", detail.empty() ? "" : ", ", count, severity, count == 1 ? "" : "s");
  return section("verdict", "Verdict",
                 join(el("p", {{"class", "headline"}}, words), detail.empty() ? Html{} : el("p", {{"class", "lede"}}, detail),
                      empty_state("Nothing was measured. Which of it costs time, and how much, only a measurement can tell:",
                                  "concadvise profile -o run -- ./your-program\nconcadvise report run.json lint.json -o report.html")));
}

Html sections(const PageInput& input, const Carried& page) {
  Html out;
  if (input.session != nullptr) {
    const Session& session = *input.session;
    out = join(verdict_section(session), path_section(session), advice_section(input), time_section(session), hot_section(input));
  } else {
    return join(lint_verdict(input), findings_section(input), input.unmeasured == nullptr ? Html{} : unmeasured_section(input),
                method_section(input, saved_links(input, page), page.left_out));
  }
  return join(out, findings_section(input), method_section(input, saved_links(input, page), page.left_out));
}

}  // namespace

std::string render_html(const PageInput& input) {
  const Carried page = input.session == nullptr ? Carried{} : carried(*input.session);
  const std::string command = command_of(input);
  return page_of({command, name_of(command), links_of(input), sections(input, page), data(input)});
}

std::string render_html(const Session& session) { return render_html(PageInput{&session, nullptr}); }

}  // namespace concadvise
