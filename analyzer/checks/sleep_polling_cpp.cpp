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

}  // namespace

void sleep_polling_in_cpp(const Program& program, Findings& findings) {
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
