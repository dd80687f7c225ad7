// Which sources there are and how each is compiled.
#pragma once

#include <string>
#include <vector>

#include "analyzer/analyzer.h"

namespace concadvise {

struct CompileEntry {
  std::string file;        // absolute
  std::string directory;
  std::vector<std::string> arguments;  // with the compiler's name first, made fit for Clang
  std::string error;       // why it can't be compiled: its folder or a response file is missing
};

/// The entries to analyse: those of the database that lie in options.paths (all where no path is given), each file and
/// set of flags once. Paths of sources that the database does not name are compiled with options.flags or, without any,
/// as C++20. No database and no source is an empty list.
Result<std::vector<CompileEntry>> compile_entries(const std::vector<std::string>& paths, const LintOptions& options);

}  // namespace concadvise
