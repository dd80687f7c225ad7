// Event loops known by the functions that run them: one that is always held up is never found in its own wait.
#pragma once

#include <string_view>
#include <vector>

#include "model/profile.h"

namespace concadvise {

/// The library whose event loop runs the innermost of these frames: "asyncio", "libuv" ...; empty when none does.
std::string_view loop_running(const std::vector<Frame>& stack);

/// True for a helper that looks after a pool of processes: it waits for many things at once and is no event loop.
bool looks_after_pool(const std::vector<Frame>& stack);

}  // namespace concadvise
