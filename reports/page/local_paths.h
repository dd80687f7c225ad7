// Paths as readers of a page know them: relative to the folder that the program ran in, or that the page was made in.
#pragma once

#include <string>
#include <vector>

#include "model/advice.h"
#include "model/finding.h"

namespace concadvise {

/// The words without the first of the folders where a path in them starts with it. Folders are absolute, without '/' at the end.
std::string without_folders(const std::string& words, const std::vector<std::string>& folders);

/// The same for what a page shows of a session and of a lint result.
void shorten_paths(Session& session, const std::vector<std::string>& folders);
void shorten_paths(LintResult& lint, const std::vector<std::string>& folders);

}  // namespace concadvise
