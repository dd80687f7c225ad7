#include "analyzer/checks/cpp_forms.h"
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

bool pauses(const Program& program, const CallSite& site) {
  const auto* row = program.knowledge().effect(site.call);
  if (row && row->effect == "sleep") return true;
  return site.call.name == "std::this_thread::yield" || site.call.name == "sched_yield";
}

bool waits_for_timer(const facts::Call& call) {
  return call.name == "asio::basic_waitable_timer::async_wait" || call.name == "asio::basic_deadline_timer::async_wait";
}

bool wakes_threads_only(const Program& program, std::string_view type) {
  return program.knowledge().type(type, "future") || program.knowledge().type(type, "thread-synchronizer");
}

// An awaited pause: a timer, or a function that is given a time and nothing else.
bool pauses_by_awaiting(const Program& program, const facts::Call& call) {
  if (call.use != facts::Use::awaited || !guarded(call, "unused")) return false;
  if (waits_for_timer(call)) return true;
  if (call.arguments.size() != 1 || !(call.arguments.front().seconds || call.arguments.front().type == "std::chrono::duration")) return false;
  return !call.object || program.knowledge().says(last_part(call.name), "pause-word");
}

// Setting the timer belongs to the pause.
bool sets_timer(const facts::Call& call) {
  const auto last = last_part(call.name);
  return last == "expires_after" || last == "expires_at" || last == "expires_from_now" || last == "cancel" || last == "cancel_one";
}

bool is_work(const facts::Call& call) {
  const auto last = last_part(call.name);
  const bool runs = call.use == facts::Use::dropped || call.use == facts::Use::voided || call.use == facts::Use::awaited || call.use == facts::Use::stored || call.use == facts::Use::unread;
  return runs && call.implicit.empty() && call.passed_to < 0 && !sets_timer(call) && last != "await_transform" && last != "operator co_await";
}

void tell(FunctionId id, const facts::Place& place, int line, Findings& findings) {
  Finding finding = draft();
  finding.effect = "sleep";
  finding.context = "coroutine";
  finding.confidence = 0.75;
  finding.message = fmt::format("a timer is set again and again to look whether something has changed (line {}): it wakes for nothing, and late", line);
  finding.fix = "let the other side wake it: cancel a timer that never expires, an event or channel of the coroutine library, or a completion handler";
  findings.add(id, place, std::move(finding));
}

// `while (!done) { timer.expires_after(...); co_await timer.async_wait(...); }`
void in_coroutines(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    if (program.language(site.id) != facts::Language::cpp || site.call.loop < 0 || !pauses_by_awaiting(program, site.call)) return;
    const auto& loop = site.function.loops[static_cast<std::size_t>(site.call.loop)];
    if (!loop.polls) return;
    // A future or a latch has nothing that could wake a coroutine.
    const bool works = std::any_of(site.function.calls.begin(), site.function.calls.end(), [&](const facts::Call& other) {
      return &other != &site.call && other.loop == site.call.loop && (is_work(other) || (other.object && wakes_threads_only(program, other.object->type)));
    });
    if (!works) tell(site.id, site.call.place, loop.place.line, findings);
  });
}

// A timer that is set so far ahead is there to be cancelled: the other side wakes whoever waits for it.
constexpr double kForGoodSeconds = 24 * 3600;

bool sets_for_good(const facts::Function& f) {
  return std::any_of(f.calls.begin(), f.calls.end(), [](const facts::Call& call) {
    return sets_timer(call) && !call.arguments.empty() && call.arguments.front().seconds.value_or(0) > kForGoodSeconds;
  });
}

// Whether one of the calls is in the branch that is taken where the other is not.
bool on_other_way(const facts::Call& a, const facts::Call& b) {
  const auto opposite = [](std::string_view one, std::string_view other) {
    return one.ends_with(":then") && other.ends_with(":else") && one.substr(0, one.size() - 5) == other.substr(0, other.size() - 5);
  };
  return std::any_of(a.guards.begin(), a.guards.end(), [&](const facts::Text& one) {
    return std::any_of(b.guards.begin(), b.guards.end(), [&](const facts::Text& other) { return opposite(one, other) || opposite(other, one); });
  });
}

// A handler that only looks at a state and sets its timer again.
void in_handlers(const Program& program, Findings& findings) {
  for (const auto& given : program.handovers()) {
    const auto& giver = program.function(given.caller);
    const auto& call = giver.calls[static_cast<std::size_t>(given.call)];
    const auto& handler = program.function(given.callee);
    if (giver.test || !waits_for_timer(call) || std::find(handler.attributes.begin(), handler.attributes.end(), "only-rearms") == handler.attributes.end()) continue;
    if (sets_for_good(handler) || sets_for_good(giver)) continue;
    const facts::Call* again = nullptr;
    for (int c = 0; c < static_cast<int>(handler.calls.size()); ++c) {
      const auto& callees = program.callees(given.callee, c);
      if (std::any_of(callees.begin(), callees.end(), [&](const Resolved& r) { return r.callee == given.caller; })) again = &handler.calls[static_cast<std::size_t>(c)];
    }
    // What is done once the looking has come to its end is what it was for.
    const bool works = again && std::any_of(handler.calls.begin(), handler.calls.end(), [&](const facts::Call& one) { return &one != again && is_work(one) && !on_other_way(one, *again); });
    if (again && !works) tell(given.caller, call.place, handler.place.line, findings);
  }
}

}  // namespace

void sleep_polling_in_cpp(const Program& program, Findings& findings) {
  in_coroutines(program, findings);
  in_handlers(program, findings);
  each_call(program, [&](const CallSite& site) {
    if (program.language(site.id) != facts::Language::cpp) return;
    if (site.call.loop < 0 || on_loop(program, site.id) || site.call.use == facts::Use::awaited) return;
    const auto& loop = site.function.loops[static_cast<std::size_t>(site.call.loop)];
    if (!loop.polls || !pauses(program, site)) return;
    // Anything else that the loop does may be what it is for.
    const auto others = std::count_if(site.function.calls.begin(), site.function.calls.end(), [&](const facts::Call& other) {
      return other.loop == site.call.loop && other.place.line >= loop.place.line && other.implicit.empty() && &other != &site.call && other.passed_to < 0 &&
             other.use == facts::Use::dropped && !(other.object && program.knowledge().lock(other.object->type));
    });
    if (others > 0) return;
    Finding finding = draft();
    finding.effect = "sleep";
    finding.context = "plain";
    finding.confidence = 0.8;
    finding.message = fmt::format("a loop sleeps and looks whether something has changed (line {}): it wakes for nothing, and late", loop.place.line);
    finding.fix = "wait for a condition variable, std::atomic::wait, an event or a future that the other side signals";
    findings.add(site.id, site.call.place, std::move(finding));
  });
}

}  // namespace concadvise
