// From what the sampler remembers to the Profile that is saved.
#pragma once

#include "model/profile.h"
#include "profiler/timeline/sampler.h"

namespace concadvise {

/// Fills threads, processes, waits, loops, pools, windows and shares. Prunes: the largest threads and waits are kept one
/// by one, the rest is summed up and said so in a note. Frames of waits are added by whoever took the stacks.
void assemble(Census& census, const Sampler& sampler, Profile& profile);

/// The words that name a wait in the profile: Wait::what.
std::string text_of(const WaitSite& site);

/// Event loops among the threads: those that wait in epoll, io_uring or poll on several descriptors, and the only thread
/// of a process that holds an epoll set. What else blocked such a thread is a stall.
std::vector<Loop> find_loops(const Census& census);

/// Groups of threads of one process, or child processes of one parent, with the same name (digits aside).
std::vector<Pool> find_pools(const Profile& profile);

}  // namespace concadvise
