// Programs that compute, with the company that makes them look as if they waited.
#include <sched.h>
#include <semaphore.h>
#include <sys/syscall.h>

#include <barrier>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

#include "scenario.h"

namespace {

void one_thread(double seconds) { compute(seconds); }

void kernel_time(double seconds) {
  const double end = now_s() + seconds;
  while (now_s() < end) {
    for (int i = 0; i < 1000; ++i) syscall(SYS_getppid);
  }
}

void memory_chase(double seconds) {
  constexpr std::size_t kCells = std::size_t{1} << 24;
  std::vector<std::uint32_t> next(kCells);
  std::iota(next.begin(), next.end(), 0U);
  std::uint64_t state = 12345;
  for (std::size_t i = kCells - 1; i > 0; --i) {  // Sattolo: one cycle through all cells
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    std::swap(next[i], next[(state >> 33) % i]);
  }
  const double end = thread_cpu_s() + seconds;
  std::uint32_t at = 0;
  while (thread_cpu_s() < end) {
    for (int i = 0; i < 100'000; ++i) at = next[at];
  }
  g_sink = at;
}

void joined_worker(double seconds) {
  std::thread worker(compute, seconds);
  worker.join();
}

// A load for a given time: the first thread sleeps it away once, and its worker does the work.
void timed_worker(double seconds) {
  std::thread worker(compute, seconds);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  worker.join();
}

void burn_threads(int count, double seconds) {
  std::vector<std::thread> workers;
  for (int i = 0; i < count; ++i) workers.emplace_back(compute, seconds);
  for (std::thread& worker : workers) worker.join();
}

void all_cpus(double seconds) { burn_threads(cpus(), seconds); }

void eight_per_cpu(double seconds) { burn_threads(8 * cpus(), seconds / 8); }

void two_pinned_to_one(double seconds) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  must(sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity");
  burn_threads(2, seconds / 2);
}

void one_pinned_to_one(double seconds) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  must(sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity");
  compute(seconds);
}

// A pool nobody feeds and a heartbeat, beside the thread that does the work.
void parked_pool_and_heartbeat(double seconds) {
  std::mutex mutex;
  std::condition_variable wake;
  bool stop = false;
  std::vector<std::thread> workers;
  for (int i = 0; i < 8; ++i) {
    workers.emplace_back([&] {
      std::unique_lock lock(mutex);
      wake.wait(lock, [&] { return stop; });
    });
  }
  workers.emplace_back([&] {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, std::chrono::milliseconds(50), [&] { return stop; })) {
    }
  });
  compute(seconds);
  {
    std::lock_guard lock(mutex);
    stop = true;
  }
  wake.notify_all();
  for (std::thread& worker : workers) worker.join();
}

void twenty_heartbeats(double seconds) {
  for (int i = 0; i < 20; ++i) {
    std::thread([] {
      for (;;) sleep_for(0.02);
    }).detach();
  }
  compute(seconds);
}

// The producer computes, four consumers are underfed.
void underfed_consumers(double seconds) {
  std::mutex mutex;
  std::condition_variable wake;
  int items = 0;
  bool stop = false;
  std::vector<std::thread> consumers;
  for (int i = 0; i < 4; ++i) {
    consumers.emplace_back([&] {
      std::unique_lock lock(mutex);
      for (;;) {
        wake.wait(lock, [&] { return stop || items > 0; });
        if (items == 0) return;
        --items;
        lock.unlock();
        compute(0.0002);
        lock.lock();
      }
    });
  }
  for (double done = 0; done < seconds; done += 0.005) {
    compute(0.005);
    {
      std::lock_guard lock(mutex);
      ++items;
    }
    wake.notify_one();
  }
  {
    std::lock_guard lock(mutex);
    stop = true;
  }
  wake.notify_all();
  for (std::thread& consumer : consumers) consumer.join();
}

// Four threads, of which one at a time has the token and computes.
void semaphore_relay(double seconds) {
  constexpr int kThreads = 4;
  sem_t turns[kThreads];
  for (sem_t& turn : turns) sem_init(&turn, 0, 0);
  const int rounds = static_cast<int>(seconds / 0.004) / kThreads;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < rounds; ++round) {
        while (sem_wait(&turns[i]) != 0) {
        }
        compute(0.004);
        sem_post(&turns[(i + 1) % kThreads]);
      }
    });
  }
  sem_post(&turns[0]);
  for (std::thread& thread : threads) thread.join();
}

// One of the threads has nearly all the work of each round, the others wait for it at the barrier.
void unbalanced_barrier(double seconds) {
  std::barrier barrier(4);
  const int rounds = static_cast<int>(seconds / 0.02);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < rounds; ++round) {
        compute(i == 0 ? 0.02 : 0.0005);
        barrier.arrive_and_wait();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void short_threads(double seconds) {
  const double end = now_s() + seconds;
  while (now_s() < end) std::thread(compute, 0.0002).join();
}

void five_thousand_parked(double seconds) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 * 1024);
  static std::mutex mutex;
  static std::condition_variable wake;
  for (int i = 0; i < 5000; ++i) {
    pthread_t thread{};
    must(pthread_create(&thread, &attributes, [](void*) -> void* {
      std::unique_lock lock(mutex);
      for (;;) wake.wait(lock);
    }, nullptr) == 0, "pthread_create");
  }
  compute(seconds);
  _exit(0);  // static destructors would wait for the parked
}

// The leader of the thread group ends first: /proc shows it as a zombie while its thread computes.
void leader_gone(double seconds) {
  static double amount = seconds;
  std::thread([] {
    compute(amount);
    std::exit(0);
  }).detach();
  pthread_exit(nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  return run_scenario({{"one-thread", one_thread}, {"kernel-time", kernel_time}, {"memory-chase", memory_chase},
                       {"joined-worker", joined_worker}, {"timed-worker", timed_worker}, {"all-cpus", all_cpus},
                       {"eight-per-cpu", eight_per_cpu},
                       {"two-pinned-to-one", two_pinned_to_one}, {"one-pinned-to-one", one_pinned_to_one},
                       {"parked-pool", parked_pool_and_heartbeat}, {"heartbeats", twenty_heartbeats},
                       {"underfed-consumers", underfed_consumers}, {"semaphore-relay", semaphore_relay},
                       {"unbalanced-barrier", unbalanced_barrier}, {"short-threads", short_threads},
                       {"five-thousand-parked", five_thousand_parked}, {"leader-gone", leader_gone}},
                      argc, argv);
}
