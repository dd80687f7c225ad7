// Section 6: what lint found in the source.
#include <fmt/format.h>

#include "reports/format.h"
#include "reports/page/sections.h"

namespace concadvise {
namespace {

constexpr std::size_t kFindingsShown = 300;

std::string place_of(const std::string& file, int line) { return line > 0 ? fmt::format("{}:{}", file, line) : file; }

Html chain_of(const std::vector<ChainLink>& chain) {
  if (chain.empty()) return {};
  Html links;
  for (const ChainLink& link : chain)
    links += el("li", {}, name_of(link.function), " ", el("span", {{"class", "place"}}, text(place_of(link.file, link.line), kNameLimit)));
  return join(el("p", {{"class", "then"}}, "How it gets there:"), el("ol", {{"class", "chain"}}, links));
}

Html finding_card(const Finding& finding, std::size_t number) {
  const auto fact = [](std::string_view term, const std::string& value) {
    return value.empty() ? Html{} : el("div", {}, el("dt", {}, term), el("dd", {}, text(value, kTextLimit)));
  };
  Html facts = join(fact("In", finding.function), fact("Context", finding.context), fact("Effect", finding.effect));
  return el("li", {{"id", fmt::format("finding-{}", number)}, {"class", "card"}},
            el("h3", {}, text(finding.message, kTextLimit)),
            el("p", {}, el("span", {{"class", id_of("tag severity-", finding.severity)}}, text(finding.severity, kNameLimit)), " ",
               name_of(place_of(finding.file, finding.line)), " ", el("span", {{"class", "muted"}}, text(finding.rule, kNameLimit)), " ",
               el("span", {{"class", "muted"}}, fmt::format("{} sure", format_share(finding.confidence)))),
            facts.empty() ? Html{} : el("dl", {{"class", "facts"}}, facts), chain_of(finding.chain),
            finding.fix.empty() ? Html{} : join(el("p", {{"class", "then"}}, "Instead:"),
                                                el("pre", {{"class", "sketch"}, {"tabindex", "0"}}, el("code", {}, text(finding.fix, kTextLimit, Lines::many)))),
            command_line("concadvise explain " + finding.rule));
}

Html failed_sources(const Sources& sources) {
  if (sources.failed.empty()) return {};
  Html rows;
  for (const FailedSource& failed : sources.failed) rows += el("li", {}, name_of(failed.file), ": ", text(failed.error, kTextLimit));
  return join(el("h3", {}, fmt::format("Not analysed: {}", sources.failed.size())), el("ul", {}, rows));
}

}  // namespace

Html findings_section(const PageInput& input) {
  if (input.lint == nullptr)
    return section("findings", "Findings in the source",
                   empty_state("No lint result is joined to this report. To see which lines of the source break its concurrency model:",
                               "concadvise lint --format json -o lint.json .\nconcadvise report concadvise.json lint.json -o concadvise.html"));
  const LintResult& lint = *input.lint;
  std::size_t open = 0;
  Html cards;
  for (const Finding& finding : lint.findings) {
    if (finding.suppressed) continue;
    if (++open <= kFindingsShown) cards += finding_card(finding, open);
  }
  const std::size_t suppressed = lint.findings.size() - open;
  Html inside = el("p", {}, fmt::format("{} in {} sources{}.", open == 1 ? "One finding" : fmt::format("{} findings", open), lint.sources.analyzed,
                                        suppressed > 0 ? fmt::format("; {} more are suppressed in the source", suppressed) : ""));
  if (open == 0) inside += el("p", {}, "No code was found that breaks its concurrency model.");
  else inside += el("ol", {{"class", "cards"}}, cards);
  return section("findings", "Findings in the source",
                 join(inside, pruned_note(std::min(open, kFindingsShown), open, "findings"), failed_sources(lint.sources)));
}

}  // namespace concadvise
