// Programs that a lock turns into one thread, and programs that only seem to wait for one.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/wait.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "scenario.h"

namespace {

/// Threads take turns in a critical section that computes for `inside`; outside it they compute for `outside`.
template <typename Lock, typename Unlock>
void contend(int count, double seconds, double inside, double outside, Lock lock, Unlock unlock) {
  const int rounds = static_cast<int>(seconds / (inside * count));
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([=] {
      for (int round = 0; round < rounds; ++round) {
        lock();
        compute(inside);
        unlock();
        if (outside > 0) compute(outside);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

pthread_mutex_t* mutex_with(int type, int protocol) {
  static pthread_mutex_t mutex;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, type);
  must(pthread_mutexattr_setprotocol(&attributes, protocol) == 0, "pthread_mutexattr_setprotocol");
  pthread_mutex_init(&mutex, &attributes);
  return &mutex;
}

void contend_mutex(pthread_mutex_t* mutex, double seconds) {
  contend(8, seconds, 0.002, 0.0001, [mutex] { pthread_mutex_lock(mutex); }, [mutex] { pthread_mutex_unlock(mutex); });
}

void plain_mutex(double seconds) { contend_mutex(mutex_with(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE), seconds); }
void recursive_mutex(double seconds) { contend_mutex(mutex_with(PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE), seconds); }
void inheriting_mutex(double seconds) { contend_mutex(mutex_with(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT), seconds); }

void timed_mutex(double seconds) {
  static std::timed_mutex mutex;
  contend(8, seconds, 0.002, 0.0001, [] { while (!mutex.try_lock_for(std::chrono::seconds(1))) {} }, [] { mutex.unlock(); });
}

void rwlock_writers(double seconds) {
  static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
  contend(8, seconds, 0.002, 0.0001, [] { pthread_rwlock_wrlock(&lock); }, [] { pthread_rwlock_unlock(&lock); });
}

void short_sections(double seconds) {
  static std::mutex mutex;
  contend(8, seconds, 0.0001, 0.00001, [] { mutex.lock(); }, [] { mutex.unlock(); });
}

// Readers share the lock: nobody waits, both CPUs compute.
void rwlock_readers(double seconds) {
  static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
  const int count = cpus();
  contend(count, seconds * count, 0.002, 0, [] { pthread_rwlock_rdlock(&lock); }, [] { pthread_rwlock_unlock(&lock); });
}

// A mutex that is taken often and held for an instant: all CPUs compute.
void uncontended_mutex(double seconds) {
  static std::mutex mutex;
  static std::uint64_t counter = 0;
  const int rounds = static_cast<int>(seconds / 0.001);
  std::vector<std::thread> threads;
  for (int i = 0; i < cpus(); ++i) {
    threads.emplace_back([rounds] {
      for (int round = 0; round < rounds; ++round) {
        compute(0.001);
        std::lock_guard guard(mutex);
        ++counter;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Whoever holds the mutex waits for something else with it.
void sleep_under_mutex(double seconds) {
  static std::mutex mutex;
  const int rounds = static_cast<int>(seconds / (6 * 0.005));
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([rounds] {
      for (int round = 0; round < rounds; ++round) {
        {
          std::lock_guard guard(mutex);
          sleep_for(0.005);
        }
        compute(0.00005);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Processes that take turns by a lock on a file.
void file_lock(double seconds) {
  char path[] = "./file-lock-XXXXXX";
  must(close(mkstemp(path)) == 0, "mkstemp");
  for (int child = 0; child < 6; ++child) {
    if (fork() != 0) continue;
    const int fd = open(path, O_RDWR);
    must(fd >= 0, path);
    for (int round = 0; round < static_cast<int>(seconds / (6 * 0.004)); ++round) {
      flock(fd, LOCK_EX);
      compute(0.004);
      flock(fd, LOCK_UN);
      compute(0.0002);
    }
    _exit(0);
  }
  while (wait(nullptr) > 0) {
  }
  unlink(path);
}

// Processes that take turns by a mutex in memory that they share.
void shared_mutex(double seconds) {
  auto* mutex = static_cast<pthread_mutex_t*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  must(mutex != MAP_FAILED, "mmap");
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  must(pthread_mutex_init(mutex, &attributes) == 0, "pthread_mutex_init");
  for (int child = 0; child < 4; ++child) {
    if (fork() != 0) continue;
    for (int round = 0; round < static_cast<int>(seconds / (4 * 0.003)); ++round) {
      pthread_mutex_lock(mutex);
      compute(0.003);
      pthread_mutex_unlock(mutex);
      compute(0.0001);
    }
    _exit(0);
  }
  while (wait(nullptr) > 0) {
  }
}

// Processes that take turns by a System V semaphore.
void semaphore(double seconds) {
  const int id = semget(IPC_PRIVATE, 1, 0600);
  must(id >= 0, "semget");
  must(semctl(id, 0, SETVAL, 1) == 0, "semctl");
  for (int child = 0; child < 4; ++child) {
    if (fork() != 0) continue;
    sembuf take{0, -1, 0}, give{0, 1, 0};
    for (int round = 0; round < static_cast<int>(seconds / (4 * 0.003)); ++round) {
      semop(id, &take, 1);
      compute(0.003);
      semop(id, &give, 1);
      compute(0.0001);
    }
    _exit(0);
  }
  while (wait(nullptr) > 0) {
  }
  semctl(id, 0, IPC_RMID);
}

void spinlock(double seconds) {
  static std::atomic_flag taken = ATOMIC_FLAG_INIT;
  contend(cpus(), seconds, 0.0001, 0, [] { while (taken.test_and_set(std::memory_order_acquire)) {} },
          [] { taken.clear(std::memory_order_release); });
}

}  // namespace

int main(int argc, char** argv) {
  return run_scenario({{"mutex", plain_mutex}, {"recursive-mutex", recursive_mutex}, {"inheriting-mutex", inheriting_mutex},
                       {"timed-mutex", timed_mutex}, {"rwlock-writers", rwlock_writers}, {"short-sections", short_sections},
                       {"rwlock-readers", rwlock_readers}, {"uncontended-mutex", uncontended_mutex},
                       {"sleep-under-mutex", sleep_under_mutex}, {"file-lock", file_lock}, {"shared-mutex", shared_mutex}, {"semaphore", semaphore}, {"spinlock", spinlock}},
                      argc, argv);
}
