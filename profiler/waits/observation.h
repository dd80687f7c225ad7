// What one blocked thread waits for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/state.h"

namespace concadvise {

/// To whom a waiting thread hands the critical path.
enum class Hop {
  none,       // the wait is for something outside the target
  threads,    // another thread of the same process
  thread,     // the thread in `holder`
  children,   // the child processes
  processes,  // those in `peers`
};

struct Observation {
  State state = State::other;
  Hop hop = Hop::none;
  int syscall = -1;              // -1: outside a system call
  const char* syscall_name = "";
  std::string what;              // for people: system call and what it waits on
  int holder = 0;                // tid of a lock's owner
  std::vector<int> peers;        // processes of the target at the other end
  bool loop_wait = false;        // the place where an event loop waits for events
  bool incomplete = false;       // a socket is not in our table yet: ask again at the next look
  bool only_if_active = false;   // hop only while those inside do something: a time-out or a client could end it as well
  bool lock_or_signal = false;   // a futex or semaphore that HotLocks has to judge
  const char* lock_called = "";  // what it is if it is a lock
  bool has_clock = false;        // a time-out or a timer could end it as well
  bool shared_memory = false;    // a futex that other processes may wait on as well
  std::uint64_t address = 0;     // of the futex, or the semaphore's number: waits on one are one hot lock
  int connections_inbound = 0;   // watched by the loop
  std::vector<std::uint64_t> inbound_inodes;
  int connections_outbound = 0;
  bool listens = false;
};

}  // namespace concadvise
