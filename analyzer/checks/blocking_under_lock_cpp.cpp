#include "analyzer/checks/cpp_forms.h"
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/async_effects.h"
#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

// The lock that stays taken while the call waits: a wait for a condition gives its own lock back, and a call that is given
// a guard may well do so.
const facts::Lock* lock_kept(const Program& program, const facts::Function& f, const facts::Call& call) {
  const bool given = waits_for_condition(program, call.name) ||
                     std::any_of(call.arguments.begin(), call.arguments.end(), [&](const facts::Value& v) { return program.knowledge().lock(v.type) != nullptr; });
  for (const int index : call.held) {
    const auto& lock = f.locks[static_cast<std::size_t>(index)];
    if (lock.cooperative) continue;
    if (given && (lock.guard.empty() || std::any_of(call.arguments.begin(), call.arguments.end(), [&](const facts::Value& v) {
                    return std::find(v.sources.begin(), v.sources.end(), lock.guard) != v.sources.end();
                  })))
      continue;
    return &lock;
  }
  return nullptr;
}

// The end of a thread of this call, under a mutex of this call: nobody else is there who could want it.
bool among_themselves(const facts::Function& f, const facts::Lock& lock, const facts::Call& call) {
  const auto local = [&](const facts::Value& value) { return std::any_of(value.sources.begin(), value.sources.end(), [&](const facts::Text& node) { return is_local(f, node); }); };
  return last_part(call.name) == "join" && call.object && local(*call.object) && local(lock.mutex);
}

}  // namespace

void blocking_under_lock_in_cpp(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    if (program.language(site.id) != facts::Language::cpp) return;
    const auto& call = site.call;
    if (call.held.empty() || on_loop(program, site.id)) return;
    const auto* held = lock_kept(program, site.function, call);
    if (!held) return;
    const auto& lock = *held;
    if (among_themselves(site.function, lock, call)) return;
    const auto& effects = program.effects_of_call(site.id, site.index);
    const auto worst = std::find_if(effects.begin(), effects.end(), [](const Effect& e) { return e.tier == Tier::unbounded && e.confidence > 0.5 && e.effect != "lock"; });
    if (worst == effects.end()) return;
    // The lock's own condition variable, further down the chain.
    const auto& last = worst->chain.back();
    if (last.call >= 0 && worst->chain.size() > 1 &&
        waits_for_condition(program, program.function(last.function).calls[static_cast<std::size_t>(last.call)].name))
      return;
    Finding finding = draft();
    finding.effect = worst->effect;
    finding.context = "critical-section";
    // Readers pass each other until a writer waits; from then on most implementations hold up all.
    finding.confidence = lock.shared ? 0.8 * worst->confidence : worst->confidence;
    finding.message = fmt::format("`{}` {} while `{}` (line {}) is held: whoever wants {} waits as long", worst->chain.size() == 1 ? call.name.str() : worst->leaf, effect_text(*worst), lock.mutex.spelling.empty() ? lock.type : lock.mutex.spelling, lock.place.line,
                                  lock.shared ? "to write" : "the lock");
    finding.fix = "copy what the lock guards, release it, then wait";
    finding.chain = chain_of(program, *worst);
    findings.add(site.id, call.place, std::move(finding));
  });
}

}  // namespace concadvise
