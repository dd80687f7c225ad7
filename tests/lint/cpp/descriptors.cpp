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

// The name of an address in digits is looked up nowhere.
#include <netdb.h>
mini::Task<void> names_of(const sockaddr* peer, socklen_t length) {
  char host[NI_MAXHOST];
  ::getnameinfo(peer, length, host, sizeof host, nullptr, 0, NI_NUMERICHOST | NI_NUMERICSERV);
  ::getnameinfo(peer, length, host, sizeof host, nullptr, 0, NI_NAMEREQD);  //~ blocking-in-coroutine
  co_return;
}

// A stream that a helper reads from: its callers decide whether that is standard input.
#include <iostream>
#include <sstream>
static int fields(std::istream& in) {
  int n = 0;
  for (std::string field; std::getline(in, field, ';');) ++n;
  return n;
}
static int more_fields(std::istream& in) { return fields(in); }
mini::Task<int> of_text(std::string text) {
  std::istringstream in(text);
  co_await mini::soon();
  co_return fields(in) + more_fields(in);
}
mini::Task<int> of_input() {
  co_await mini::soon();
  co_return more_fields(std::cin);  //~ blocking-in-coroutine
}
int main() { return fields(std::cin); }

// A flag that a helper makes of what it is given.
#include <sys/wait.h>
static int state_of(pid_t child, bool block) {
  int state = -1;
  ::waitpid(child, &state, block ? 0 : WNOHANG);
  return state;
}
static int state_now(pid_t child, bool quick) { return state_of(child, !quick) + state_of(child, false); }
static int take(int fd, char* into, bool only_look) { return static_cast<int>(::recv(fd, into, 4, !only_look ? 0 : MSG_DONTWAIT)); }
mini::Task<int> asks(pid_t child, int fd) {
  char four[4];
  co_await mini::soon();
  co_return state_of(child, false) + take(fd, four, true);
}
mini::Task<int> stays(pid_t child, int fd) {
  char four[4];
  int n = state_of(child, true);  //~ blocking-in-coroutine
  co_await mini::soon();
  n += state_now(child, false);  //~ blocking-in-coroutine
  co_return n + take(fd, four, false);  //~ blocking-in-coroutine
}
