// The system calls that block, as a table: what each waits on.
#pragma once

namespace concadvise {

/// How to find out what a blocked call waits for.
enum class Blocks {
  never,         // it computes, or does not block for long
  descriptor,    // on the descriptor in argument 0
  descriptor_to, // the same, it sends
  files,         // on the file system
  poll,          // on an array of pollfd in argument 0, count in 1
  select,        // on bit sets in arguments 1 to 3, count in 0
  epoll,         // on the epoll set in argument 0, time-out in ms in argument 3
  sleep,         // for time
  futex,         // on a futex in argument 0
  child,         // for a child process
  accept,        // for a client
  connect,       // for a server
  lock,          // a file lock
  fcntl,         // a file lock when argument 1 says so
  block_io,      // asynchronous input and output of block devices
  ring,          // io_uring
  signal,        // for a signal, without a limit
  signal_timed,  // for a signal, with a time-out in argument 2 when that is not null
  message,       // System V or POSIX message queues
  semaphore,     // System V
  device,        // ioctl and the like
};

struct BlockingCall {
  int number;
  const char* name;
  Blocks blocks;
};

/// The row of that system call; `blocks == never` and its number when it is not in the table.
const BlockingCall& blocking_call(int number);

}  // namespace concadvise
