// A program that blocks where it is told, in functions that a test knows by name and line. Says "ready" first.
#include <alloca.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <thread>

// Keeps a call from becoming a jump.
#define AFTER_CALL asm volatile("" ::: "memory")

namespace waiting {

__attribute__((noinline)) void in_sleep() {
  const timespec time{600, 0};
  nanosleep(&time, nullptr);  // the sleep
  AFTER_CALL;
}

__attribute__((noinline)) void in_read() {
  char byte = 0;
  [[maybe_unused]] const ssize_t got = read(STDIN_FILENO, &byte, 1);
  AFTER_CALL;
}

__attribute__((noinline)) void in_futex() {
  static std::uint32_t word = 0;
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
  AFTER_CALL;
}

template <typename Wait>
struct Caller {
  __attribute__((noinline)) void call(Wait wait) {
    wait();
    AFTER_CALL;
  }
};

// Needs a frame pointer whatever the compiler was told, and leaves old return addresses about.
__attribute__((noinline)) void with_alloca(std::size_t size, void (*wait)()) {
  char* bytes = static_cast<char*>(alloca(size));
  std::memset(bytes, 1, size);
  asm volatile("" : : "r"(bytes) : "memory");
  Caller<void (*)()>{}.call(wait);
  AFTER_CALL;
}

inline __attribute__((always_inline)) void inlined(void (*wait)()) {
  with_alloca(512, wait);
  AFTER_CALL;
}

__attribute__((noinline)) void deep(int depth, void (*wait)()) {
  volatile char page[512] = {};
  if (depth > 0) {
    deep(depth - 1, wait);
  } else {
    inlined(wait);
  }
  page[0] = 1;
  AFTER_CALL;
}

}  // namespace waiting

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "sleep";
  void (*const wait)() = mode == "read" ? waiting::in_read : mode == "futex" ? waiting::in_futex : waiting::in_sleep;
  std::puts("ready");
  std::fflush(stdout);
  if (mode == "spin") {
    for (volatile bool forever = true; forever;) {
    }
  }
  const int depth = mode == "deep" ? 100 : 3;
  if (argc > 2) {
    std::thread thread(waiting::deep, depth, wait);
    thread.join();
  } else {
    waiting::deep(depth, wait);
  }
  return 0;
}
