// Section 6: what lint found in the source.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "reports/format.h"
#include "reports/join.h"
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

// What the measurement saw of it; nothing when there was no measurement.
Html seen_of(const Seen* seen) {
  if (seen == nullptr) return {};
  if (!seen->any()) return el("p", {{"class", "muted"}}, "Not seen at run time: the measured run did not spend measurable time here.");
  std::string words;
  if (seen->stalls > 0)
    words = fmt::format("This stopped an event loop {} times, {} in all, the longest {}.", format_count(seen->stalls), format_seconds(seen->stall_s),
                        format_seconds(seen->longest_stall_s));
  else
    words = fmt::format("{} of the measured run passed here, in {} samples.", format_seconds(seen->seconds), format_count(seen->count));
  return el("p", {{"class", "seen"}}, el("strong", {}, "Seen at run time: "), words, " ",
            seen->spots.empty() ? Html{} : el("a", {{"href", fmt::format("#spot-{}", seen->spots.front())}}, "Show the call stack"));
}

Html finding_card(const Finding& finding, std::size_t number, const Seen* seen) {
  const auto fact = [](std::string_view term, const std::string& value) {
    return value.empty() ? Html{} : el("div", {}, el("dt", {}, term), el("dd", {}, text(value, kTextLimit)));
  };
  Html facts = join(fact("In", finding.function), fact("Context", finding.context), fact("Effect", finding.effect));
  return el("li", {{"id", fmt::format("finding-{}", number)}, {"class", "card"}},
            el("h3", {}, text(finding.message, kTextLimit)), seen_of(seen),
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
  const std::vector<Seen> seen = input.session != nullptr ? seen_findings(lint, input.session->profile) : std::vector<Seen>{};
  // What cost most comes first; without a measurement the linter's order stays.
  std::vector<std::size_t> order(lint.findings.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto cost = [&seen](std::size_t i) { return seen.empty() ? 0 : std::max(seen[i].stall_s, seen[i].seconds); };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return cost(a) > cost(b); });
  std::size_t open = 0;
  Html cards;
  for (std::size_t i : order) {
    if (lint.findings[i].suppressed) continue;
    if (++open <= kFindingsShown) cards += finding_card(lint.findings[i], i, seen.empty() ? nullptr : &seen[i]);
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
