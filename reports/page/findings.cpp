// Section 6: what lint found in the source.
#include <fmt/format.h>

#include <algorithm>

#include "reports/format.h"
#include "reports/links.h"
#include "reports/page/excerpt.h"
#include "reports/page/sections.h"
#include "rules/join.h"
#include "rules/work.h"

namespace concadvise {
namespace {

constexpr std::size_t kWithSource = 60;  // findings that show their lines of source

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
            spot && is_shown(*spot, session->profile) ? el("a", {{"href", fmt::format("#spot-{}", *spot)}}, "Show the call stack") : Html{});
}

// Stalls of event loops that no rule explains: what lint missed, or what is not in the sources it saw.
Html unexplained_stalls(const std::vector<Stall>& stalls) {
  if (stalls.empty()) return {};
  Table table{"unexplained", "Stalls of event loops that no finding explains", {"what", "time", "times", "longest"}, "tnnn", {}};
  for (const Stall& stall : stalls)
    table.rows.push_back({join(name_of(stall.what), stall.stack.empty() ? Html{} : el("div", {}, stack_of(stall.stack))), text(format_seconds(stall.seconds)),
                          text(format_count(stall.count)), text(format_seconds(longest_of(stall)))});
  return table_of(table);
}

// The rule's documentation once for all of its findings, or how to get it.
Html rules_explained(const PageInput& input, const std::vector<std::string>& rules) {
  Html out;
  for (const std::string& rule : rules)
    if (const auto words = input.explain_rule ? input.explain_rule(rule) : std::nullopt)
      out += el("details", {{"id", id_of("rule-", rule)}, {"class", "about"}}, el("summary", {}, "About ", text(rule, kNameLimit)),
                el("pre", {{"class", "prose"}, {"tabindex", "0"}}, text(*words, kTextLimit, Lines::many)));
  return out.empty() ? Html{} : join(el("h3", {{"id", "rules"}}, "The rules"), out);
}

Html about_rule(const PageInput& input, const std::string& rule) {
  if (input.explain_rule && input.explain_rule(rule)) return el("p", {}, el("a", {{"href", "#" + id_of("rule-", rule)}}, "About ", text(rule, kNameLimit)));
  return command_line("concadvise explain " + rule);
}

// The actions of the advice at the finding's place.
Html advice_links(const Finding& finding, const Session* session) {
  if (session == nullptr) return {};
  Frame frame;
  frame.file = finding.file;
  frame.line = finding.line;
  frame.function = finding.function;
  Html out;
  for (const std::size_t i : actions_on({frame}, session->advice))
    out += el("p", {}, "The advice starts here: ", el("a", {{"href", fmt::format("#action-{}", i + 1)}}, prose(session->advice.actions[i].title)));
  return out;
}

Html finding_card(const Finding& finding, std::size_t number, const PageInput& input, bool with_source) {
  const Session* session = input.session;
  const auto fact = [](std::string_view term, const std::string& value) {
    return value.empty() ? Html{} : el("div", {}, el("dt", {}, term), el("dd", {}, text(value, kTextLimit)));
  };
  Html facts = join(fact("In", finding.function), fact("Context", finding.context), fact("Effect", finding.effect));
  return el("li", {{"id", fmt::format("finding-{}", number)}, {"class", "card"}},
            el("h3", {}, sentence(finding.message)), seen_of(finding, session),
            el("p", {}, el("span", {{"class", id_of("tag severity-", finding.severity)}}, text(finding.severity, kNameLimit)), " ",
               name_of(place_of(finding.file, finding.line)), " ", el("span", {{"class", "muted"}}, text(finding.rule, kNameLimit)), " ",
               el("span", {{"class", "muted"}}, fmt::format("{} sure of this finding", format_share(finding.confidence)))),
            advice_links(finding, session), with_source ? excerpt_of(input, finding.file, finding.line) : Html{},
            facts.empty() ? Html{} : el("dl", {{"class", "facts"}}, facts), chain_of(finding.chain),
            finding.fix.empty() ? Html{} : join(el("p", {{"class", "then"}}, "Instead:"),
                                                el("pre", {{"class", "sketch"}, {"tabindex", "0"}}, el("code", {}, text(finding.fix, kTextLimit, Lines::many)))),
            about_rule(input, finding.rule));
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
  std::vector<std::string> rules;
  for (const Finding& finding : lint.findings) {
    if (finding.suppressed) continue;
    if (++open > kFindingsShown) continue;
    cards += finding_card(finding, original_index(finding, *input.lint), input, open <= kWithSource);
    if (std::find(rules.begin(), rules.end(), finding.rule) == rules.end()) rules.push_back(finding.rule);
  }
  const std::size_t suppressed = lint.findings.size() - open;
  Html inside = el("p", {}, fmt::format("{} in {} sources{}.", open == 1 ? "One finding" : fmt::format("{} findings", open), lint.sources.analyzed,
                                        suppressed > 0 ? fmt::format("; {} more are suppressed in the source", suppressed) : ""));
  if (open == 0) inside += el("p", {}, "No code was found that breaks its concurrency model.");
  else inside += el("ol", {{"class", "cards"}}, cards);
  return section("findings", "Findings in the source",
                 join(inside, pruned_note(std::min(open, kFindingsShown), open, "findings"), unexplained_stalls(joined.unexplained), failed_sources(lint.sources), rules_explained(input, rules)));
}

}  // namespace concadvise
