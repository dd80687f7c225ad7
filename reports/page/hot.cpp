// Section 5: hot spots on and off CPU by call site, waits by kind, event loops and pools.
#include <fmt/format.h>

#include <algorithm>

#include "reports/format.h"
#include "reports/links.h"
#include "reports/page/charts.h"
#include "reports/page/sections.h"
#include "reports/words.h"
#include "rules/source_place.h"
#include "rules/work.h"

namespace concadvise {
namespace {

constexpr std::size_t kWaitsShown = 20;

std::string share_bar_label(double share) { return format_share(share); }

// Links from a call stack to the advice and to the findings of lint whose code lies on it.
Html links_of(const std::vector<Frame>& stack, const PageInput& input) {
  Html out;
  for (std::size_t i : actions_on(stack, input.session->advice))
    out += el("div", {}, "advice: ", el("a", {{"href", fmt::format("#action-{}", i + 1)}}, prose(input.session->advice.actions[i].title)));
  if (input.lint == nullptr) return out;
  const bool all_shown = input.lint->findings.size() <= kFindingsShown;
  for (std::size_t i : findings_on(stack, *input.lint))
    out += el("div", {}, "finding: ", el("a", {{"href", all_shown ? fmt::format("#finding-{}", i) : "#findings"}}, text(input.lint->findings[i].rule, kNameLimit)));
  return out;
}

Html spots_table(const PageInput& input, bool on_cpu) {
  const Profile& profile = input.session->profile;
  const std::vector<std::size_t> spots = spots_shown(profile, on_cpu);
  const auto total = static_cast<std::size_t>(std::count_if(profile.hot_spots.begin(), profile.hot_spots.end(), [on_cpu](const HotSpot& spot) { return (spot.state == State::on_cpu) == on_cpu; }));
  if (spots.empty())
    return el("p", {{"class", "muted"}}, on_cpu ? "No call stack was sampled on a CPU." : "No call stack was taken while it waited.");
  Table table{on_cpu ? "on-cpu-table" : "off-cpu-table", on_cpu ? "Where it computes" : "Where it waits",
              {"place", "state", "time", "share", "samples"}, "ttnnn", {}};
  for (const std::size_t i : spots) {
    const HotSpot& spot = profile.hot_spots[i];
    table.rows.push_back({el("div", {{"id", fmt::format("spot-{}", i)}}, stack_of(spot.stack), links_of(spot.stack, input)), text(label_of(spot.state)), text(format_seconds(spot.seconds)),
                          text(share_bar_label(spot.share)), text(format_count(spot.count))});
  }
  return join(table_of(table), pruned_note(spots.size(), total, "places"));
}

Html waits_table(const Profile& profile) {
  std::vector<const Wait*> waits;
  for (const Wait& wait : profile.waits) waits.push_back(&wait);
  std::stable_sort(waits.begin(), waits.end(), [](const Wait* a, const Wait* b) { return a->seconds > b->seconds; });
  if (waits.empty()) return el("p", {{"class", "muted"}}, "No wait was seen.");
  Table table{"waits-table", "What it waited for, over all threads", {"wait", "kind", "time", "waits", "longest", "at once"}, "ttnnnn", {}};
  for (std::size_t i = 0; i < waits.size() && i < kWaitsShown; ++i) {
    const Wait& wait = *waits[i];
    const WaitSize size = size_of(wait);
    Html what = name_of(wait.what.empty() ? wait.syscall : wait.what);
    if (wait.holder > 0) what += el("div", {{"class", "muted"}}, fmt::format("held by thread {}", wait.holder));
    if (!wait.stack.empty()) what += el("div", {}, stack_of(wait.stack));
    table.rows.push_back({what, text(label_of(wait.state)), text(format_seconds(wait.seconds)),
                          text((wait.count_is_estimate && wait.count > 0 ? "≈ " : "") + format_count(size.count)),
                          text(format_seconds(size.longest_s)), text(format_number(wait.in_flight))});
  }
  return join(table_of(table), pruned_note(std::min(waits.size(), kWaitsShown), waits.size(), "waits"));
}

// Which of the loop's time passed waiting for events, working, and blocked elsewhere.
Html loop_shares(const Loop& loop) {
  StateTimes times;
  times[State::idle] = loop.waiting_s;
  times[State::on_cpu] = loop.busy_s;
  times[State::lock] = loop.blocked_s;  // the colour of trouble; the words beside it say what it is
  const double total = times.sum();
  if (total <= 0) return {};
  return join(state_bar(times.shares(), "The event loop's time"),
              el("p", {}, fmt::format("{} waiting for events, {} working, ", format_share(loop.waiting_s / total), format_share(loop.busy_s / total)),
                 el("strong", {}, fmt::format("{} blocked by something else", format_share(loop.blocked_s / total))), "."));
}

// By place and with whose turn it was, where stacks tell; else by kind of wait.
Table stalls_of(const Loop& loop, const std::string& own_module) {
  const auto place = [](const std::string& what, const std::vector<Frame>& stack) {
    return join(name_of(what), stack.empty() ? Html{} : el("div", {}, stack_of(stack)));
  };
  if (loop.stops.empty()) {
    Table stalls{"", "What stopped it", {"what", "state", "time", "times", "longest"}, "ttnnn", {}};
    for (const Stall& stall : loop.stalls)
      stalls.rows.push_back({place(stall.what, stall.stack), text(label_of(stall.state)), text(format_seconds(stall.seconds)),
                             text(format_count(stall.count)), text(format_seconds(longest_of(stall)))});
    return stalls;
  }
  Table stops{"", "What stopped it, and what it computed for whom", {"what", "whose turn", "state", "time", "times", "longest"}, "tttnnn", {}};
  for (const LoopStop& stop : loop.stops)
    stops.rows.push_back({place(stop.what, stop.stack), text(turn_of(stop, own_module), 2 * kNameLimit), text(label_of(stop.state)),
                          text(format_seconds(stop.seconds)), text(is_blocked(stop.state) ? format_count(stop.count) : ""),
                          text(stop.longest_s > 0 ? format_seconds(stop.longest_s) : "")});
  return stops;
}

Html loop_card(const Loop& loop, const std::string& own_module) {
  const std::string title = fmt::format("{} loop{}, thread {}", loop.kind, loop.framework.empty() ? "" : " of " + loop.framework, loop.tid);
  Table stalls = stalls_of(loop, own_module);
  const std::string id = fmt::format("stalls-{}", loop.tid);
  stalls.id = id;
  return el("article", {{"class", "card"}}, el("h4", {}, text(title, kNameLimit)), loop_shares(loop),
            el("p", {}, fmt::format("Longest stall {}. About {} rounds; connections watched: {} inbound, {} outbound{}.",
                                    format_seconds(longest_stall_of(loop)), format_count(loop.iterations), format_count(loop.connections_inbound),
                                    format_count(loop.connections_outbound), loop.listens ? "; it listens for new ones" : "")),
            waiting_clients_of(loop).empty() ? Html{} : el("p", {}, waiting_clients_of(loop)),
            stalls.rows.empty() ? Html{} : table_of(stalls));
}

Html pools_table(const std::vector<Pool>& pools) {
  Table table{"pools-table", "Pools: groups of threads or processes that do the same",
              {"pool", "kind", "workers", "busy", "waiting", "parked", "states", "handing over"}, "ttnnnntt", {}};
  for (const Pool& pool : pools)
    table.rows.push_back({name_of(pool.name), text(pool.kind, kNameLimit), text(format_count(pool.size)), text(format_number(pool.busy_mean)),
                          text(format_number(pool.waiting_mean)), text(format_number(pool.parked_mean)),
                          pool.states.sum() > 0 ? state_bar(pool.states.shares(), "States of the pool's workers") : Html{},
                          text(handed_over_of(pool), kNameLimit)});
  return table_of(table);
}

}  // namespace

Html hot_section(const PageInput& input) {
  const Profile& profile = input.session->profile;
  Html loops;
  const std::string own_module = own_module_of(profile);
  for (const Loop& loop : profile.loops) loops += loop_card(loop, own_module);
  Html inside = join(el("div", {{"id", "flame"}}), el("h3", {}, "On CPU"), spots_table(input, true), el("h3", {}, "Waiting"),
                     waits_table(profile), spots_table(input, false));
  if (!loops.empty()) inside += join(el("h3", {{"id", "loops"}}, "Event loops"), loops);
  if (!profile.pools.empty()) inside += join(el("h3", {{"id", "pools"}}, "Pools"), pools_table(profile.pools));
  return section("hot-spots", "Hot spots", inside);
}

}  // namespace concadvise
