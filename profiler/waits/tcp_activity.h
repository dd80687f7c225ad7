// Whether an answer is outstanding on a TCP connection: when it last sent and received, from the kernel by sock_diag.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "profiler/waits/pace.h"

namespace concadvise {

class TcpActivity {
 public:
  /// True when the connection's last data came from the other side, and longer ago than a stream pauses: nothing was asked
  /// since, a kept-alive or subscribed connection. Nothing when the kernel does not tell (another network name space).
  std::optional<bool> is_quiet(std::uint64_t inode);

  /// How many of the connections hold data that nobody has read yet, at this moment, and how many wait at those of the sockets
  /// that listen to be accepted; nothing when it is too early to ask again or the kernel does not tell.
  std::optional<int> unread(const std::vector<std::uint64_t>& inodes);

 private:
  void refresh();

  struct Connection {
    std::uint32_t sent_ms_ago;
    std::uint32_t received_ms_ago;
    bool never_sent;
    bool unread;
  };
  std::unordered_map<std::uint64_t, Connection> connections_;
  std::unordered_map<std::uint64_t, int> unaccepted_;  // by inode, of sockets that listen
  Pace pace_{20'000'000};
};

}  // namespace concadvise
