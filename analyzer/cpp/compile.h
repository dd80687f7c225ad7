// One translation unit through Clang.
#pragma once

#include <string>
#include <vector>

#include "analyzer/cpp/database.h"
#include "analyzer/facts.h"
#include "analyzer/knowledge.h"

namespace concadvise {

struct SharedHeaders;

struct Compiled {
  facts::Unit unit;
  std::vector<std::string> files;  // all that were read from disk, absolute
  bool lasting = true;             // false: a file was missing, so that another run may find it without any of `files` changing
};

/// Parses the unit and extracts its facts. Errors in the source are part of the result: a fatal one (a missing header)
/// is treated as any other, because Clang would stop instantiating and coroutines would silently vanish.
/// With shared headers it starts from these, and `shared_sound` says whether that could be kept.
Compiled compile_unit(const CompileEntry& entry, const LintOptions& options, const Knowledge& knowledge, const SharedHeaders* shared = nullptr,
                      bool* shared_sound = nullptr);

}  // namespace concadvise
