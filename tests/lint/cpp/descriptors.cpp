// Descriptors that do not block, set up here, in a function or by a flag.
#include "mini.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/ioctl.h>
#include <sys/eventfd.h>
#include <unistd.h>
static void set_nonblocking(int fd) { int fl = ::fcntl(fd, F_GETFL, 0); ::fcntl(fd, F_SETFL, fl | O_NONBLOCK); }
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) { set_nonblocking(fd_); }
  long read(char* p, size_t n) { return ::recv(fd_, p, n, 0); }
  int fd_;
};
class Plain {
 public:
  explicit Plain(int fd) : fd_(fd) {}
  long read(char* p, size_t n) { return ::recv(fd_, p, n, 0); }
  int fd_;
};
mini::Task<long> a(Socket& s) { char b[4]; co_return s.read(b, 4); }
mini::Task<long> b(Plain& s) { char b[4]; co_return s.read(b, 4); }  //~ blocking-in-coroutine
mini::Task<int> c(int port) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr sa{}; ::connect(fd, &sa, sizeof sa);
  int l = ::socket(AF_INET, SOCK_STREAM, 0);
  int one = 1; ::ioctl(l, FIONBIO, &one);
  int k = ::accept(l, nullptr, nullptr);
  int m = ::socket(AF_INET, SOCK_STREAM, 0);
  k += ::accept4(m, nullptr, nullptr, SOCK_NONBLOCK);  //~ blocking-in-coroutine
  co_return k + port;
}
mini::Task<void> wake() {
  int e = ::eventfd(0, EFD_NONBLOCK);
  uint64_t one = 1;
  (void)!::write(e, &one, sizeof one);
  ::read(e, &one, sizeof one);
  co_return;
}
mini::Task<void> writes(int fd, const char* p) {
  ::write(fd, p, 4);  //~ [blocking-in-coroutine]
  ::send(fd, p, 4, MSG_NOSIGNAL);  //~ blocking-in-coroutine
  ::send(fd, p, 4, MSG_NOSIGNAL | MSG_DONTWAIT);
  co_return;
}

// A timeout that a helper passes on: its callers decide.
#include <poll.h>
static bool line_ready(int fd, int milliseconds) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, milliseconds) > 0;
}
static bool line_ready_in(int fd, int milliseconds) { return line_ready(fd, milliseconds); }
mini::Task<bool> looks_now(int fd) {
  co_await mini::soon();
  co_return line_ready(fd, 0) || line_ready_in(fd, 0);
}
mini::Task<bool> waits_long(int fd) {
  co_await mini::soon();
  co_return line_ready_in(fd, -1);  //~ blocking-in-coroutine
}
