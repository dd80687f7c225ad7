// The data files of this room as they are inside the program.
#pragma once

#include <string_view>

extern "C" {
#define CONCADVISE_EMBEDDED(name) extern const char name##_begin[], name##_end[];
CONCADVISE_EMBEDDED(rules_thresholds)
#undef CONCADVISE_EMBEDDED
}

namespace concadvise::embedded {

#define CONCADVISE_EMBEDDED(name) \
  inline std::string_view name() { return {rules_##name##_begin, rules_##name##_end}; }
CONCADVISE_EMBEDDED(thresholds)
#undef CONCADVISE_EMBEDDED

}  // namespace concadvise::embedded
