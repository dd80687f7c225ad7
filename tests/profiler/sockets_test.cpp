#include "profiler/waits/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "profiler/procfs/file.h"
#include "profiler/waits/descriptors.h"
#include "profiler/waits/tcp_activity.h"
#include "profiler/waits/tcp_dump.h"

namespace concadvise {
namespace {

std::uint64_t inode_of(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 ? info.st_ino : 0;
}

// A listener on loopback, a client of it, and the accepted end.
struct Connection {
  Descriptor listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  Descriptor client{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  Descriptor accepted;

  Connection() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener.get(), raw, size), 0);
    EXPECT_EQ(::listen(listener.get(), 4), 0);
    EXPECT_EQ(::getsockname(listener.get(), raw, &size), 0);
    EXPECT_EQ(::connect(client.get(), raw, size), 0);
    accepted = Descriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    EXPECT_TRUE(accepted);
  }
};

TEST(TcpActivity, CountsThoseWhoWaitToBeAccepted) {
  const Connection connection;
  sockaddr_in address{};
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::getsockname(connection.listener.get(), raw, &size), 0);
  std::vector<Descriptor> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(waiting.back().get(), raw, size), 0);
  }
  ASSERT_EQ(::write(connection.client.get(), "x", 1), 1);
  TcpActivity activity;
  const auto unread = activity.unread({inode_of(connection.listener.get()), inode_of(connection.accepted.get())});
  if (!unread) GTEST_SKIP() << "the kernel tells nothing of its sockets";
  EXPECT_EQ(*unread, 3 + 1);
}

TEST(Sockets, DirectionTellsWhoAskedWhom) {
  const Connection connection;
  SocketTable table;
  bool later = false;
  const auto direction = [&](const Descriptor& socket) {
    const SocketInfo* info = table.find(::getpid(), inode_of(socket.get()), later);
    EXPECT_NE(info, nullptr);
    return info == nullptr ? SocketInfo::Direction::unnamed : info->direction;
  };
  EXPECT_EQ(direction(connection.listener), SocketInfo::Direction::listening);
  EXPECT_EQ(direction(connection.client), SocketInfo::Direction::outbound);
  EXPECT_EQ(direction(connection.accepted), SocketInfo::Direction::inbound);
  const SocketInfo* client = table.find(::getpid(), inode_of(connection.client.get()), later);
  ASSERT_NE(client, nullptr);
  EXPECT_TRUE(client->loopback);
  EXPECT_TRUE(client->peer.starts_with("127.0.0.1:")) << client->peer;
  EXPECT_EQ(client->peer_inode, inode_of(connection.accepted.get()));
}

TEST(Sockets, AnUnknownSocketIsAskedForAgainLater) {
  SocketTable table;
  bool later = false;
  EXPECT_EQ(table.find(::getpid(), 1, later), nullptr);
  EXPECT_FALSE(later) << "the table was just read: the socket is not listed";
  const Connection fresh;
  EXPECT_EQ(table.find(::getpid(), inode_of(fresh.client.get()), later), nullptr);
  EXPECT_TRUE(later) << "the table may not be read again at once";
}

TEST(Sockets, TheKernelTellsBothEndsInOneGo) {
  const Connection connection;
  const auto sockets = dump_tcp_sockets();
  if (!sockets) GTEST_SKIP() << "the kernel has no sock_diag for TCP here";
  const auto of = [&](const Descriptor& end) {
    return std::find_if(sockets->begin(), sockets->end(), [&](const TcpSocket& one) { return one.inode == inode_of(end.get()); });
  };
  const auto listener = of(connection.listener), client = of(connection.client), accepted = of(connection.accepted);
  ASSERT_TRUE(listener != sockets->end() && client != sockets->end() && accepted != sockets->end());
  EXPECT_EQ(listener->state, TCP_LISTEN);
  EXPECT_EQ(client->state, TCP_ESTABLISHED);
  EXPECT_EQ(client->local.port, accepted->remote.port);
  EXPECT_EQ(client->remote.port, listener->local.port);
  EXPECT_EQ(client->remote.address[0], htonl(INADDR_LOOPBACK));
}

TEST(Sockets, AClientOfVersion4FindsItsPeerOnASocketOfVersion6) {
  const Descriptor listener(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  socklen_t size = sizeof any;
  auto* raw = reinterpret_cast<sockaddr*>(&any);
  if (!listener || ::bind(listener.get(), raw, size) != 0) GTEST_SKIP() << "no IP version 6 here";
  ASSERT_EQ(::listen(listener.get(), 4), 0);
  ASSERT_EQ(::getsockname(listener.get(), raw, &size), 0);
  const Descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = any.sin6_port;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const Descriptor accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!dump_tcp_sockets()) GTEST_SKIP() << "the kernel has no sock_diag for TCP here";
  SocketTable table;
  bool later = false;
  const SocketInfo* info = table.find(::getpid(), inode_of(client.get()), later);
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->peer_inode, inode_of(accepted.get()));
}

TEST(Sockets, UnlistedSocketsAreNotAskedForInTurn) {
  // Each of two sockets that no table lists would have the tables read anew for it, for ever.
  SocketTable table;
  bool later = false;
  EXPECT_EQ(table.find(::getpid(), 1, later), nullptr);
  while (table.find(::getpid(), 2, later), later) ::usleep(1000);
  EXPECT_EQ(table.find(::getpid(), 1, later), nullptr);
  EXPECT_FALSE(later) << "known not to be listed, though the tables were read anew since";
}

TEST(Sockets, UnixPairsKnowTheirPeer) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Descriptor one(ends[0]);
  const Descriptor other(ends[1]);
  EXPECT_EQ(unix_peer_inode(inode_of(one.get())), inode_of(other.get()));
  DescriptorTable table;
  table.set_target({::getpid()});
  const DescriptorInfo info = table.describe(::getpid(), one.get());
  EXPECT_EQ(info.kind, DescriptorInfo::Kind::socket);
  EXPECT_TRUE(info.own_peer);
  EXPECT_TRUE(info.peers.empty());
}

TEST(Sockets, AFreshConnectionIsNotQuiet) {
  const Connection connection;
  ASSERT_EQ(::send(connection.client.get(), "x", 1, 0), 1);
  TcpActivity activity;
  const auto quiet = activity.is_quiet(inode_of(connection.client.get()));
  if (!quiet) GTEST_SKIP() << "the kernel does not tell about TCP connections here";
  EXPECT_FALSE(*quiet);
  EXPECT_FALSE(activity.is_quiet(1).has_value());
}

TEST(Descriptors, KindsByWhatTheyAre) {
  DescriptorTable table;
  table.set_target({::getpid()});
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const Descriptor read_end(ends[0]);
  const Descriptor write_end(ends[1]);
  const DescriptorInfo pipe = table.describe(::getpid(), read_end.get());
  EXPECT_EQ(pipe.kind, DescriptorInfo::Kind::pipe);
  EXPECT_TRUE(pipe.own_peer);

  const std::string path = ::testing::TempDir() + "concadvise_fifo_" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const Descriptor fifo(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_EQ(table.describe(::getpid(), fifo.get()).kind, DescriptorInfo::Kind::pipe);
  ::unlink(path.c_str());

  const Descriptor file = open_file("/proc/self/exe");
  EXPECT_EQ(table.describe(::getpid(), file.get()).kind, DescriptorInfo::Kind::file);
  EXPECT_EQ(table.describe(::getpid(), 9999).kind, DescriptorInfo::Kind::unknown);
}

}  // namespace
}  // namespace concadvise
