// Programs that wait for time, a pipe, a local socket or a peer on the network (PORT or PATH as third argument).
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "scenario.h"

namespace {

const char* g_peer = "";  // port or path

// ---- time ----

void sleeps(double seconds) {
  for (const double end = now_s() + seconds; now_s() < end;) sleep_for(0.05);
}

void short_sleeps(double seconds) {
  for (const double end = now_s() + seconds; now_s() < end;) usleep(500);
}

void poll_timeouts(double seconds) {
  for (const double end = now_s() + seconds; now_s() < end;) poll(nullptr, 0, 30);
}

void select_timeouts(double seconds) {
  for (const double end = now_s() + seconds; now_s() < end;) {
    timeval wait{0, 30'000};
    select(0, nullptr, nullptr, nullptr, &wait);
  }
}

int timer_every(long nanoseconds) {
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  must(fd >= 0, "timerfd_create");
  const itimerspec every{{0, nanoseconds}, {0, nanoseconds}};
  timerfd_settime(fd, 0, &every, nullptr);
  return fd;
}

void timerfd_reads(double seconds) {
  const int fd = timer_every(20'000'000);
  std::uint64_t ticks = 0;
  for (const double end = now_s() + seconds; now_s() < end;) must(read(fd, &ticks, sizeof ticks) > 0, "read");
}

void timerfd_epoll(double seconds) {
  const int timer = timer_every(20'000'000);
  const int set = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{EPOLLIN, {}};
  epoll_ctl(set, EPOLL_CTL_ADD, timer, &event);
  std::uint64_t ticks = 0;
  for (const double end = now_s() + seconds; now_s() < end;) {
    epoll_event got{};
    if (epoll_wait(set, &got, 1, -1) == 1) must(read(timer, &ticks, sizeof ticks) > 0, "read");
  }
}

void timed_out_condition(double seconds) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  for (const double end = now_s() + seconds; now_s() < end;) never.wait_for(lock, std::chrono::milliseconds(40));
}

void interval_signal(double seconds) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGALRM);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  const timespec patience{0, 50'000'000};
  for (const double end = now_s() + seconds; now_s() < end;) sigtimedwait(&set, nullptr, &patience);
}

void sleeping_threads(int count, double seconds) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 * 1024);
  static double amount;
  amount = seconds;
  std::vector<pthread_t> threads(static_cast<std::size_t>(count));
  for (pthread_t& thread : threads) {
    must(pthread_create(&thread, &attributes, [](void*) -> void* {
      sleep_for(amount);
      return nullptr;
    }, nullptr) == 0, "pthread_create");
  }
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
}

void five_sleepers(double seconds) { sleeping_threads(5, seconds); }
void hundred_sleepers(double seconds) { sleeping_threads(100, seconds); }
void five_thousand_sleepers(double seconds) { sleeping_threads(5000, seconds); }

void half_and_half(double seconds) {
  for (double done = 0; done < seconds; done += 0.04) {
    compute(0.02);
    sleep_for(0.02);
  }
}

void phases(double seconds) {
  compute(seconds / 2);
  sleep_for(seconds / 2);
}

// ---- pipes and local sockets ----

/// Passes a byte to and fro between two descriptors' other ends.
void echo_back(int in, int out) {
  char byte = 0;
  while (read(in, &byte, 1) == 1) {
    if (write(out, &byte, 1) != 1) return;
  }
}

void pipe_ping_pong(double seconds) {
  int there[2];
  int back[2];
  must(pipe(there) == 0 && pipe(back) == 0, "pipe");
  const pid_t child = fork();
  if (child == 0) {
    close(there[1]);
    close(back[0]);
    echo_back(there[0], back[1]);
    _exit(0);
  }
  char byte = 'x';
  for (const double end = now_s() + seconds; now_s() < end;) {
    for (int i = 0; i < 100; ++i) must(write(there[1], &byte, 1) == 1 && read(back[0], &byte, 1) == 1, "ping");
  }
  close(there[1]);
  waitpid(child, nullptr, 0);
}

void eventfd_ping_pong(double seconds) {
  const int there = eventfd(0, 0);
  const int back = eventfd(0, 0);
  std::thread partner([=] {
    std::uint64_t value = 0;
    for (;;) {
      if (read(there, &value, sizeof value) < 0 || value > 1) return;
      must(write(back, &value, sizeof value) > 0, "write");
    }
  });
  std::uint64_t one = 1;
  for (const double end = now_s() + seconds; now_s() < end;) {
    for (int i = 0; i < 100; ++i) must(write(there, &one, 8) > 0 && read(back, &one, 8) > 0, "ping");
  }
  one = 2;
  must(write(there, &one, 8) > 0, "write");
  partner.join();
}

/// One question, one answer, on any stream descriptor.
void ask(int fd) {
  static const char question[] = "question\n";
  must(write(fd, question, sizeof question - 1) > 0, "write");
  char answer[64];
  must(read(fd, answer, sizeof answer) > 0, "read");
}

int connect_unix() {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, g_peer, sizeof address.sun_path - 1);
  must(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, g_peer);
  return fd;
}

void unix_client(double seconds) {
  const int fd = connect_unix();
  for (const double end = now_s() + seconds; now_s() < end;) ask(fd);
}

void fifo_reader(double seconds) {
  const int fd = open(g_peer, O_RDONLY);
  must(fd >= 0, g_peer);
  char line[256];
  for (const double end = now_s() + seconds; now_s() < end;) must(read(fd, line, sizeof line) > 0, "read");
}

// ---- the network ----

sockaddr_in peer_address() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(g_peer)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int connect_tcp() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = peer_address();
  must(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  return fd;
}

void tcp_client(double seconds) {
  const int fd = connect_tcp();
  for (const double end = now_s() + seconds; now_s() < end;) ask(fd);
}

void tcp_connection_per_request(double seconds) {
  for (const double end = now_s() + seconds; now_s() < end;) {
    const int fd = connect_tcp();
    ask(fd);
    close(fd);
  }
}

// A client with a time-out waits in poll and not in recv.
void tcp_poll_client(double seconds) {
  const int fd = connect_tcp();
  for (const double end = now_s() + seconds; now_s() < end;) {
    must(write(fd, "question\n", 9) == 9, "write");
    pollfd wait{fd, POLLIN, 0};
    must(poll(&wait, 1, 5000) == 1, "poll");
    char answer[64];
    must(recv(fd, answer, sizeof answer, MSG_DONTWAIT) > 0, "recv");
  }
}

void tcp_client_threads(double seconds) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back(tcp_client, seconds);
  for (std::thread& thread : threads) thread.join();
}

void tcp_epoll_clients(double seconds) {
  const int set = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < 50; ++i) {
    epoll_event event{EPOLLIN, {}};
    event.data.fd = connect_tcp();
    epoll_ctl(set, EPOLL_CTL_ADD, event.data.fd, &event);
    must(write(event.data.fd, "question\n", 9) == 9, "write");
  }
  for (const double end = now_s() + seconds; now_s() < end;) {
    epoll_event got[16];
    const int count = epoll_wait(set, got, 16, 5000);
    for (int i = 0; i < count; ++i) ask(got[i].data.fd);
  }
}

// The peer reads slowly: the wait is in send.
void tcp_upload(double seconds) {
  const int fd = connect_tcp();
  const std::vector<char> block(256 * 1024, 'x');
  for (const double end = now_s() + seconds; now_s() < end;) must(write(fd, block.data(), block.size()) > 0, "write");
}

void udp_client(double seconds) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = peer_address();
  must(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  for (const double end = now_s() + seconds; now_s() < end;) ask(fd);
}

// A client that paces itself: the answers come at once, the time goes into its own pauses.
void paced_client(double seconds) {
  const int fd = connect_tcp();
  for (const double end = now_s() + seconds; now_s() < end;) {
    ask(fd);
    sleep_for(0.03);
  }
}

void fetch_and_compute(double seconds) {
  const int fd = connect_tcp();
  for (const double end = now_s() + seconds; now_s() < end;) {
    ask(fd);
    compute(0.03);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 3) g_peer = argv[3];
  return run_scenario(
      {{"sleeps", sleeps}, {"short-sleeps", short_sleeps}, {"poll-timeouts", poll_timeouts}, {"select-timeouts", select_timeouts},
       {"timerfd-reads", timerfd_reads}, {"timerfd-epoll", timerfd_epoll}, {"timed-out-condition", timed_out_condition},
       {"interval-signal", interval_signal}, {"five-sleepers", five_sleepers}, {"five-thousand-sleepers", five_thousand_sleepers}, {"hundred-sleepers", hundred_sleepers},
       {"half-and-half", half_and_half}, {"phases", phases}, {"pipe-ping-pong", pipe_ping_pong},
       {"eventfd-ping-pong", eventfd_ping_pong}, {"unix-client", unix_client}, {"fifo-reader", fifo_reader},
       {"tcp-client", tcp_client}, {"tcp-connection-per-request", tcp_connection_per_request}, {"tcp-poll-client", tcp_poll_client},
       {"tcp-client-threads", tcp_client_threads}, {"tcp-epoll-clients", tcp_epoll_clients}, {"tcp-upload", tcp_upload},
       {"udp-client", udp_client}, {"paced-client", paced_client}, {"fetch-and-compute", fetch_and_compute}},
      argc, argv);
}
