#include "analyzer/checks/check.h"

#include <algorithm>

namespace concadvise {

std::vector<ChainLink> chain_of(const Program& program, const Effect& effect) {
  std::vector<ChainLink> chain;
  for (const auto& step : effect.chain) {
    const auto& f = program.function(step.function);
    const facts::Place place = step.call < 0 ? effect.leaf_place : f.calls[static_cast<std::size_t>(step.call)].place;
    chain.push_back({program.files()[place.file], place.line, f.name});
  }
  return chain;
}

const Check* find_check(std::string_view name) {
  const auto checks = all_checks();
  const auto at = std::find_if(checks.begin(), checks.end(), [&](const Check* check) { return check->name == name; });
  return at == checks.end() ? nullptr : *at;
}

}  // namespace concadvise
