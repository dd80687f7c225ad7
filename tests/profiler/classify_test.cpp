#include "profiler/waits/classify.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/profiler/blocked_child.h"

namespace concadvise {
namespace {

using testing::BlockedChild;

// How the child's thread is classed; `target` are the processes taken to be of the target besides the child.
Observation observe(const BlockedChild& child, int tid = 0, std::vector<int> target = {}) {
  EXPECT_TRUE(child.wait_until_blocked(tid));
  Classifier classifier;
  target.push_back(child.pid());
  classifier.descriptors().set_target(target);
  const int thread = tid == 0 ? child.pid() : tid;
  const SyscallState syscall = TaskFiles(child.pid(), thread).syscall();
  return classifier.classify(child.pid(), thread, syscall, [&](int pid, int other) {
    return pid == child.pid() && ::access(("/proc/" + std::to_string(pid) + "/task/" + std::to_string(other)).c_str(), F_OK) == 0;
  });
}

int listening_socket() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::listen(listener, 4);
  return listener;
}

int connected_to(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), size), 0);
  return client;
}

void read_one(int fd) {
  char byte;
  [[maybe_unused]] const ssize_t got = ::read(fd, &byte, 1);
}

TEST(Futex, KindsByOperationAndValue) {
  constexpr std::uint64_t is_private = FUTEX_PRIVATE_FLAG;
  EXPECT_EQ(futex_wait_kind(FUTEX_WAIT | is_private, 2, false), FutexWait::mutex);
  EXPECT_EQ(futex_wait_kind(FUTEX_WAIT, 7, false), FutexWait::value);
  EXPECT_EQ(futex_wait_kind(FUTEX_WAIT, 2, false), FutexWait::shared_mutex_or_value);
  EXPECT_EQ(futex_wait_kind(FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 3, false), FutexWait::rwlock);
  EXPECT_EQ(futex_wait_kind(FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, false), FutexWait::condition);
  EXPECT_EQ(futex_wait_kind(FUTEX_WAIT_BITSET | is_private, 2, true), FutexWait::timed_mutex_or_condition);
  EXPECT_EQ(futex_wait_kind(FUTEX_WAIT_BITSET | is_private | FUTEX_CLOCK_REALTIME, 3, false), FutexWait::rwlock);
  EXPECT_EQ(futex_wait_kind(FUTEX_WAIT_BITSET | is_private | FUTEX_CLOCK_REALTIME, 4, false), FutexWait::condition);
  EXPECT_EQ(futex_wait_kind(FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1234, false), FutexWait::join);
  EXPECT_EQ(futex_wait_kind(FUTEX_LOCK_PI | is_private, 0, false), FutexWait::priority_mutex);
  EXPECT_EQ(futex_wait_kind(FUTEX_WAKE | is_private, 2, false), FutexWait::unknown);
}

TEST(Classify, SleepIsTimer) {
  const BlockedChild child([] { ::sleep(100); });
  EXPECT_EQ(observe(child).state, State::timer);
}

TEST(Classify, PollForNothingIsTimer) {
  const BlockedChild child([] { ::poll(nullptr, 0, 100'000); });
  EXPECT_EQ(observe(child).state, State::timer);
}

TEST(Classify, APipeToSomebodyElseIsIpcAndHopsOnlyInsideTheTarget) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const BlockedChild child([&] {
    ::close(ends[1]);
    read_one(ends[0]);
  });
  const Observation outside = observe(child);
  EXPECT_EQ(outside.state, State::ipc);
  EXPECT_EQ(outside.hop, Hop::none);
  const Observation inside = observe(child, 0, {::getpid()});
  EXPECT_EQ(inside.state, State::ipc);
  EXPECT_EQ(inside.hop, Hop::processes);
  EXPECT_EQ(inside.peers, std::vector<int>{::getpid()});
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Classify, AnAnswerIsNetworkAndAClientIsIdle) {
  const int listener = listening_socket();
  const int client = connected_to(listener);
  const int accepted = ::accept(listener, nullptr, nullptr);
  const BlockedChild asks([&] {
    ::close(accepted);
    read_one(client);
  });
  const BlockedChild serves([&] {
    ::close(client);
    read_one(accepted);
  });
  const BlockedChild accepts([&] { ::accept(listener, nullptr, nullptr); });
  EXPECT_EQ(observe(asks).state, State::network);
  EXPECT_EQ(observe(serves).state, State::idle);
  EXPECT_EQ(observe(accepts).state, State::idle);
  ::close(listener);
  ::close(client);
  ::close(accepted);
}

TEST(Classify, ALoopThatListensIsIdleAndOneThatAskedIsNot) {
  const int listener = listening_socket();
  const int client = connected_to(listener);
  const auto wait_for = [](std::vector<int> fds) {
    const int set = ::epoll_create1(0);
    for (const int fd : fds) {
      epoll_event event{};
      event.events = EPOLLPRI;
      ::epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
    }
    epoll_event event;
    ::epoll_wait(set, &event, 1, 100'000);
  };
  const BlockedChild server([&] { wait_for({listener}); });
  const Observation idle = observe(server);
  EXPECT_EQ(idle.state, State::idle);
  EXPECT_TRUE(idle.loop_wait);
  EXPECT_TRUE(idle.listens);
  const BlockedChild asker([&] { wait_for({listener, client}); });
  EXPECT_EQ(observe(asker).state, State::network);
  const BlockedChild clock([&] { wait_for({::eventfd(0, 0)}); });
  const Observation timer = observe(clock);
  EXPECT_EQ(timer.state, State::timer);
  EXPECT_TRUE(timer.only_if_active);
  ::close(listener);
  ::close(client);
}

TEST(Classify, AMutexNamesItsHolder) {
  auto* shared = static_cast<std::atomic<int>*>(
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(shared, MAP_FAILED);
  const BlockedChild child([&] {
    std::mutex mutex;
    mutex.lock();
    std::thread waiter([&] {
      shared[0] = ::gettid();
      mutex.lock();
    });
    ::sleep(100);
    waiter.join();
  });
  for (int i = 0; i < 1000 && shared[0] == 0; ++i) ::usleep(10'000);
  const Observation wait = observe(child, shared[0]);
  EXPECT_EQ(wait.state, State::lock);
  EXPECT_EQ(wait.holder, child.pid());
  EXPECT_EQ(wait.hop, Hop::thread);
  ::munmap(shared, 4096);
}

// The holder of a mutex in shared memory may be in another process; a word of 2 alone is no mutex.
TEST(Classify, ASharedMutexNamesItsHolderInAnotherProcess) {
  auto* mutex = static_cast<pthread_mutex_t*>(
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(mutex, MAP_FAILED);
  pthread_mutexattr_t attributes;
  ::pthread_mutexattr_init(&attributes);
  ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  ::pthread_mutex_init(mutex, &attributes);
  ::pthread_mutex_lock(mutex);
  const BlockedChild child([&] { ::pthread_mutex_lock(mutex); });
  ASSERT_TRUE(child.wait_until_blocked());
  const SyscallState syscall = TaskFiles(child.pid(), child.pid()).syscall();
  const auto observe_with = [&](bool is_of_target) {
    Classifier classifier;
    return classifier.classify(child.pid(), child.pid(), syscall, [&](int pid, int tid) { return is_of_target && pid == 0 && tid == ::gettid(); });
  };
  const Observation wait = observe_with(true);
  EXPECT_EQ(wait.state, State::lock);
  EXPECT_EQ(wait.holder, ::gettid());
  EXPECT_EQ(wait.hop, Hop::thread);
  EXPECT_EQ(observe_with(false).state, State::handoff);
  ::munmap(mutex, 4096);
}

TEST(Classify, AWatchedFileIsIdleAndASignalMayBeTheChilds) {
  const BlockedChild watches([] {
    const int fd = ::inotify_init1(0);
    pollfd one{fd, POLLIN, 0};
    ::poll(&one, 1, -1);
  });
  EXPECT_EQ(observe(watches).state, State::idle);
  EXPECT_EQ(observe(watches).hop, Hop::none);
  const BlockedChild waits([] { ::pause(); });
  const Observation signal = observe(waits);
  EXPECT_EQ(signal.state, State::idle);
  EXPECT_EQ(signal.hop, Hop::children);
  EXPECT_TRUE(signal.only_if_active);
}

TEST(Classify, AThreadThatIsAwaitedIsHandoff) {
  const BlockedChild joins([] { std::thread([] { ::sleep(100); }).join(); });
  const Observation join = observe(joins);
  EXPECT_EQ(join.state, State::handoff);
  EXPECT_EQ(join.hop, Hop::threads);
  const BlockedChild semaphore([] {
    sem_t sem;
    ::sem_init(&sem, 0, 0);
    ::sem_wait(&sem);
  });
  EXPECT_EQ(observe(semaphore).state, State::handoff);
}

TEST(Classify, ChildrenSignalsAndFileLocks) {
  const BlockedChild parent([] {
    if (::fork() == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::sleep(100);
      ::_exit(0);
    }
    ::wait(nullptr);
  });
  const Observation waits = observe(parent);
  EXPECT_EQ(waits.state, State::child);
  EXPECT_EQ(waits.hop, Hop::children);

  const BlockedChild paused([] { ::pause(); });
  EXPECT_EQ(observe(paused).state, State::idle);

  const std::string path = ::testing::TempDir() + "concadvise_lock_" + std::to_string(::getpid());
  const int held = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  const BlockedChild locked([&] { ::flock(::open(path.c_str(), O_RDWR), LOCK_EX); });
  EXPECT_EQ(observe(locked).state, State::lock);
  ::close(held);
  ::unlink(path.c_str());
}

TEST(Classify, TheGilIsAFutexInsideTheInterpreter) {
  const BlockedChild child([] {
    sem_t sem;
    ::sem_init(&sem, 0, 0);
    ::sem_wait(&sem);
  });
  ASSERT_TRUE(child.wait_until_blocked());
  const SyscallState syscall = TaskFiles(child.pid(), child.pid()).syscall();
  Classifier classifier;
  const auto never = [](int, int) { return false; };
  classifier.set_gil(child.pid(), {syscall.args[0], syscall.args[0] + 8});
  EXPECT_EQ(classifier.classify(child.pid(), child.pid(), syscall, never).state, State::gil);
  classifier.set_gil(child.pid(), {syscall.args[0] + 8, syscall.args[0] + 16});
  EXPECT_EQ(classifier.classify(child.pid(), child.pid(), syscall, never).state, State::handoff);
}

}  // namespace
}  // namespace concadvise
