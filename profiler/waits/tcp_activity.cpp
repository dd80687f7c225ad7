#include "profiler/waits/tcp_activity.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "profiler/procfs/file.h"
#include "profiler/procfs/task.h"

namespace concadvise {
namespace {

constexpr std::uint64_t kAtMostEvery_ns = 200'000'000;
constexpr std::uint64_t kUnreadAtMostEvery_ns = 20'000'000;  // it is asked for only while a loop stands still
constexpr std::uint64_t kCostShare = 200;        // asking may take half a percent of a CPU
constexpr int kEstablished = 1;                  // TCP_ESTABLISHED of the kernel
constexpr std::uint32_t kPause_ms = 1000;        // a slow stream's packets come closer together than this
// Sent and received within one tick: which came last is not known. So long an unanswered request is rarer than a connection
// that is kept alive.
constexpr std::uint32_t kLongPause_ms = 10'000;
constexpr std::size_t kBuffer = 64 << 10;

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
  message.request.idiag_states = 1u << kEstablished;
  return ::send(netlink, &message, sizeof message, 0) >= 0;
}

}  // namespace

// A message of the answer: an inet_diag_msg, followed by attributes of which tcp_info is one.
void TcpActivity::remember(const char* message, std::size_t size) {
  inet_diag_msg socket;
  if (size < sizeof socket) return;
  std::memcpy(&socket, message, sizeof socket);
  for (std::size_t at = NLMSG_ALIGN(sizeof socket); at + sizeof(nlattr) <= size;) {
    nlattr attribute;
    std::memcpy(&attribute, message + at, sizeof attribute);
    const std::size_t data = at + NLA_HDRLEN;
    if (attribute.nla_type == INET_DIAG_INFO && data + offsetof(tcp_info, tcpi_last_ack_recv) <= size) {
      tcp_info info{};
      std::memcpy(&info, message + data, std::min(sizeof info, size - data));
      const bool counts = data + offsetof(tcp_info, tcpi_bytes_sent) + sizeof info.tcpi_bytes_sent <= size;
      connections_[socket.idiag_inode] = {info.tcpi_last_data_sent, info.tcpi_last_data_recv, counts && info.tcpi_bytes_sent == 0,
                                          socket.idiag_rqueue > 0};
    }
    at += std::max<std::size_t>(NLA_ALIGN(attribute.nla_len), NLA_HDRLEN);
  }
}

void TcpActivity::refresh() {
  const std::uint64_t start = own_cpu_ns();
  connections_.clear();
  const Descriptor netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  std::vector<char> buffer(kBuffer);
  for (const unsigned char family : {static_cast<unsigned char>(AF_INET), static_cast<unsigned char>(AF_INET6)}) {
    if (!netlink || !ask_for_all(netlink.get(), family)) break;
    for (bool done = false; !done;) {
      const ssize_t got = ::recv(netlink.get(), buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      const auto size = static_cast<std::size_t>(got);
      for (std::size_t at = 0; !done && at + sizeof(nlmsghdr) <= size;) {
        nlmsghdr header;
        std::memcpy(&header, buffer.data() + at, sizeof header);
        const bool whole = header.nlmsg_len >= NLMSG_HDRLEN && at + header.nlmsg_len <= size;
        done = !whole || header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR;
        if (!done) remember(buffer.data() + at + NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
        at += NLMSG_ALIGN(header.nlmsg_len);
      }
    }
  }
  refreshed_ns_ = now_ns();
  cost_ns_ = own_cpu_ns() - start;
}

std::optional<int> TcpActivity::unread(const std::vector<std::uint64_t>& inodes) {
  const std::uint64_t wait = std::max(kUnreadAtMostEvery_ns, cost_ns_ * kCostShare);
  if (inodes.empty() || (refreshed_ns_ != 0 && now_ns() - refreshed_ns_ < wait)) return std::nullopt;
  refresh();
  int known = 0;
  int unread = 0;
  for (const std::uint64_t inode : inodes) {
    const auto found = connections_.find(inode);
    if (found == connections_.end()) continue;
    ++known;
    unread += found->second.unread ? 1 : 0;
  }
  return known > 0 ? std::optional<int>(unread) : std::nullopt;
}

std::optional<bool> TcpActivity::is_quiet(std::uint64_t inode) {
  const std::uint64_t wait = std::max(kAtMostEvery_ns, cost_ns_ * kCostShare);
  if (refreshed_ns_ == 0 || now_ns() - refreshed_ns_ > wait) refresh();
  const auto found = connections_.find(inode);
  if (found == connections_.end()) return std::nullopt;
  const std::uint32_t age_ms = static_cast<std::uint32_t>((now_ns() - refreshed_ns_) / 1'000'000);
  const Connection& times = found->second;
  const std::uint32_t silent_ms = times.received_ms_ago + age_ms;
  if (times.never_sent) return silent_ms > kPause_ms;
  if (times.received_ms_ago == times.sent_ms_ago) return silent_ms > kLongPause_ms;
  return times.received_ms_ago < times.sent_ms_ago && silent_ms > kPause_ms;
}

}  // namespace concadvise
