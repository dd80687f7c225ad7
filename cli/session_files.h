// Files that subcommands share: saved results, and places by the XDG base directory rules.
#pragma once

#include <string>

#include "model/json.h"

namespace concadvise::cli {

Result<std::string> read_text(const std::string& path);

/// Makes the folder when it is missing; replaces the file in one step.
Result<void> write_text(const std::string& path, const std::string& text);

/// A saved measurement. "name" also finds "name.json". One that was never judged, because it was cut short, is judged here.
Result<Session> load_session(const std::string& path);

/// A saved measurement (likewise) or lint result.
Result<SavedResult> load_result(const std::string& path);

/// $XDG_CACHE_HOME/concadvise, or ~/.cache/concadvise; empty when neither variable is set.
std::string cache_folder();
/// $XDG_STATE_HOME/concadvise, or ~/.local/state/concadvise; empty when neither variable is set.
std::string state_folder();

}  // namespace concadvise::cli
