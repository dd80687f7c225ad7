// What tests of blocking in critical sections and of function effects try, as we judge it.
#include <pthread.h>
#include <sys/socket.h>
#include <threads.h>
#include <unistd.h>

#include <cstdio>

#include "mini.h"

void std_mutex(FILE* stream, char* text, int fd) {
  std::mutex m;
  m.lock();
  ::sleep(3);  //~ blocking-under-lock
  std::getc(stream);
  std::fgets(text, 3, stream);
  ::recv(fd, text, 3, 0);  //~ blocking-under-lock
  m.unlock();
  ::sleep(1);
}
void posix(pthread_mutex_t* m) {
  pthread_mutex_lock(m);
  ::sleep(3);  //~ blocking-under-lock
  pthread_mutex_unlock(m);
  if (pthread_mutex_trylock(m) == 0) {
    ::sleep(3);  //~ blocking-under-lock
    pthread_mutex_unlock(m);
  }
  ::sleep(3);
}
void c11(mtx_t* m) {
  mtx_lock(m);
  ::sleep(3);  //~ blocking-under-lock
  mtx_unlock(m);
  ::sleep(3);
}
void several() {
  std::mutex m, n;
  m.lock();
  n.lock();
  n.unlock();
  ::sleep(1);  //~ blocking-under-lock
  m.unlock();
  ::sleep(1);
}
void callee() { ::sleep(1000); }
void through_a_call() {
  std::mutex m;
  m.lock();
  callee();  //~ blocking-under-lock
  m.unlock();
}
struct NotALock {
  explicit NotALock(std::mutex&) {}
};
void guards() {
  std::mutex m, n;
  NotALock no(m);
  ::sleep(1);
  std::unique_lock<std::mutex> later(n, std::defer_lock);
  ::sleep(1);
  std::scoped_lock both(m, n);
  ::sleep(1);  //~ blocking-under-lock
}

void waits() [[clang::blocking]];
void quick() [[clang::nonblocking]];
struct Maker {
  Maker() { waits(); }
};
void with_default(int x = (waits(), 1)) { (void)x; }
mini::Task<void> effects(void (*unknown)()) {
  waits();  //~ blocking-in-coroutine
  quick();
  Maker maker;  //~ blocking-in-coroutine
  with_default();  //~ blocking-in-coroutine
  with_default(2);
  unknown();
  [[maybe_unused]] auto a = noexcept(waits());
  co_await mini::soon();
}
