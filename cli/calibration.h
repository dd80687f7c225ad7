// Measures what starting and handing over costs on this machine, once, and keeps it in the cache.
#pragma once

#include <string>

#include "rules/costs.h"

namespace concadvise::cli {

/// Measures now: about two seconds, one process at a time. `python` is the interpreter to measure; empty or missing leaves
/// the Python figures at their defaults.
Costs measure_costs(const std::string& python);

/// The figures of this machine from the cache, if they were measured for the same kernel, CPU and interpreter; otherwise
/// the defaults (`measured == false`).
Costs cached_costs(const std::string& python);

/// Cached, or measured and cached, again when it was disturbed by other work that is over now; the defaults where there is no place to cache them.
Costs machine_costs(const std::string& python);

/// Where the figures for that interpreter are kept; empty when there is no cache.
std::string costs_file(const std::string& python);

/// The interpreter to measure for a program that isn't Python itself: python3 in PATH; empty when there is none.
std::string default_python();

}  // namespace concadvise::cli
