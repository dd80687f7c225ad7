// Section 6: what lint found in the source.
#include <fmt/format.h>

#include <algorithm>

#include "reports/format.h"
#include "reports/links.h"
#include "reports/page/sections.h"
#include "rules/join.h"

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
Html seen_of(const Finding& finding, const Session* session) {
  if (session == nullptr) return {};
  if (!(finding.seen_s > 0)) return el("p", {{"class", "muted"}}, "Not seen at run time: the measured run did not spend measurable time here.");
  const auto spot = spot_of(finding, session->profile);
  return el("p", {{"class", "seen"}}, el("strong", {}, "Seen at run time: "),
            fmt::format("{} times, {} in all, the longest {}. ", format_count(finding.seen_count), format_seconds(finding.seen_s), format_seconds(finding.seen_longest_s)),
            spot ? el("a", {{"href", fmt::format("#spot-{}", *spot)}}, "Show the call stack") : Html{});
}

// Stalls of event loops that no rule explains: what lint missed, or what is not in the sources it saw.
Html unexplained_stalls(const std::vector<Stall>& stalls) {
  if (stalls.empty()) return {};
  Table table{"unexplained", "Stalls of event loops that no finding explains", {"what", "time", "times", "longest"}, "tnnn", {}};
  for (const Stall& stall : stalls)
    table.rows.push_back({join(name_of(stall.what), stall.stack.empty() ? Html{} : el("div", {}, stack_of(stall.stack))), text(format_seconds(stall.seconds)),
                          text(format_count(stall.count)), text(format_seconds(stall.longest_s))});
  return table_of(table);
}

Html finding_card(const Finding& finding, std::size_t number, const Session* session) {
  const auto fact = [](std::string_view term, const std::string& value) {
    return value.empty() ? Html{} : el("div", {}, el("dt", {}, term), el("dd", {}, text(value, kTextLimit)));
  };
  Html facts = join(fact("In", finding.function), fact("Context", finding.context), fact("Effect", finding.effect));
  return el("li", {{"id", fmt::format("finding-{}", number)}, {"class", "card"}},
            el("h3", {}, text(finding.message, kTextLimit)), seen_of(finding, session),
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

// The finding's place in the linter's own order, which the links of call stacks use.
std::size_t original_index(const Finding& finding, const LintResult& lint) {
  const auto same = [&finding](const Finding& other) {
    return other.fingerprint == finding.fingerprint && other.rule == finding.rule && other.file == finding.file && other.line == finding.line && other.column == finding.column &&
           other.message == finding.message;
  };
  return static_cast<std::size_t>(std::find_if(lint.findings.begin(), lint.findings.end(), same) - lint.findings.begin());
}

}  // namespace

Html findings_section(const PageInput& input) {
  if (input.lint == nullptr)
    return section("findings", "Findings in the source",
                   empty_state("No lint result is joined to this report. To see which lines of the source break its concurrency model:",
                               "concadvise lint --format json -o lint.json .\nconcadvise report concadvise.json lint.json -o concadvise.html"));
  const Joined joined = input.session != nullptr ? join(input.session->profile, *input.lint) : Joined{*input.lint, {}};
  const LintResult& lint = joined.lint;
  std::size_t open = 0;
  Html cards;
  for (const Finding& finding : lint.findings) {
    if (finding.suppressed) continue;
    if (++open <= kFindingsShown) cards += finding_card(finding, original_index(finding, *input.lint), input.session);
  }
  const std::size_t suppressed = lint.findings.size() - open;
  Html inside = el("p", {}, fmt::format("{} in {} sources{}.", open == 1 ? "One finding" : fmt::format("{} findings", open), lint.sources.analyzed,
                                        suppressed > 0 ? fmt::format("; {} more are suppressed in the source", suppressed) : ""));
  if (open == 0) inside += el("p", {}, "No code was found that breaks its concurrency model.");
  else inside += el("ol", {{"class", "cards"}}, cards);
  return section("findings", "Findings in the source",
                 join(inside, pruned_note(std::min(open, kFindingsShown), open, "findings"), unexplained_stalls(joined.unexplained), failed_sources(lint.sources)));
}

}  // namespace concadvise
