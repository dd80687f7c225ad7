// What a file descriptor of the target is, and which processes of the target hold its other end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "profiler/waits/pace.h"
#include "profiler/waits/sockets.h"
#include "profiler/waits/tcp_activity.h"

namespace concadvise {

struct DescriptorInfo {
  enum class Kind { unknown, file, device, terminal, null_device, pipe, socket, eventfd, timerfd, signalfd, inotify, epoll,
                    pidfd, io_uring, memory };
  Kind kind = Kind::unknown;
  std::string name;          // for people: a path, "127.0.0.1:5432 (tcp, outbound)", "pipe"
  std::uint64_t inode = 0;   // pipes and sockets
  SocketInfo socket;         // kind == socket
  bool quiet = false;        // an outbound connection with nothing outstanding
  bool incomplete = false;   // the socket was not found, but a later look may find it
  std::vector<int> peers;    // processes of the target, other than the owner, that hold the other end
  bool own_peer = false;     // the owner itself holds the other end: a wake-up pipe
};

/// An epoll set or the array of a poll call, summed up.
struct WatchSet {
  int total = 0;
  int listening = 0;
  int inbound = 0;
  int outbound = 0;        // connections that the program opened itself
  int quiet = 0;           // ... of them, those with nothing outstanding
  int local_outbound = 0;  // of the local kind: pipes and Unix sockets to somebody else
  int local_outside = 0;   // ... of them, those whose other end is not in the target
  int wakeups = 0;         // eventfd, own pipe or socket pair: a thread of the same process ends the wait
  int timers = 0;
  int signals = 0;
  int files = 0;           // watched for changes (inotify, fanotify)
  int terminals = 0;
  int children = 0;        // pidfd
  bool incomplete = false; // a socket among them is not known yet
  std::vector<int> peers;  // processes of the target at the other ends
  std::string an_outbound; // name of one of them
  std::vector<std::uint64_t> inbound_inodes;  // of internet connections, and of where they come in
};

class DescriptorTable {
 public:
  /// The processes whose descriptors are searched for the other ends of pipes and local connections.
  void set_target(const std::vector<int>& pids) { target_ = pids; }

  DescriptorInfo describe(int pid, int fd);
  WatchSet describe_epoll(int pid, int fd);
  WatchSet describe_all(int pid, const std::vector<int>& fds);

  /// True when the process has an epoll descriptor or io_uring: it has, or had, an event loop.
  bool has_loop_descriptor(int pid);

  /// The epoll set of a process with the most clients: that of its event loop, seen from elsewhere than its own wait. Nothing
  /// when it has none.
  std::optional<WatchSet> describe_loop(int pid);

  /// TcpActivity::unread of these connections.
  std::optional<int> unread(const std::vector<std::uint64_t>& inodes) { return tcp_.unread(inodes); }

  /// Connected internet and Unix sockets of the process: all, and the inbound ones.
  void count_connections(int pid, int& connected, int& inbound);

 private:
  void find_peers(int pid, DescriptorInfo& info);
  void refresh_holders();
  void add(WatchSet& set, const DescriptorInfo& info) const;

  SocketTable sockets_;
  TcpActivity tcp_;
  std::vector<int> target_;
  std::unordered_map<std::string, std::vector<int>> holders_;  // "pipe:[123]" -> pids that hold it
  std::unordered_map<std::uint64_t, std::uint64_t> unix_peers_;
  std::unordered_set<std::string> fifos_;  // named pipes that somebody waited on
  Pace holders_pace_{50'000'000};
};

}  // namespace concadvise
