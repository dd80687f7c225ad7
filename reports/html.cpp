// The page: head with the policy that pins its style and script, the seven sections, and the data for the scripts.
#include <fmt/format.h>

#include <map>

#include "model/json.h"
#include "reports/page/charts.h"
#include "reports/page/data.h"
#include "reports/page/sections.h"
#include "reports/page/sha256.h"
#include "reports/report.h"

// The built scripts and styles (web/dist), put into the binary by concadvise_embed.
extern "C" {
extern const char concadvise_report_css_begin[];
extern const char concadvise_report_css_end[];
extern const char concadvise_report_js_begin[];
extern const char concadvise_report_js_end[];
}

namespace concadvise {
namespace {

std::string_view between(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }
std::string_view style() { return between(concadvise_report_css_begin, concadvise_report_css_end); }
std::string_view script() { return between(concadvise_report_js_begin, concadvise_report_js_end); }

// Nothing is loaded from anywhere; only the style and the script with these hashes apply.
std::string policy() {
  return fmt::format("default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
                     sha256_base64(style()), sha256_base64(script()));
}

std::string command_of(const PageInput& input) {
  if (input.session == nullptr) return "source check";
  std::string out;
  for (const std::string& word : input.session->profile.target.command) out += (out.empty() ? "" : " ") + word;
  return out.empty() ? "unknown program" : out;
}

Html head(const PageInput& input) {
  return el("head", {}, el("meta", {{"charset", "utf-8"}}), el("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", policy()}}),
            el("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}),
            el("meta", {{"name", "color-scheme"}, {"content", "light dark"}}), el("meta", {{"name", "referrer"}, {"content", "no-referrer"}}),
            el("title", {}, text(command_of(input), 60), " · concadvise"),
            el("style", {}, Html::trusted(std::string(style()))));
}

Html navigation(const PageInput& input) {
  Html links;
  const auto link = [&links](std::string_view id, std::string_view name) {
    links += el("li", {}, el("a", {{"href", "#" + std::string(id)}}, name));
  };
  link("verdict", "Verdict");
  if (input.session != nullptr) {
    link("path", "Decision path");
    link("advice", "What to do");
    link("time", "Time");
    link("hot-spots", "Hot spots");
  }
  link("findings", "Findings");
  link("method", "Method");
  return el("nav", {{"aria-label", "Sections"}}, el("ul", {}, links));
}

// '<' can't end the element when it is written as an escape; JSON has it only inside strings.
Html data_block(std::string_view id, const std::string& json) {
  std::string safe;
  safe.reserve(json.size());
  for (char c : json) {
    if (c == '<') safe += "\\u003c";
    else if (c == '\x7f') safe += "\\u007f";
    else safe += c;
  }
  return element("script", {{"type", "application/json"}, {"id", std::string(id)}}, Html::trusted(std::move(safe)));
}

Html data(const PageInput& input, const Carried& page) {
  Html out;
  if (input.session != nullptr)
    out = join(data_block("session-data", session_to_json(page.session, JsonForm::compact_ascii)),
               data_block("flame-data", flames_json(input.session->profile.hot_spots)));
  if (input.lint != nullptr) out += data_block("lint-data", lint_to_json(*input.lint, JsonForm::compact_ascii));
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
    out = join(verdict_section(session), path_section(session), advice_section(session), time_section(session), hot_section(input));
  } else {
    return join(lint_verdict(input), findings_section(input), input.unmeasured == nullptr ? Html{} : unmeasured_section(*input.unmeasured),
                method_section(input, page.left_out));
  }
  return join(out, findings_section(input), method_section(input, page.left_out));
}

}  // namespace

std::string render_html(const PageInput& input) {
  const Carried page = input.session == nullptr ? Carried{} : carried(*input.session);
  const Html body = el(
      "body", {}, el("a", {{"class", "skip"}, {"href", "#verdict"}}, "Skip to the verdict"),
      el("header", {{"class", "top"}}, el("p", {{"class", "brand"}}, "concadvise"), el("h1", {}, name_of(command_of(input))), navigation(input)),
      chart_patterns(), el("main", {}, sections(input, page)), data(input, page), el("script", {}, Html::trusted(std::string(script()))));
  return "<!doctype html>\n" + el("html", {{"lang", "en"}}, head(input), body).markup() + "\n";
}

std::string render_html(const Session& session) { return render_html(PageInput{&session, nullptr}); }

}  // namespace concadvise
