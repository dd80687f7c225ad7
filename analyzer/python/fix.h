// Repairs of Python findings, as edits of the source. Safe ones keep what the program means; the others need a look.
#pragma once

#include <string>
#include <vector>

#include "model/finding.h"
#include "model/result.h"

namespace concadvise {

struct FixedFile {
  std::string path;
  std::string before;
  std::string after;
  int fixes = 0;
};

/// The files that change when the findings are repaired, in the order of their paths. Suppressed findings are left alone.
/// A repair that would leave a file unparsable is dropped with all others of that file. Repairing the result again changes
/// nothing. Errors: a file that can't be read any more.
Result<std::vector<FixedFile>> fix_python(const std::vector<Finding>& findings, bool unsafe);

/// The change as a unified diff, three lines of context.
std::string unified_diff(const FixedFile& file);

}  // namespace concadvise
