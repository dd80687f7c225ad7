// The C++ twins: WHAT HOW. WHAT: waits (six of a quarter second) | uneven | count (two long counts) | crowd (the count by sixteen threads at once) |
// locked (a table behind one mutex) | apart (the same, computed outside the lock) | calls (five requests to PORT) | crunch (six requests, a count after
// each) | loop (four requests of an epoll loop that sleeps in its handlers) | timers (the same with timers) | pieces (20,000 tiny pieces).
// HOW: sequential | threads (one for each) | two (threads).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using std::chrono::milliseconds;

void nap(int ms) { std::this_thread::sleep_for(milliseconds(ms)); }

std::uint64_t count(std::uint64_t steps) {
  volatile std::uint64_t state = 1;
  for (std::uint64_t i = 0; i < steps; ++i) state = state * 6364136223846793005ULL + i;
  return state;
}

void request(const char* delay) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  const char* port = std::getenv("PORT");
  to.sin_port = ::htons(static_cast<std::uint16_t>(port == nullptr ? 0 : std::atoi(port)));
  const std::string text = std::string("GET /") + delay + " HTTP/1.0\r\n\r\n";
  char buffer[4096];
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0 && ::write(fd, text.data(), text.size()) > 0)
    while (::read(fd, buffer, sizeof buffer) > 0) {}
  ::close(fd);
}

std::mutex table_mutex;
std::map<std::uint64_t, std::uint64_t> table;

void locked(int part) {
  for (std::uint64_t i = 0; i < 60; ++i) {
    const std::scoped_lock lock(table_mutex);
    table[i] += count(6'000'000) + static_cast<std::uint64_t>(part);
  }
}

void apart(int part) {
  for (std::uint64_t i = 0; i < 60; ++i) {
    const std::uint64_t value = count(6'000'000) + static_cast<std::uint64_t>(part);
    const std::scoped_lock lock(table_mutex);
    table[i] += value;
  }
}

// Four handlers on one epoll loop; each waits 200 ms, either in its handler or by a timer of its own.
void loop(bool blocks) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < 4; ++i) {
    const int fd = blocks ? ::eventfd(1, EFD_CLOEXEC) : ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    itimerspec in{};
    in.it_value.tv_nsec = 200'000'000;
    if (!blocks) ::timerfd_settime(fd, 0, &in, nullptr);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
  for (int done = 0; done < 4;) {
    epoll_event event{};
    if (::epoll_wait(epoll, &event, 1, 2000) != 1) break;
    std::uint64_t value = 0;
    if (::read(event.data.fd, &value, sizeof value) < 0) break;
    if (blocks) nap(200);
    ::close(event.data.fd);
    ++done;
  }
  ::close(epoll);
}

void pieces(bool threads) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < 20'000; ++i)
    sum += threads ? std::async(std::launch::async, [i] { return count(i % 100); }).get() : count(i % 100);
  static_cast<void>(sum);
}

struct Work {
  int times;
  std::function<void(int)> one;
};

const std::map<std::string_view, Work>& work() {
  static const std::map<std::string_view, Work> all = {
      {"waits", {6, [](int) { nap(250); }}},
      {"uneven", {8, [](int i) { nap(i == 3 ? 700 : 40 + 25 * i); }}},
      {"count", {2, [](int) { count(350'000'000); }}},
      {"crowd", {16, [](int) { count(60'000'000); }}},
      {"locked", {2, locked}},
      {"apart", {2, apart}},
      {"calls", {5, [](int) { request("0.3"); }}},
      {"crunch", {6, [](int) { request("0.15"); count(40'000'000); }}},
  };
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string_view what = argv[1];
  const std::string_view how = argv[2];
  const bool threads = how == "threads";
  if (what == "loop" || what == "timers") return loop(what == "loop"), 0;
  if (what == "pieces") return pieces(threads), 0;
  const auto found = work().find(what);
  if (found == work().end()) return 2;
  const Work& chosen = found->second;
  std::vector<std::jthread> pool;
  if (how == "two") {
    for (int first = 0; first < 2; ++first)
      pool.emplace_back([&chosen, first] { for (int i = first; i < chosen.times; i += 2) chosen.one(i); });
    return 0;
  }
  for (int i = 0; i < chosen.times; ++i) {
    if (threads) pool.emplace_back(chosen.one, i);
    else chosen.one(i);
  }
  return 0;
}
