#include "profiler/waits/descriptors.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>

#include "profiler/procfs/file.h"
#include "profiler/procfs/task.h"

namespace concadvise {
namespace {

constexpr std::size_t kMostDescriptors = 4096;    // of one process; a server with more is judged by these

using Kind = DescriptorInfo::Kind;

Kind kind_of_link(std::string_view link) {
  if (link.starts_with("socket:[")) return Kind::socket;
  if (link.starts_with("pipe:[")) return Kind::pipe;
  if (link.starts_with("anon_inode:")) {
    const std::string_view name = link.substr(11);
    if (name.find("eventfd") != name.npos) return Kind::eventfd;
    if (name.find("eventpoll") != name.npos) return Kind::epoll;
    if (name.find("timerfd") != name.npos) return Kind::timerfd;
    if (name.find("signalfd") != name.npos) return Kind::signalfd;
    if (name.find("inotify") != name.npos || name.find("fanotify") != name.npos) return Kind::inotify;
    if (name.find("pidfd") != name.npos) return Kind::pidfd;
    if (name.find("io_uring") != name.npos) return Kind::io_uring;
    return Kind::unknown;
  }
  if (link.starts_with("/memfd:")) return Kind::memory;
  if (link.starts_with("/dev/pts/") || link == "/dev/tty" || link == "/dev/console" || link.starts_with("/dev/ttyS"))
    return Kind::terminal;
  if (link == "/dev/null" || link == "/dev/zero" || link == "/dev/urandom" || link == "/dev/random" || link == "/dev/full")
    return Kind::null_device;
  if (link.starts_with("/")) return Kind::file;
  return Kind::unknown;
}

// What has a path can still be a named pipe or a device.
Kind kind_of_path(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return Kind::file;
  if (S_ISFIFO(info.st_mode)) return Kind::pipe;
  return S_ISCHR(info.st_mode) ? Kind::device : Kind::file;
}

std::uint64_t inode_in(std::string_view link) {
  const std::size_t open = link.find('[');
  return open == link.npos ? 0 : to_number(link.substr(open + 1));
}

std::string socket_name(const SocketInfo& socket) {
  const char* family = socket.family == SocketInfo::Family::tcp           ? "tcp"
                       : socket.family == SocketInfo::Family::udp         ? "udp"
                       : socket.family == SocketInfo::Family::unix_domain ? "unix"
                                                                          : "socket";
  switch (socket.direction) {
    case SocketInfo::Direction::listening: return fmt::format("{} ({}, listening)", socket.peer, family);
    case SocketInfo::Direction::inbound: return fmt::format("{} ({}, inbound)", socket.peer, family);
    case SocketInfo::Direction::outbound: return fmt::format("{} ({}, outbound)", socket.peer, family);
    case SocketInfo::Direction::unnamed: break;
  }
  return fmt::format("{} socket", family);
}

// Calls `each(fd, link)` for the descriptors of a process, as long as it says true.
template <typename Each>
void each_descriptor(int pid, Each each) {
  std::size_t seen = 0;
  for (const int fd : numbers_in(fmt::format("/proc/{}/fd", pid)))
    if (++seen > kMostDescriptors || !each(fd, read_link(fmt::format("/proc/{}/fd/{}", pid, fd)))) return;
}

}  // namespace

DescriptorInfo DescriptorTable::describe(int pid, int fd) {
  DescriptorInfo info;
  const std::string link = read_link(fmt::format("/proc/{}/fd/{}", pid, fd));
  info.kind = kind_of_link(link);
  info.inode = inode_in(link);
  info.name = link;
  if (info.kind == Kind::file) info.kind = kind_of_path(fmt::format("/proc/{}/fd/{}", pid, fd));
  if (info.kind == Kind::socket) {
    bool later = false;
    if (const SocketInfo* socket = sockets_.find(pid, info.inode, later)) info.socket = *socket;
    info.incomplete = later;
    info.name = socket_name(info.socket);
    const bool asked = info.socket.family == SocketInfo::Family::tcp && info.socket.direction == SocketInfo::Direction::outbound;
    info.quiet = asked && tcp_.is_quiet(info.inode).value_or(false);
  }
  if (info.kind == Kind::pipe && info.inode != 0) info.name = "pipe";
  if (info.kind == Kind::pipe || info.kind == Kind::socket) find_peers(pid, info);
  return info;
}

void DescriptorTable::refresh_holders() {
  if (!holders_pace_.due()) return;
  holders_pace_.run([&] {
    holders_.clear();
    for (const int pid : target_)
      each_descriptor(pid, [&](int, const std::string& link) {
        // A pipe's two ends have one name: a process that holds both is listed twice.
        if (link.starts_with("pipe:[") || link.starts_with("socket:[") || fifos_.contains(link)) holders_[link].push_back(pid);
        return true;
      });
  });
}

void DescriptorTable::find_peers(int pid, DescriptorInfo& info) {
  std::string other;
  if (info.kind == Kind::pipe) {
    other = info.inode != 0 ? fmt::format("pipe:[{}]", info.inode) : info.name;
  } else if (info.socket.family == SocketInfo::Family::unix_domain) {
    auto [known, added] = unix_peers_.try_emplace(info.inode, 0);
    if (added) known->second = unix_peer_inode(info.inode);
    if (known->second != 0) other = fmt::format("socket:[{}]", known->second);
  } else if (info.socket.peer_inode != 0) {
    other = fmt::format("socket:[{}]", info.socket.peer_inode);
  }
  if (other.empty()) return;
  if (info.kind == Kind::pipe && info.inode == 0 && fifos_.insert(other).second) holders_pace_.be_due();
  refresh_holders();
  const auto found = holders_.find(other);
  if (found == holders_.end()) return;
  int own = 0;
  for (const int holder : found->second) {
    if (holder == pid) {
      ++own;
    } else if (std::find(info.peers.begin(), info.peers.end(), holder) == info.peers.end()) {
      info.peers.push_back(holder);
    }
  }
  info.own_peer = own >= (info.kind == Kind::pipe ? 2 : 1);
}

void DescriptorTable::add(WatchSet& set, const DescriptorInfo& info) const {
  ++set.total;
  set.incomplete |= info.incomplete;
  const auto add_peers = [&] {
    for (const int peer : info.peers)
      if (std::find(set.peers.begin(), set.peers.end(), peer) == set.peers.end()) set.peers.push_back(peer);
  };
  switch (info.kind) {
    case Kind::eventfd: ++set.wakeups; return;
    case Kind::timerfd: ++set.timers; return;
    case Kind::signalfd: ++set.signals; return;
    case Kind::inotify: ++set.files; return;
    case Kind::terminal: ++set.terminals; return;
    case Kind::pidfd: ++set.children; return;
    case Kind::pipe:
      if (info.own_peer) {
        ++set.wakeups;
      } else {
        ++set.local_outbound;
        set.local_outside += info.peers.empty() ? 1 : 0;
        if (set.an_outbound.empty()) set.an_outbound = info.name;
        add_peers();
      }
      return;
    case Kind::socket: break;
    default: return;
  }
  switch (info.socket.direction) {
    case SocketInfo::Direction::listening:
      ++set.listening;
      if (info.socket.internet) set.inbound_inodes.push_back(info.inode);
      return;
    case SocketInfo::Direction::inbound:
      ++set.inbound;
      if (info.socket.internet) set.inbound_inodes.push_back(info.inode);
      return;
    case SocketInfo::Direction::unnamed:
    case SocketInfo::Direction::outbound:
      if (info.own_peer) {
        ++set.wakeups;
        return;
      }
      if (info.socket.internet) {
        ++set.outbound;
        if (info.quiet) {
          ++set.quiet;
        } else {
          set.an_outbound = info.name;
        }
      } else {
        ++set.local_outbound;
        set.local_outside += info.peers.empty() ? 1 : 0;
        if (set.an_outbound.empty()) set.an_outbound = info.name;
      }
      add_peers();
      return;
  }
}

WatchSet DescriptorTable::describe_all(int pid, const std::vector<int>& fds) {
  WatchSet set;
  for (const int fd : fds) add(set, describe(pid, fd));
  return set;
}

WatchSet DescriptorTable::describe_epoll(int pid, int fd) {
  // "tfd:        8 events:       19 data: ..." a line for each watched descriptor
  const std::string text = read_file(fmt::format("/proc/{}/fdinfo/{}", pid, fd));
  std::vector<int> fds;
  for (std::size_t at = text.find("tfd:"); at != std::string::npos; at = text.find("tfd:", at + 4)) {
    std::string_view rest = std::string_view(text).substr(at + 4);
    fds.push_back(static_cast<int>(to_number(next_word(rest))));
  }
  constexpr std::size_t most_looked_at = 256;
  const std::size_t total = fds.size();
  if (total > most_looked_at) fds.resize(most_looked_at);
  WatchSet set = describe_all(pid, fds);
  if (total > fds.size()) {
    // The rest is taken to be like those that were looked at.
    const double factor = static_cast<double>(total) / static_cast<double>(fds.size());
    for (int* count : {&set.total, &set.inbound, &set.outbound, &set.local_outbound})
      *count = static_cast<int>(*count * factor);
  }
  return set;
}

bool DescriptorTable::has_loop_descriptor(int pid) {
  bool found = false;
  each_descriptor(pid, [&](int, const std::string& link) {
    const Kind kind = kind_of_link(link);
    found = kind == Kind::epoll || kind == Kind::io_uring;
    return !found;
  });
  return found;
}

std::optional<WatchSet> DescriptorTable::describe_loop(int pid) {
  std::optional<WatchSet> best;
  each_descriptor(pid, [&](int fd, const std::string& link) {
    if (kind_of_link(link) != Kind::epoll) return true;
    WatchSet set = describe_epoll(pid, fd);
    if (!best || set.inbound + set.listening > best->inbound + best->listening) best = std::move(set);
    return true;
  });
  return best;
}

void DescriptorTable::count_connections(int pid, int& connected, int& inbound) {
  connected = inbound = 0;
  each_descriptor(pid, [&](int, const std::string& link) {
    if (kind_of_link(link) != Kind::socket) return true;
    bool later = false;
    const SocketInfo* socket = sockets_.find(pid, inode_in(link), later);
    if (socket == nullptr || socket->direction == SocketInfo::Direction::listening) return true;
    if (!socket->internet && socket->direction != SocketInfo::Direction::inbound) return true;
    ++connected;
    if (socket->direction == SocketInfo::Direction::inbound) ++inbound;
    return true;
  });
}

}  // namespace concadvise
