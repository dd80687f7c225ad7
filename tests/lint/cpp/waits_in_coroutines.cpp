// Calls that hold the loop up, and their bounded cousins.
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <latch>
#include <semaphore>

#include "mini.h"
using namespace std::chrono_literals;

mini::Task<void> naps() {
  std::this_thread::sleep_for(20ms);  //~ blocking-in-coroutine
  co_await mini::soon();
  ::usleep(10);  //~ blocking-in-coroutine
  std::this_thread::sleep_until(std::chrono::steady_clock::now() + 1s);  //~ blocking-in-coroutine
  std::this_thread::sleep_for(0ms);
}

mini::Task<int> sockets(int fd, sockaddr* peer) {
  char data[64];
  if (::send(fd, data, sizeof data, MSG_DONTWAIT) < 0) co_return 1;
  if (::recv(fd, data, sizeof data, MSG_WAITALL) < 0) co_return 2;  //~ blocking-in-coroutine
  const int quick = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (::connect(quick, peer, sizeof(sockaddr_in)) < 0) co_await mini::soon();
  ::recv(quick, data, sizeof data, 0);
  const int slow = ::socket(AF_INET, SOCK_STREAM, 0);
  ::connect(slow, peer, sizeof(sockaddr_in));  //~ blocking-in-coroutine
  co_return 0;
}

mini::Task<int> polls(pollfd* set, sem_t* gate) {
  if (::poll(set, 1, 0) > 0) co_return 1;
  if (::poll(set, 1, 250) > 0) co_return 2;  //~ blocking-in-coroutine
  ::sem_wait(gate);  //~ blocking-in-coroutine
  co_return ::sem_trywait(gate);
}

mini::Task<int> children(pid_t child) {
  int state = 0;
  if (::waitpid(child, &state, WNOHANG) == child) co_return state;
  ::waitpid(child, &state, 0);  //~ blocking-in-coroutine
  co_return std::system("true");  //~ blocking-in-coroutine
}

mini::Task<int> other_threads(std::future<int> answer, std::thread helper, std::latch& gate, std::binary_semaphore& slot, std::atomic<int>& flag) {
  if (answer.wait_for(0s) == std::future_status::ready) co_return answer.get();
  gate.wait();  //~ blocking-in-coroutine
  slot.acquire();  //~ blocking-in-coroutine
  if (!slot.try_acquire()) co_await mini::soon();
  flag.wait(0);  //~ blocking-in-coroutine
  helper.join();  //~ blocking-in-coroutine
  co_return 0;
}

mini::Task<int> condition(std::mutex& mutex, std::condition_variable& changed, bool& done) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done; });  //~ blocking-in-coroutine
  co_return 1;
}

mini::Task<std::string> names_and_files(const char* host) {
  addrinfo* found = nullptr;
  ::getaddrinfo(host, "80", nullptr, &found);  //~ blocking-in-coroutine
  std::ifstream in("/etc/hostname");  //~ blocking-in-coroutine
  std::ofstream later;
  std::string line;
  std::getline(std::cin, line);  //~ blocking-in-coroutine
  co_return line;
}

mini::Task<void> spins(std::atomic<bool>& done) {
  while (!done.load()) {  //~ blocking-in-coroutine
  }
  while (!done) co_await mini::soon();
}

mini::Task<void> futures_that_wait_at_the_end() {
  auto task = std::async(std::launch::async, [] { return 1; });  //~ blocking-in-coroutine
  co_await mini::soon();
}

void not_async() { ::sleep(1); }
int main() {
  not_async();
  mini::the_loop().start(naps());
  mini::the_loop().drive();
}
