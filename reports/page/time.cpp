// Section 4: where the time went: the critical path, CPU use, and each thread.
#include <fmt/format.h>

#include <algorithm>

#include "reports/format.h"
#include "reports/page/charts.h"
#include "reports/page/data.h"
#include "reports/page/sections.h"
#include "reports/words.h"

namespace concadvise {
namespace {

constexpr std::size_t kSlicesShown = 400;   // of the run, in the pictures: as many as the page carries
constexpr std::size_t kBandsShown = 128;    // slices of a thread's bands: its picture is a third of a page wide

Html figure(std::string_view caption, const Html& picture) {
  if (picture.empty()) return {};
  return el("figure", {}, el("figcaption", {}, caption), picture);
}

std::string path_words(const Profile& profile) {
  if (profile.target.attached)
    return "Shares of wall time while it was watched, over the threads that did something.";
  const std::string method = profile.measurement.path_method;
  return "The critical path is the chain of states that made the run as long as it was; a thread that waits for another "
         "thread hands the path to it." +
         (method.empty() ? "" : " Found by " + method + ".");
}

Html states_table(const StateTimes& shares, double wall_s) {
  Table table{"states-table", "Time by state", {"state", "share", "time", "meaning"}, "tnnt", {}};
  std::vector<State> order;
  for (State state : kAllStates)
    if (shares[state] > 0) order.push_back(state);
  std::stable_sort(order.begin(), order.end(), [&](State a, State b) { return shares[a] > shares[b]; });
  for (State state : order)
    table.rows.push_back({text(label_of(state)), text(format_share(shares[state])), text(format_seconds(shares[state] * wall_s)),
                          text(meaning_of(state))});
  return table_of(table);
}

std::string mostly(const StateTimes& states) {
  const StateTimes shares = states.shares();
  State most = State::on_cpu;
  for (State state : kAllStates)
    if (shares[state] > shares[most]) most = state;
  return fmt::format("{} {}", label_of(most), format_share(shares[most]));
}

// With its states over time where they are known, else with its mix of states.
Html bar_of(const Thread& thread, const Profile& profile, const std::string& label) {
  const double wall = profile.measurement.wall_s;
  if (thread.bands.empty() || profile.windows.empty()) return life_bar(thread.start_s, thread.end_s, wall, thread.states, label);
  return band_bar(joined_bands(thread.bands, profile.windows.size(), kBandsShown), joined(profile.windows, kBandsShown), wall, label);
}

Html threads_table(const Profile& profile) {
  const std::vector<const Thread*> shown = threads_shown(profile);
  if (shown.empty()) return el("p", {{"class", "muted"}}, "No thread was seen.");
  const bool bands = std::any_of(shown.begin(), shown.end(), [](const Thread* thread) { return !thread->bands.empty(); });
  Table table{"threads-table", bands ? "Threads, the most active first: on a CPU from below, in front of what each mostly did else" : "Threads, the most active first: bars show when each lived and its mix of states",
              {"thread", "over the run", "mostly", "on CPU", "role"}, "tttnt", {}};
  for (const Thread* thread : shown) {
    const std::string most = mostly(thread->states);
    table.rows.push_back({join(name_of(thread->name.empty() ? "(unnamed)" : thread->name), " ", el("span", {{"class", "muted"}}, fmt::format("{}", thread->tid))),
                          bar_of(*thread, profile, most), text(most), text(format_seconds(thread->states[State::on_cpu])), text(thread->role, kNameLimit)});
  }
  return join(table_of(table), pruned_note(shown.size(), profile.threads.size(), "threads"));
}

Html processes_table(const Profile& profile) {
  constexpr std::size_t kShown = 40;
  if (profile.processes.size() < 2) return {};
  std::vector<const Process*> order;
  for (const Process& process : profile.processes) order.push_back(&process);
  std::stable_sort(order.begin(), order.end(), [](const Process* a, const Process* b) { return a->cpu_s > b->cpu_s; });
  Table table{"processes-table", "Processes", {"process", "pid", "lived", "CPU time", "threads", "memory"}, "tnnnnn", {}};
  for (std::size_t i = 0; i < order.size() && i < kShown; ++i) {
    const Process& process = *order[i];
    table.rows.push_back({name_of(process.name), text(fmt::format("{}", process.pid)), text(format_seconds(process.end_s - process.start_s)),
                          text(format_seconds(process.cpu_s)), text(format_count(process.threads_peak)), text(format_bytes(process.rss_bytes))});
  }
  return join(table_of(table), pruned_note(std::min(order.size(), kShown), order.size(), "processes"));
}

}  // namespace

Html time_section(const Session& session) {
  const Profile& profile = session.profile;
  const double wall = profile.measurement.wall_s;
  const std::vector<Window> slices = joined(profile.windows, kSlicesShown);
  Html cpu = join(cpu_timeline(slices, wall, profile.machine.cpus_usable),
                  profile.windows.empty() ? Html{} : el("p", {{"class", "muted"}}, "Below the dashed line: CPUs in use. Hatched on top: threads that wanted a CPU and had none."));
  return section(
      "time", "Where the time went",
      join(el("p", {}, path_words(profile)),
           el("div", {{"id", "timeline"}}, figure("The critical path over the run", path_timeline(slices, wall)),
              el("div", {{"id", "cpu-use"}}, figure("CPUs in use", cpu))),
           states_table(profile.shares, wall), cpu_histogram(profile.windows, profile.machine.cpus_usable),
           el("h3", {{"id", "threads"}}, "Threads"), threads_table(profile), processes_table(profile)));
}

}  // namespace concadvise
