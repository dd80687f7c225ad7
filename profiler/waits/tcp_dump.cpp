#include "profiler/waits/tcp_dump.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "profiler/procfs/file.h"

namespace concadvise {
namespace {

constexpr std::size_t kBuffer = 64 << 10;
constexpr unsigned kTimeWait = 6;  // TCP_TIME_WAIT; <netinet/tcp.h> can't be had beside <linux/tcp.h>
constexpr unsigned kListen = 10;   // TCP_LISTEN
constexpr std::uint32_t kMostUnaccepted = 1u << 20;

bool ask_for_all(int netlink, unsigned char family) {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 request;
  } message{};
  message.header.nlmsg_len = sizeof message;
  message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  message.request.sdiag_family = family;
  message.request.sdiag_protocol = IPPROTO_TCP;
  message.request.idiag_ext = 1 << (INET_DIAG_INFO - 1);
  message.request.idiag_states = ~(1u << kTimeWait);
  return ::send(netlink, &message, sizeof message, 0) >= 0;
}

TcpSocket::End end_of(const std::uint32_t (&address)[4], std::uint16_t port) {
  TcpSocket::End end;
  std::copy(std::begin(address), std::end(address), end.address.begin());
  end.port = ntohs(port);
  return end;
}

// A message of the answer: an inet_diag_msg, followed by attributes of which tcp_info is one.
std::optional<TcpSocket> parse(const char* message, std::size_t size) {
  inet_diag_msg raw;
  if (size < sizeof raw) return std::nullopt;
  std::memcpy(&raw, message, sizeof raw);
  TcpSocket socket;
  socket.inode = raw.idiag_inode;
  socket.version_6 = raw.idiag_family == AF_INET6;
  socket.local = end_of(raw.id.idiag_src, raw.id.idiag_sport);
  socket.remote = end_of(raw.id.idiag_dst, raw.id.idiag_dport);
  socket.state = raw.idiag_state;
  // The kernel gives the length of the accept queue in place of the unread bytes for a socket that listens (tcp_diag_get_info).
  const bool listens = raw.idiag_state == kListen;
  socket.unread = !listens && raw.idiag_rqueue > 0;
  socket.unaccepted = listens ? static_cast<int>(std::min(raw.idiag_rqueue, kMostUnaccepted)) : 0;
  for (std::size_t at = NLMSG_ALIGN(sizeof raw); at + sizeof(nlattr) <= size;) {
    nlattr attribute;
    std::memcpy(&attribute, message + at, sizeof attribute);
    const std::size_t data = at + NLA_HDRLEN;
    if (attribute.nla_type == INET_DIAG_INFO && data + offsetof(tcp_info, tcpi_last_ack_recv) <= size) {
      tcp_info info{};
      std::memcpy(&info, message + data, std::min(sizeof info, size - data));
      const bool counts = data + offsetof(tcp_info, tcpi_bytes_sent) + sizeof info.tcpi_bytes_sent <= size;
      socket.has_times = true;
      socket.never_sent = counts && info.tcpi_bytes_sent == 0;
      socket.sent_ms_ago = info.tcpi_last_data_sent;
      socket.received_ms_ago = info.tcpi_last_data_recv;
    }
    at += std::max<std::size_t>(NLA_ALIGN(attribute.nla_len), NLA_HDRLEN);
  }
  return socket;
}

// False when the kernel answers with an error, or not at all.
bool read_answer(int netlink, std::vector<char>& buffer, std::vector<TcpSocket>& sockets) {
  while (true) {
    const ssize_t got = ::recv(netlink, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    const auto size = static_cast<std::size_t>(got);
    for (std::size_t at = 0; at + sizeof(nlmsghdr) <= size;) {
      nlmsghdr header;
      std::memcpy(&header, buffer.data() + at, sizeof header);
      if (header.nlmsg_type == NLMSG_DONE) return true;
      const bool whole = header.nlmsg_len >= NLMSG_HDRLEN && at + header.nlmsg_len <= size;
      if (!whole || header.nlmsg_type == NLMSG_ERROR) return false;
      if (auto socket = parse(buffer.data() + at + NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN)) sockets.push_back(*socket);
      at += NLMSG_ALIGN(header.nlmsg_len);
    }
  }
}

}  // namespace

std::optional<std::vector<TcpSocket>> dump_tcp_sockets() {
  const Descriptor netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!netlink) return std::nullopt;
  std::vector<char> buffer(kBuffer);
  std::vector<TcpSocket> sockets;
  bool any = false;
  // A kernel without IP version 6 has no answer for it.
  for (const int family : {AF_INET, AF_INET6})
    if (ask_for_all(netlink.get(), static_cast<unsigned char>(family))) any |= read_answer(netlink.get(), buffer, sockets);
  if (!any) return std::nullopt;
  return sockets;
}

}  // namespace concadvise
