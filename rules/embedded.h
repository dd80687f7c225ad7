// The data files of this room as they are inside the program.
#pragma once

#include <string_view>

extern "C" {
#define CONCADVISE_EMBEDDED(name) extern const char name##_begin[], name##_end[];
CONCADVISE_EMBEDDED(rules_thresholds)
CONCADVISE_EMBEDDED(rules_flowchart)
CONCADVISE_EMBEDDED(rules_libraries)
CONCADVISE_EMBEDDED(rules_machinery)
CONCADVISE_EMBEDDED(rules_texts_waiting)
CONCADVISE_EMBEDDED(rules_texts_computing)
CONCADVISE_EMBEDDED(rules_texts_repairs)
CONCADVISE_EMBEDDED(rules_texts_words)
CONCADVISE_EMBEDDED(rules_texts_metrics)
#undef CONCADVISE_EMBEDDED
}

namespace concadvise::embedded {

#define CONCADVISE_EMBEDDED(name) \
  inline std::string_view name() { return {rules_##name##_begin, rules_##name##_end}; }
CONCADVISE_EMBEDDED(thresholds)
CONCADVISE_EMBEDDED(flowchart)
CONCADVISE_EMBEDDED(libraries)
CONCADVISE_EMBEDDED(machinery)
CONCADVISE_EMBEDDED(texts_waiting)
CONCADVISE_EMBEDDED(texts_computing)
CONCADVISE_EMBEDDED(texts_repairs)
CONCADVISE_EMBEDDED(texts_words)
CONCADVISE_EMBEDDED(texts_metrics)
#undef CONCADVISE_EMBEDDED

}  // namespace concadvise::embedded
