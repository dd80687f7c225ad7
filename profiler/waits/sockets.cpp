#include "profiler/waits/sockets.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "profiler/procfs/file.h"
#include "profiler/procfs/task.h"
#include "profiler/waits/tcp_dump.h"

namespace concadvise {
namespace {

// A socket that is not connected yet is in no table; a netlink or packet socket never is. Asked for again after this pause,
// or four of the tables' own, then twice as long each time.
constexpr std::uint64_t kUnlistedPause_ns = 100'000'000;
constexpr std::size_t kMostUnlisted = 10'000;

struct Address {
  std::string host;
  std::uint16_t port = 0;
  bool loopback = false;

  std::string text() const { return fmt::format("{}:{}", host, port); }
};

// The words of an address in network order: one for version 4, four for version 6.
Address make_address(const std::uint32_t* words, std::size_t count, std::uint16_t port) {
  Address address;
  address.port = port;
  const auto* bytes = reinterpret_cast<const unsigned char*>(words);
  const bool mapped = count == 4 && words[0] == 0 && words[1] == 0 && words[2] == htonl(0xffff);
  char printed[INET6_ADDRSTRLEN] = "";
  if (count == 1 || mapped) {
    const unsigned char* v4 = mapped ? bytes + 12 : bytes;
    ::inet_ntop(AF_INET, v4, printed, sizeof printed);
    address.loopback = v4[0] == 127;
    address.host = printed;
  } else if (count == 4) {
    ::inet_ntop(AF_INET6, bytes, printed, sizeof printed);
    address.loopback = std::memcmp(bytes, &in6addr_loopback, sizeof in6addr_loopback) == 0;
    address.host = fmt::format("[{}]", printed);
  }
  return address;
}

// "0100007F:1F90", or 32 digits for version 6: words of 32 bits in host order, as hexadecimal digits.
Address parse_address(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {};
  std::array<std::uint32_t, 4> words{};
  const std::size_t count = std::min<std::size_t>(colon / 8, words.size());
  for (std::size_t i = 0; i < count; ++i) words[i] = static_cast<std::uint32_t>(to_number(text.substr(i * 8, 8), 16));
  return make_address(words.data(), count, static_cast<std::uint16_t>(to_number(text.substr(colon + 1), 16)));
}

bool in_our_network(int pid) {
  struct stat theirs {}, ours {};
  return ::stat(fmt::format("/proc/{}/ns/net", pid).c_str(), &theirs) == 0 && ::stat("/proc/self/ns/net", &ours) == 0 &&
         theirs.st_ino == ours.st_ino;
}

template <typename Line>
void for_each_line_after_header(const std::string& text, Line line) {
  std::string_view rest = text;
  rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace

struct SocketTable::Row {
  std::uint64_t inode;
  Address local, remote;
  int state;
};

const SocketInfo* SocketTable::find(int pid, std::uint64_t inode, bool& later) {
  later = false;
  if (const auto found = sockets_.find(inode); found != sockets_.end()) return &found->second;
  const std::uint64_t now = now_ns();
  const auto missed = unlisted_.find(inode);
  if (missed != unlisted_.end() && now < missed->second.ask_again_ns) return nullptr;
  later = !pace_.due();
  if (later) return nullptr;
  pace_.run([&] { refresh(pid); });
  const auto found = sockets_.find(inode);
  if (found != sockets_.end()) {
    unlisted_.erase(inode);
    return &found->second;
  }
  if (unlisted_.size() >= kMostUnlisted) unlisted_.clear();
  Unlisted& entry = unlisted_[inode];
  entry.pause_ns = std::max(entry.pause_ns * 2, std::max(kUnlistedPause_ns, pace_.pause_ns() * 4));
  entry.ask_again_ns = now + entry.pause_ns;
  return nullptr;
}

void SocketTable::refresh(int pid) {
  sockets_.clear();
  const std::string folder = fmt::format("/proc/{}/net/", pid);
  if (!in_our_network(pid) || !ask_for_tcp()) {
    read_internet(folder + "tcp", SocketInfo::Family::tcp);
    read_internet(folder + "tcp6", SocketInfo::Family::tcp);
  }
  read_internet(folder + "udp", SocketInfo::Family::udp);
  read_internet(folder + "udp6", SocketInfo::Family::udp);
  read_unix(folder + "unix");
}

void SocketTable::read_internet(const std::string& path, SocketInfo::Family family) {
  const std::string text = read_file(path);
  if (text.empty()) return;
  std::vector<Row> rows;
  for_each_line_after_header(text, [&](std::string_view line) {
    next_word(line);  // slot
    Row row{};
    row.local = parse_address(next_word(line));
    row.remote = parse_address(next_word(line));
    row.state = static_cast<int>(to_number(next_word(line), 16));
    for (int skipped = 0; skipped < 5; ++skipped) next_word(line);  // queues, timers, retransmits, uid, time-out
    row.inode = to_number(next_word(line));
    if (row.inode != 0) rows.push_back(std::move(row));
  });
  add(rows, family);
}

bool SocketTable::ask_for_tcp() {
  const auto sockets = dump_tcp_sockets();
  if (!sockets) return false;
  std::vector<Row> rows;  // of both versions together: an end of version 4 may have its peer on a socket of version 6
  for (const TcpSocket& socket : *sockets) {
    const std::size_t words = socket.version_6 ? 4 : 1;
    const auto address = [&](const TcpSocket::End& end) { return make_address(end.address.data(), words, end.port); };
    if (socket.inode != 0)
      rows.push_back({socket.inode, address(socket.local), address(socket.remote), socket.state});
  }
  add(rows, SocketInfo::Family::tcp);
  return true;
}

void SocketTable::add(const std::vector<Row>& rows, SocketInfo::Family family) {
  std::unordered_set<std::uint16_t> listening;
  for (const Row& row : rows)
    if (row.state == TCP_LISTEN) listening.insert(row.local.port);
  std::unordered_map<std::string, std::uint64_t> by_ends;
  for (const Row& row : rows) by_ends.emplace(row.local.text() + ">" + row.remote.text(), row.inode);
  for (const Row& row : rows) {
    SocketInfo info;
    info.family = family;
    info.internet = true;
    info.loopback = row.remote.loopback;
    if (row.remote.port != 0) info.peer = row.remote.text();
    if (row.state == TCP_LISTEN && family == SocketInfo::Family::tcp) {
      info.direction = SocketInfo::Direction::listening;
      info.peer = row.local.text();
    } else if (family == SocketInfo::Family::udp && row.remote.port == 0) {
      // An unconnected datagram socket on a port of its own choosing is a server's; a client's port is ephemeral.
      info.direction = row.local.port != 0 && row.local.port < 32768 ? SocketInfo::Direction::inbound
                                                                     : SocketInfo::Direction::outbound;
    } else {
      info.direction =
          listening.contains(row.local.port) ? SocketInfo::Direction::inbound : SocketInfo::Direction::outbound;
    }
    if (const auto peer = by_ends.find(row.remote.text() + ">" + row.local.text()); peer != by_ends.end())
      info.peer_inode = peer->second;
    sockets_[row.inode] = std::move(info);
  }
}

void SocketTable::read_unix(const std::string& path) {
  const std::string text = read_file(path);
  if (text.empty()) return;
  for_each_line_after_header(text, [&](std::string_view line) {
    // Num RefCount Protocol Flags Type St Inode Path
    for (int skipped = 0; skipped < 3; ++skipped) next_word(line);
    const std::uint64_t flags = to_number(next_word(line), 16);
    next_word(line);
    const std::uint64_t state = to_number(next_word(line), 16);
    const std::uint64_t inode = to_number(next_word(line));
    const std::string_view name = next_word(line);
    constexpr std::uint64_t accepting = 0x10000;  // __SO_ACCEPTCON
    constexpr std::uint64_t connected = 3;        // SS_CONNECTED
    SocketInfo info;
    info.family = SocketInfo::Family::unix_domain;
    info.loopback = true;
    info.peer = std::string(name);
    if ((flags & accepting) != 0)
      info.direction = SocketInfo::Direction::listening;
    else if (!name.empty() && state == connected)
      info.direction = SocketInfo::Direction::inbound;  // accepted sockets carry the listener's path
    if (inode != 0) sockets_[inode] = std::move(info);
  });
}

std::uint64_t unix_peer_inode(std::uint64_t inode) {
  const Descriptor netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!netlink) return 0;
  struct {
    nlmsghdr header;
    unix_diag_req request;
  } message{};
  message.header.nlmsg_len = sizeof message;
  message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  message.header.nlmsg_flags = NLM_F_REQUEST;
  message.request.sdiag_family = AF_UNIX;
  message.request.udiag_states = ~0U;
  message.request.udiag_ino = static_cast<std::uint32_t>(inode);
  message.request.udiag_show = UDIAG_SHOW_PEER;
  message.request.udiag_cookie[0] = ~0U;  // any
  message.request.udiag_cookie[1] = ~0U;
  if (::send(netlink.get(), &message, sizeof message, 0) < 0) return 0;
  alignas(nlmsghdr) char buffer[4096];
  const ssize_t got = ::recv(netlink.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(unix_diag_msg)))) return 0;
  nlmsghdr header;
  std::memcpy(&header, buffer, sizeof header);
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return 0;
  std::size_t offset = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(unix_diag_msg));
  const std::size_t end = std::min<std::size_t>(static_cast<std::size_t>(got), header.nlmsg_len);
  while (offset + sizeof(nlattr) <= end) {
    nlattr attribute;
    std::memcpy(&attribute, buffer + offset, sizeof attribute);
    if (attribute.nla_type == UNIX_DIAG_PEER && offset + NLA_HDRLEN + sizeof(std::uint32_t) <= end) {
      std::uint32_t peer = 0;
      std::memcpy(&peer, buffer + offset + NLA_HDRLEN, sizeof peer);
      return peer;
    }
    offset += std::max<std::size_t>(NLA_ALIGN(attribute.nla_len), NLA_HDRLEN);
  }
  return 0;
}

}  // namespace concadvise
