// Programs that serve: idle ones, and event loops that are stopped by something. They print `ready PORT` and run until
// they are ended, or for SECONDS. The third argument is the port or path of a backend, where there is one.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "scenario.h"

namespace {

const char* g_backend = "";

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int listener(int type, int& port) {
  const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  must(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
  if (type == SOCK_STREAM) must(listen(fd, 64) == 0, "listen");
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

int connect_backend() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(std::atoi(g_backend));
  must(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  return fd;
}

void watch(int set, int fd) {
  epoll_event event{EPOLLIN, {}};
  event.data.fd = fd;
  must(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

/// An event loop that answers every line with `handle` done first. `timeout_ms`: its epoll time-out; -1 none.
void serve(double seconds, int timeout_ms, const std::function<void()>& handle, const std::vector<int>& more = {}) {
  int port = 0;
  const int accepting = listener(SOCK_STREAM, port);
  const int set = epoll_create1(EPOLL_CLOEXEC);
  watch(set, accepting);
  for (int fd : more) watch(set, fd);
  ready(port);
  const double end = now_s() + seconds;
  while (now_s() < end) {
    epoll_event got[16];
    const int count = epoll_wait(set, got, 16, timeout_ms);
    for (int i = 0; i < count; ++i) {
      const int fd = got[i].data.fd;
      if (fd == accepting) {
        watch(set, accept4(accepting, nullptr, nullptr, SOCK_CLOEXEC));
        continue;
      }
      char line[4096];
      if (read(fd, line, sizeof line) <= 0) {
        close(fd);
        continue;
      }
      if (std::find(more.begin(), more.end(), fd) != more.end()) continue;
      handle();
      if (send(fd, "answer\n", 7, MSG_NOSIGNAL) != 7) close(fd);
    }
  }
}

void idle_epoll(double seconds) {
  serve(seconds, -1, [] {});
}

// Idle, but it looks at the clock ten times a second, as many servers do.
void idle_ticking(double seconds) {
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  const itimerspec every{{1, 0}, {1, 0}};
  timerfd_settime(timer, 0, &every, nullptr);
  serve(seconds, 100, [] {}, {timer});
}

// Idle, with a pool of kept-alive connections to a database that it asks nothing.
void idle_backend_pool(double seconds) {
  std::vector<int> pool;
  for (int i = 0; i < 8; ++i) pool.push_back(connect_backend());
  serve(seconds, -1, [] {}, pool);
}

// Idle, with a thread whose timer looks after what there is not.
void idle_housekeeping(double seconds) {
  std::thread([] {
    for (;;) {
      sleep_for(0.05);
      compute(0.00002);
    }
  }).detach();
  serve(seconds, -1, [] {});
}

// Waits for changes of a file that nobody changes.
void idle_watching_file(double) {
  const int watch_fd = inotify_init1(IN_CLOEXEC);
  must(inotify_add_watch(watch_fd, "/proc/self/comm", IN_MODIFY) >= 0, "inotify_add_watch");
  ready(0);
  pollfd both[] = {{watch_fd, POLLIN, 0}, {-1, 0, 0}};
  poll(both, 2, -1);
}

void idle_thread_per_connection(double seconds) {
  int port = 0;
  const int accepting = listener(SOCK_STREAM, port);
  std::thread([accepting] {
    for (;;) {
      const int fd = accept(accepting, nullptr, nullptr);
      std::thread([fd] {
        char line[256];
        while (read(fd, line, sizeof line) > 0) must(write(fd, "answer\n", 7) == 7, "write");
        close(fd);
      }).detach();
    }
  }).detach();
  ready(port);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  const timespec patience{static_cast<time_t>(seconds), 0};
  sigtimedwait(&set, nullptr, &patience);
}

void idle_udp(double) {
  int port = 0;
  const int fd = listener(SOCK_DGRAM, port);
  ready(port);
  char packet[512];
  while (recv(fd, packet, sizeof packet, 0) >= 0) {
  }
}

void idle_pool(double seconds) {
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<std::thread> workers;
  for (int i = 0; i < 8; ++i) {
    workers.emplace_back([&] {
      std::unique_lock lock(mutex);
      for (;;) wake.wait(lock);
    });
  }
  ready(0);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  const timespec patience{static_cast<time_t>(seconds), 0};
  sigtimedwait(&set, nullptr, &patience);
  _exit(0);
}

void loop_sleeps(double seconds) {
  serve(seconds, -1, [] { sleep_for(0.02); });
}

void loop_held_up(double seconds) {
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<std::thread> parked;
  for (int i = 0; i < 4; ++i) {
    parked.emplace_back([&] {
      std::unique_lock lock(mutex);
      for (;;) wake.wait(lock);
    });
    parked.back().detach();
  }
  serve(seconds, -1, [] { sleep_for(0.02); });
}

void loop_asks_backend(double seconds) {
  const int backend = connect_backend();
  serve(seconds, -1, [backend] {
    must(write(backend, "question\n", 9) == 9, "write");
    pollfd wait{backend, POLLIN, 0};
    must(poll(&wait, 1, 5000) == 1, "poll");
    char answer[64];
    must(read(backend, answer, sizeof answer) > 0, "read");
  });
}

void loop_syncs(double seconds) {
  char path[32];
  std::snprintf(path, sizeof path, "loop-%d", getpid());
  const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  must(fd >= 0, path);
  unlink(path);
  serve(seconds, -1, [fd] {
    const std::vector<char> block(4096, 'x');
    for (int i = 0; i < 8; ++i) {
      must(pwrite(fd, block.data(), block.size(), i * 4096) > 0 && fdatasync(fd) == 0, "sync");
    }
  });
}

// Another thread holds the mutex that the handler needs, for 20 ms at a time.
void loop_locks(double seconds) {
  static std::mutex mutex;
  std::thread([] {
    for (;;) {
      {
        std::lock_guard guard(mutex);
        sleep_for(0.02);
      }
      sleep_for(0.0005);
    }
  }).detach();
  serve(seconds, -1, [] { std::lock_guard guard(mutex); });
}

void loop_computes(double seconds) {
  serve(seconds, -1, [] { compute(0.02); });
}

// A healthy loop: a millisecond of work for each request.
void loop_healthy(double seconds) {
  serve(seconds, -1, [] { compute(0.0005); });
}

}  // namespace

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc > 3) g_backend = argv[3];
  return run_scenario({{"idle-epoll", idle_epoll}, {"idle-ticking", idle_ticking}, {"idle-backend-pool", idle_backend_pool},
                       {"idle-thread-per-connection", idle_thread_per_connection}, {"idle-udp", idle_udp}, {"idle-housekeeping", idle_housekeeping}, {"idle-watching-file", idle_watching_file}, {"idle-pool", idle_pool},
                       {"loop-sleeps", loop_sleeps}, {"loop-held-up", loop_held_up}, {"loop-asks-backend", loop_asks_backend}, {"loop-syncs", loop_syncs},
                       {"loop-locks", loop_locks}, {"loop-computes", loop_computes}, {"loop-healthy", loop_healthy}},
                      argc, argv);
}
