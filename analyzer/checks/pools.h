// What kind of pool a task runs in, as far as the sources tell.
#pragma once

#include "analyzer/checks/check.h"

namespace concadvise {

enum class PoolSize { cores, other, unknown };

/// Whether the pool's threads are as many as cores: knowledge says so, or its constructor or an object of it is given their
/// number. `giver` and `call` say which object a task is given to; unknown where objects differ and it can't be told.
PoolSize size_of_pool(const Program& program, const std::string& pool, FunctionId giver, int call);

/// Threads of the program run the io_context, so that its handlers share a pool.
bool threads_run_io_context(const Program& program);

/// A pool that serves I/O: known as one, or a class of the sources that owns threads and is not sized for the cores.
bool is_io_pool(const Program& program, const Context& context);

/// What a pool of the sources hands itself in one of its own methods: a wrapper around the task that the method was given.
bool wraps_tasks(const Program& program, const Context& context);

/// All tasks given to pools and threads: the hand-overs, and what the sources' own pools take out of their queues.
std::vector<Handover> pool_tasks(const Program& program);

}  // namespace concadvise
