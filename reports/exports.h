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

/// The Firefox Profiler's processed format: a track for each thread with its states as markers and its use of a CPU, and two
/// tracks with the summed stacks. Opens at profiler.firefox.com, which reads files locally.
std::string to_firefox(const Profile& profile);

}  // namespace concadvise
