// Sessions to render: the kinds of result that people get, and the sizes and names that break pages.
#pragma once

#include "model/advice.h"
#include "model/finding.h"

namespace concadvise::samples {

Session blocked_server();    // C++ event loop that sleeps in a callback: unblock-loop
Session python_fetches();    // CPython that waits for answers one after the other: async
Session healthy_service();   // already right: keep
Session mixed_pipeline();    // waits and computes: async+parallel
Session too_short();         // insufficient-data
Session hostile();           // every string of the target is an attack
Session huge();              // 1,000 threads, an hour, 1e6 samples in 20,000 stacks
LintResult findings();
LintResult hostile_findings();

/// A string that tries to end elements, attributes, scripts and lines, and to turn the direction of text.
const char* attack();

}  // namespace concadvise::samples
