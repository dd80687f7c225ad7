// Section 7: how it was measured, on what, and what the words mean.
#include <fmt/format.h>

#include <array>
#include <ctime>

#include "reports/format.h"
#include "reports/page/sections.h"
#include "reports/words.h"

namespace concadvise {
namespace {

Html row(std::string_view term, const Html& value) {
  if (value.empty()) return {};
  return el("div", {}, el("dt", {}, term), el("dd", {}, value));
}

Html row(std::string_view term, const std::string& value) { return value.empty() ? Html{} : row(term, text(value, kTextLimit)); }

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// In UTC, so that the page doesn't depend on where it is rendered.
std::string date_of(double seconds_since_epoch) {
  if (!(seconds_since_epoch > 0) || seconds_since_epoch > 4e9) return {};
  const auto when = static_cast<std::time_t>(seconds_since_epoch);
  std::tm parts{};
  gmtime_r(&when, &parts);
  std::array<char, 32> out{};
  const std::size_t length = std::strftime(out.data(), out.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {out.data(), length};
}

std::string ended_how(const Target& target) {
  if (target.exit_signal > 0) return fmt::format("killed by signal {}", target.exit_signal);
  if (target.exit_status >= 0) return fmt::format("exit status {}", target.exit_status);
  return target.attached ? "still running when the measurement ended" : "";
}

Html facts_of(const Profile& profile) {
  const Target& target = profile.target;
  const Machine& machine = profile.machine;
  const Measurement& m = profile.measurement;
  const auto psi = [](double share) { return share < 0 ? std::string("not known") : format_share(share); };
  Html facts = join(row(target.attached ? "Attached to" : "Command", name_of(joined(target.command))), row("Folder", target.cwd),
                    row("Started", date_of(target.started_at)), row("Ended", ended_how(target)),
                    row("Language", target.language + (target.runtime.empty() ? "" : ", " + target.runtime)), row("Kernel", machine.kernel),
                    row("CPU", machine.cpu_model),
                    row("CPUs it may use", format_number(machine.cpus_usable) + (machine.cpus_usable_why.empty() ? "" : " (" + machine.cpus_usable_why + ")")));
  if (machine.memory_bytes > 0) facts += row("Memory", format_bytes(machine.memory_bytes));
  if (machine.neighbours_cores >= 0) facts += row("CPUs taken by other processes", format_number(machine.neighbours_cores));
  facts += row("Stalled by the machine (PSI)", fmt::format("CPU {}, I/O {}, memory {}", psi(machine.psi_cpu_some), psi(machine.psi_io_some), psi(machine.psi_memory_some)));
  facts += row("Samples of the threads", fmt::format("{}, one every {}", format_count(static_cast<double>(m.sweeps)), format_seconds(m.interval_s)));
  if (m.own_memory_bytes > 0) facts += row("Memory of the profiler", format_bytes(m.own_memory_bytes));
  if (m.unattributed_cpu_s > 0) facts += row("CPU time of threads too short-lived to be seen", format_seconds(m.unattributed_cpu_s));
  if (m.stacks_truncated > 0) facts += row("Call stacks cut short", format_share(m.stacks_truncated));
  facts += row("Tool", profile.tool.name + " " + profile.tool.version);
  return el("dl", {{"class", "facts"}}, facts);
}

Html ladder_of(const Measurement& m) {
  if (m.ladder.empty()) return {};
  Table table{"ladder-table", "Levels of measurement", {"level", "used", "why not", "to get it"}, "tttt", {}};
  for (const Rung& rung : m.ladder)
    table.rows.push_back({text(rung.level, kNameLimit), text(rung.used ? "yes" : "no"), text(rung.why_not, kTextLimit),
                          rung.command.empty() ? Html{} : el("code", {}, text(rung.command, kTextLimit))});
  return table_of(table);
}

Html glossary() {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kTerms = {{
      {"critical path", "the chain of states, across threads and processes, that made the run as long as it was"},
      {"wall time", "time as a clock on the wall shows it, from start to end"},
      {"CPU time", "time that threads spent executing, summed over CPUs"},
      {"event loop", "a thread that waits for many events at once and handles each in turn; whatever blocks it stops them all"},
      {"pool", "a group of threads or processes that do the same kind of work"},
      {"stall", "a time in which an event loop was stopped by something other than its own wait"},
  }};
  Html terms;
  for (const auto& [term, meaning] : kTerms) terms += el("div", {}, el("dt", {}, term), el("dd", {}, meaning));
  for (State state : kAllStates) terms += el("div", {}, el("dt", {}, label_of(state)), el("dd", {}, meaning_of(state)));
  return el("details", {{"id", "glossary"}}, el("summary", {}, "Glossary"), el("dl", {{"class", "facts"}}, terms));
}

}  // namespace

Html method_section(const PageInput& input, const Html& saved, const std::vector<std::string>& left_out) {
  Html inside;
  if (input.session != nullptr) inside = join(facts_of(input.session->profile), ladder_of(input.session->profile.measurement),
                                             matrix_of(input.costs ? *input.costs : Costs{}, input.session->profile.target.language == "python"));
  std::string pruned;
  for (const std::string& part : left_out) pruned += (pruned.empty() ? "" : ", ") + part;
  inside += el("p", {{"id", "data"}}, saved.empty() ? Html{} : join("The data behind this page are in it, as compressed JSON: ", saved, "."),
               pruned.empty() ? Html{} : join(" Pruned from it: ", text(pruned), ". The saved session has everything."));
  return section("method", "How it was measured", join(inside, glossary()));
}

}  // namespace concadvise
