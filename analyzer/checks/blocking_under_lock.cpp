#include "analyzer/checks/async_effects.h"
#include "analyzer/checks/cpp_forms.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

bool slow(const Program& program, const Effect& effect) {
  static const std::vector<std::string> kinds = {"sleep", "network", "dns", "process", "stdin", "wait", "database"};
  if (effect.tier != Tier::unbounded || effect.confidence < 0.5 || std::find(kinds.begin(), kinds.end(), effect.effect) == kinds.end()) return false;
  return program.knowledge().type(effect.leaf, "locked-by-its-users") == nullptr;
}

bool is_condition(const Program& program, const facts::Lock& lock) { return program.knowledge().type(lock.type, "condition-variable") != nullptr; }

void run(const Program& program, Findings& findings) {
  blocking_under_lock_in_cpp(program, findings);
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || f.locks.empty() || program.language(id) != facts::Language::python) continue;
    for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
      const auto& call = f.calls[static_cast<std::size_t>(c)];
      const facts::Lock* held = nullptr;
      for (const int index : call.held) {
        const auto& lock = f.locks[static_cast<std::size_t>(index)];
        // A semaphore that admits several is there to be held while waiting.
        if (!lock.cooperative && !is_condition(program, lock) && lock.type.find("emaphore") == std::string::npos) held = &lock;
      }
      if (!held) continue;
      const auto& effects = program.effects_of_call(id, c);
      const auto worst = std::find_if(effects.begin(), effects.end(), [&](const Effect& effect) { return slow(program, effect); });
      if (worst == effects.end()) continue;
      // A condition made from the lock releases it while it waits.
      if (call.object && program.knowledge().type(call.object->type, "condition-variable")) continue;
      Finding finding = draft();
      finding.effect = worst->effect;
      finding.context = "critical-section";
      finding.confidence = 0.8 * worst->confidence;
      finding.message = fmt::format("`{}` {} while `{}` is held (line {}): all who want the lock wait as long", worst->leaf, effect_text(*worst),
                                    held->mutex.spelling, held->place.line);
      finding.fix = "do the slow part before taking the lock";
      finding.chain = chain_of(program, *worst);
      findings.add(id, call.place, std::move(finding));
    }
  }
}

}  // namespace

extern const Check check_blocking_under_lock;
const Check check_blocking_under_lock = {
    .name = "blocking-under-lock",
    .severity = "warning",
    .summary = "A lock is held while its holder waits for something slow: everyone else who wants it waits too.",
    .documentation = R"md(
with self._lock:
        response = requests.get(url)

The wait of one becomes the wait of all, and a pool of threads works like one thread.

Instead: do the slow part first and take the lock for the short part that needs it.

Never flagged: a condition variable that waits on that very lock, waits after the lock is released.
)md",
    .run = run,
};

}  // namespace concadvise
