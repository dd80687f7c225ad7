// The report of one session: the seven sections and the data for the scripts.
#include <fmt/format.h>

#include "model/json.h"
#include "reports/page/data.h"
#include "reports/page/local_paths.h"
#include "reports/page/sections.h"
#include "reports/page/shell.h"
#include "reports/report.h"

namespace concadvise {
namespace {

std::string command_of(const PageInput& input) {
  if (input.session == nullptr) return "Source check";
  std::string out;
  for (const std::string& word : input.session->profile.target.command) out += (out.empty() ? "" : " ") + word;
  return out.empty() ? "unknown program" : out;
}

std::vector<Link> links_of(const PageInput& input) {
  if (input.session == nullptr) {
    std::vector<Link> out = {{"verdict", "Verdict"}, {"findings", "Findings"}, {"method", "Method"}};
    if (input.unmeasured != nullptr) out.insert(out.begin() + 1, {"advice", "What to do"});
    return out;
  }
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

Html sections(const PageInput& input, const Html& saved, const std::vector<std::string>& left_out) {
  const Html end = join(findings_section(input), method_section(input, saved, left_out));
  if (input.session == nullptr) return join(lint_verdict_section(input), input.unmeasured == nullptr ? Html{} : unmeasured_section(input), end);
  const Session& session = *input.session;
  return join(verdict_section(session), path_section(session), advice_section(input), time_section(session), hot_section(input), end);
}

// A session is copied to shorten its paths; beyond this a page takes longer and its paths stay as they are.
constexpr std::size_t kMostFrames = 200'000;

std::size_t frames_of(const Session& session) {
  std::size_t out = 0;
  for (const HotSpot& spot : session.profile.hot_spots) out += spot.stack.size();
  for (const Thread& thread : session.profile.threads)
    for (const Wait& wait : thread.waits) out += wait.stack.size();
  return out;
}

}  // namespace

std::string render_html(const PageInput& input) {
  const Carried page = input.session == nullptr ? Carried{} : carried(*input.session);
  PageInput shown = input;
  Session session;
  LintResult lint;
  std::vector<std::string> folders = {input.folder};
  if (input.session != nullptr) folders.push_back(input.session->profile.target.cwd);
  if (input.session != nullptr && frames_of(*input.session) <= kMostFrames) {
    session = *input.session;
    shorten_paths(session, folders);
    shown.session = &session;
  }
  if (input.lint != nullptr) {
    lint = *input.lint;
    shorten_paths(lint, folders);
    shown.lint = &lint;
  }
  const std::string command = command_of(shown);
  return page_of({command, input.session == nullptr ? text(command) : name_of(command), links_of(shown), sections(shown, saved_links(input, page), page.left_out), data(shown)});
}

std::string render_html(const Session& session) { return render_html(PageInput{&session, nullptr}); }

}  // namespace concadvise
