// Who is at the other end of a socket, and who asked whom: sockets of a network name space by inode.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "profiler/waits/pace.h"

namespace concadvise {

struct SocketInfo {
  enum class Family { tcp, udp, unix_domain, other };
  enum class Direction {
    listening,  // waits for connections
    inbound,    // accepted: its local port or path is one that somebody listens on
    outbound,   // connected by the program itself
    unnamed,    // a socket pair, or not connected
  };
  Family family = Family::other;
  Direction direction = Direction::unnamed;
  bool loopback = false;
  bool internet = false;        // TCP or UDP
  std::string peer;             // "127.0.0.1:5432", a path, or empty
  std::uint64_t peer_inode = 0; // on this machine, when known
};

/// The sockets that a process can see (sock_diag for TCP in our own name space, else /proc/PID/net), read again when an unknown inode is asked for, at most every
/// 20 ms and less often when that is dear: a program with 10,000 connections costs a bounded share of a CPU.
class SocketTable {
 public:
  /// The socket with that inode; null when the kernel does not list it (netlink, packet ..., or gone), or when the table
  /// may not be read again yet: then `later` is true.
  const SocketInfo* find(int pid, std::uint64_t inode, bool& later);

 private:
  void refresh(int pid);
  struct Row;
  void read_internet(const std::string& path, SocketInfo::Family family);
  bool ask_for_tcp();
  void add(const std::vector<Row>& rows, SocketInfo::Family family);
  void read_unix(const std::string& path);

  std::unordered_map<std::uint64_t, SocketInfo> sockets_;
  Pace pace_{20'000'000};
  struct Unlisted {
    std::uint64_t ask_again_ns = 0;
    std::uint64_t pause_ns = 0;
  };
  std::unordered_map<std::uint64_t, Unlisted> unlisted_;  // asked for, and not in the tables
};

/// The inode of the other end of a Unix-domain socket, asked from the kernel by netlink; 0 when it does not say.
std::uint64_t unix_peer_inode(std::uint64_t inode);

}  // namespace concadvise
