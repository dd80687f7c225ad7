// What earlier measurements of a target said: one line each under the XDG state folder.
#pragma once

#include <string>

#include "model/advice.h"

namespace concadvise::cli {

/// Appends the session. Where there is no state folder, or it can't be written, nothing is kept and nobody is bothered.
void remember(const Session& session, const std::string& json_path);

}  // namespace concadvise::cli
