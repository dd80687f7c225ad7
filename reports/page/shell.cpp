#include "reports/page/shell.h"

#include <fmt/format.h>

#include "reports/page/charts.h"
#include "reports/page/sha256.h"

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

Html head(std::string_view title) {
  return el("head", {}, el("meta", {{"charset", "utf-8"}}), el("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", policy()}}),
            el("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}),
            el("meta", {{"name", "color-scheme"}, {"content", "light dark"}}), el("meta", {{"name", "referrer"}, {"content", "no-referrer"}}),
            el("title", {}, text(title, 60), " · concadvise"), el("style", {}, Html::trusted(std::string(style()))));
}

Html navigation(const std::vector<Link>& links) {
  Html items;
  for (const Link& link : links) items += el("li", {}, el("a", {{"href", "#" + std::string(link.id)}}, link.name));
  return el("nav", {{"aria-label", "Sections"}}, el("ul", {}, items));
}

}  // namespace

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

std::string page_of(const Page& page) {
  const Html body = el("body", {}, el("a", {{"class", "skip"}, {"href", "#verdict"}}, "Skip to the verdict"),
                       el("header", {{"class", "top"}}, el("p", {{"class", "brand"}}, "concadvise"), el("h1", {}, page.heading), navigation(page.links)),
                       chart_patterns(), el("main", {}, page.sections), page.data, el("script", {}, Html::trusted(std::string(script()))));
  return "<!doctype html>\n" + el("html", {{"lang", "en"}}, head(page.title), body).markup() + "\n";
}

}  // namespace concadvise
