// One translation unit through Clang.
#pragma once

#include "analyzer/cpp/database.h"
#include "analyzer/facts.h"
#include "analyzer/knowledge.h"

namespace concadvise {

/// Parses the unit and extracts its facts. Errors in the source are part of the result: a fatal one (a missing header)
/// is treated as any other, because Clang would stop instantiating and coroutines would silently vanish.
facts::Unit compile_unit(const CompileEntry& entry, const LintOptions& options, const Knowledge& knowledge);

}  // namespace concadvise
