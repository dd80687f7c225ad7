// A program whose places and waits are known. Usage: target MODE
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <sys/wait.h>

#include <cstdio>
#include <cstring>
#include <thread>

namespace {

double cpu_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

volatile unsigned long sink = 0;

[[gnu::noinline]] void burn_here(double seconds) {
  const double end = cpu_s() + seconds;
  while (cpu_s() < end)
    for (int i = 0; i < 100'000; ++i) sink = sink * 31 + static_cast<unsigned long>(i);
}

[[gnu::noinline]] void sleep_here(long milliseconds) {
  timespec time{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
  sink = sink + 1;  // no tail call
}

// The first thread only waits for the second, which first sleeps and then computes.
void hand_over() {
  std::thread worker([] {
    sleep_here(400);
    burn_here(0.3);
  });
  worker.join();
}

void have_children() {
  for (int i = 0; i < 50; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, nullptr, 0);
  }
}

// Two threads on one CPU that compute longer than the scheduler lets them before they sleep.
void take_turns() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);
  const auto turns = [] {
    for (int i = 0; i < 60; ++i) {
      burn_here(0.008);
      sleep_here(1);
    }
  };
  std::thread first(turns), second(turns);
  first.join();
  second.join();
}

void ping_pong() {
  int there[2];
  int back[2];
  if (pipe(there) != 0 || pipe(back) != 0) return;
  std::thread other([&] {
    char c = 0;
    while (read(there[0], &c, 1) == 1 && c != 'x') {
      if (write(back[1], &c, 1) != 1) return;
    }
  });
  char c = 'a';
  for (int i = 0; i < 100'000; ++i) {
    if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1) break;
  }
  c = 'x';
  if (write(there[1], &c, 1) != 1) return;
  other.join();
}

}  // namespace

int main(int count, char** arguments) {
  const char* mode = count > 1 ? arguments[1] : "";
  if (std::strcmp(mode, "burn") == 0) burn_here(0.6);
  if (std::strcmp(mode, "sleep") == 0) sleep_here(500);
  if (std::strcmp(mode, "hand-over") == 0) hand_over();
  if (std::strcmp(mode, "children") == 0) have_children();
  if (std::strcmp(mode, "take-turns") == 0) take_turns();
  if (std::strcmp(mode, "ping-pong") == 0) ping_pong();
  return 0;
}
