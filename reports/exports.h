// Formats of other tools, so that nobody is locked into our page. All hold the sampled call stacks: on CPU and, where they
// were taken, while waiting.
#pragma once

#include <string>

#include "model/profile.h"

namespace concadvise {

/// Folded stacks (flamegraph.pl, inferno): "main;work;leaf 12" by line, outermost first; a waiting stack ends with a frame
/// "[network]". Counts are microseconds.
std::string to_folded(const Profile& profile);

/// speedscope's file format: one profile on CPU, one waiting. https://www.speedscope.app/file-format-schema.json
std::string to_speedscope(const Profile& profile);

/// pprof's profile.proto, not compressed (readers take both): sample types on_cpu and waiting, in nanoseconds.
std::string to_pprof(const Profile& profile);

}  // namespace concadvise
