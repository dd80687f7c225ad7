#include "profiler/waits/tcp_activity.h"

#include <algorithm>
#include <vector>

#include "profiler/waits/tcp_dump.h"

namespace concadvise {
namespace {

constexpr std::uint64_t kAtMostEvery_ns = 200'000'000;  // of silence, which changes slowly
constexpr int kEstablished = 1;                  // TCP_ESTABLISHED of the kernel
constexpr int kListening = 10;                   // TCP_LISTEN
constexpr std::uint32_t kPause_ms = 1000;        // a slow stream's packets come closer together than this
// Sent and received within one tick: which came last is not known. So long an unanswered request is rarer than a connection
// that is kept alive.
constexpr std::uint32_t kLongPause_ms = 10'000;

}  // namespace

void TcpActivity::refresh() {
  connections_.clear();
  unaccepted_.clear();
  const auto sockets = dump_tcp_sockets();
  if (!sockets) return;
  for (const TcpSocket& socket : *sockets) {
    if (socket.state == kEstablished && socket.has_times)
      connections_[socket.inode] = {socket.sent_ms_ago, socket.received_ms_ago, socket.never_sent, socket.unread};
    if (socket.state == kListening) unaccepted_[socket.inode] = socket.unaccepted;
  }
}

std::optional<int> TcpActivity::unread(const std::vector<std::uint64_t>& inodes) {
  if (inodes.empty() || !pace_.due()) return std::nullopt;
  pace_.run([&] { refresh(); });
  int known = 0;
  int unread = 0;
  for (const std::uint64_t inode : inodes) {
    if (const auto listening = unaccepted_.find(inode); listening != unaccepted_.end()) {
      ++known;
      unread += listening->second;
    }
    const auto found = connections_.find(inode);
    if (found == connections_.end()) continue;
    ++known;
    unread += found->second.unread ? 1 : 0;
  }
  return known > 0 ? std::optional<int>(unread) : std::nullopt;
}

std::optional<bool> TcpActivity::is_quiet(std::uint64_t inode) {
  if (!pace_.asked_before() || (pace_.due() && pace_.since_asked_ns() > kAtMostEvery_ns)) pace_.run([&] { refresh(); });
  const auto found = connections_.find(inode);
  if (found == connections_.end()) return std::nullopt;
  const std::uint32_t age_ms = static_cast<std::uint32_t>(pace_.since_asked_ns() / 1'000'000);
  const Connection& times = found->second;
  const std::uint32_t silent_ms = times.received_ms_ago + age_ms;
  if (times.never_sent) return silent_ms > kPause_ms;
  if (times.received_ms_ago == times.sent_ms_ago) return silent_ms > kLongPause_ms;
  return times.received_ms_ago < times.sent_ms_ago && silent_ms > kPause_ms;
}

}  // namespace concadvise
