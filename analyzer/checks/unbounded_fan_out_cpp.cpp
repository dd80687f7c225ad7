#include "analyzer/checks/cpp_forms.h"
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

bool starts_concurrent_work(const Program& program, const CallSite& site) {
  const auto* row = program.receiver(site.id, site.index);
  return row && row->context == "coroutine";
}

}  // namespace

void unbounded_fan_out_in_cpp(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    if (program.language(site.id) != facts::Language::cpp || site.call.loop < 0 || std::find(site.call.guards.begin(), site.call.guards.end(), "limited") != site.call.guards.end() || !starts_concurrent_work(program, site)) return;
    const auto& loop = site.function.loops[static_cast<std::size_t>(site.call.loop)];
    // A loop that suspends (an accept loop) starts no more than arrive; a bounded one no more than it says.
    if (loop.bound != facts::Bound::collection || loop.suspends) return;
    Finding finding = draft();
    finding.context = "plain";
    finding.confidence = 0.6;
    finding.message = fmt::format("`{}` is called for every element of a collection with no limit on how many run at once", site.call.name);
    finding.fix = "let a fixed number of workers take the elements, or hold a semaphore per element";
    findings.add(site.id, site.call.place, std::move(finding));
  });
}

}  // namespace concadvise
