// The scheduler's events read by ourselves: the books, and the tracepoints of the kernel that is running.
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <map>
#include <thread>
#include <vector>

#include "profiler/bpf/switch_book.h"
#include "profiler/bpf/wakeups.h"
#include "profiler/perf/tracepoint.h"
#include "profiler/procfs/task.h"
#include "tests/profiler/blocked_child.h"

namespace concadvise {
namespace {

constexpr const char* kFormat = R"(name: sched_waking
ID: 317
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:char comm[16];	offset:8;	size:16;	signed:0;
	field:pid_t pid;	offset:24;	size:4;	signed:1;
	field:long prev_state;	offset:32;	size:8;	signed:1;

print fmt: "comm=%s pid=%d", REC->comm, REC->pid
)";

TEST(Tracepoint, IsReadFromItsFormat) {
  const auto point = Tracepoint::parse(kFormat);
  ASSERT_TRUE(point);
  EXPECT_EQ(point->id(), 317u);
  std::array<std::byte, 40> raw{};
  raw[0] = std::byte{0x3d};
  raw[1] = std::byte{0x01};
  raw[24] = std::byte{0xff};
  for (std::size_t i = 25; i < 28; ++i) raw[i] = std::byte{0xff};
  raw[32] = std::byte{2};
  EXPECT_EQ(point->value(raw, "common_type"), 317);
  EXPECT_EQ(point->value(raw, "pid"), -1);
  EXPECT_EQ(point->value(raw, "prev_state"), 2);
  EXPECT_EQ(point->value(raw, "comm"), 0) << "no number";
  EXPECT_EQ(point->value(raw, "absent"), 0);
  EXPECT_EQ(point->value(std::span(raw).first(30), "prev_state"), 0) << "cut short";
  EXPECT_FALSE(Tracepoint::parse("").has_value());
  EXPECT_FALSE(Tracepoint::parse("ID: 12\n").has_value());
}

TEST(SwitchBook, TellsLongStretchesAndAddsUpShortOnes) {
  SwitchBook book;
  std::vector<concadvise_stretch> told;
  const auto tell = [&](const concadvise_stretch& stretch) { told.push_back(stretch); };
  book.watch(10, {10, 11}, 1'000);
  book.leaves_cpu(10, false, 10'000);
  book.wakes(10, 11, 60'000);
  book.gets_cpu(10, 70'000, tell);  // 60 us: short
  EXPECT_TRUE(told.empty());
  book.leaves_cpu(10, false, 100'000);
  book.wakes(10, 99, 500'000);  // by a stranger
  book.wakes(10, 11, 550'000);  // too late
  book.gets_cpu(10, 600'000, tell);
  book.leaves_cpu(10, true, 700'000);
  book.gets_cpu(10, 1'700'000, tell);
  book.gets_cpu(99, 1'800'000, tell);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].waker, 0u);
  EXPECT_EQ(told[0].woken_ns, 500'000u);
  EXPECT_EQ(told[1].flags, CONCADVISE_WAS_PREEMPTED);
  EXPECT_EQ(told[1].woken_ns, told[1].start_ns);
  const concadvise_account& account = book.accounts()[told[0].thread];
  EXPECT_EQ(account.tid, 10u);
  EXPECT_EQ(account.short_inside_ns, 50'000u);
  EXPECT_EQ(account.short_queue_ns, 10'000u);
  EXPECT_EQ(account.calls[0].count, 2u);
  EXPECT_EQ(account.calls[0].longest_ns, 400'000u);
  EXPECT_EQ(account.preemptions, 1u);
}

TEST(SwitchBook, FollowsWhatIsCreatedAndForgetsNumbers) {
  SwitchBook book;
  const auto tell = [](const concadvise_stretch&) {};
  book.watch(10, {10}, 0);
  book.born(10, 11, 10, 5);    // a thread
  book.born(20, 20, 10, 6);    // a child
  book.born(30, 30, 29, 7);    // a stranger's
  EXPECT_EQ(book.accounts().size(), 4u);
  book.gets_cpu(11, 9, tell);
  book.died(20, 10);
  book.born(40, 40, 20, 11);   // of a stranger that has the number now
  EXPECT_EQ(book.accounts().size(), 4u);
  EXPECT_EQ(book.accounts()[3].end_ns, 10u);
  book.born(10, 20, 10, 12);   // the number again, of a thread now
  EXPECT_EQ(book.accounts().size(), 5u);
  EXPECT_EQ(book.accounts()[4].tgid, 10u);
}

TEST(SwitchBook, CountsReturnsThatNobodyTold) {
  SwitchBook book;
  book.watch(10, {10, 11}, 1);
  book.leaves_cpu(10, false, 2);
  book.leaves_cpu(10, false, 5);  // it was on a CPU in between
  EXPECT_EQ(book.dropped(), 1u);
  book.leaves_cpu(11, false, 6);
  book.died(11, 8);
  EXPECT_EQ(book.dropped(), 2u);
  book.gets_cpu(10, 9, [](const concadvise_stretch&) {});
  book.leaves_cpu(10, true, 10);
  EXPECT_EQ(book.dropped(), 2u);
}

TEST(TracedWakeups, SeeWhoEndsAWait) {
  if (testing::kThreadsOfTheSanitizer) GTEST_SKIP() << "with the sanitizer a new thread waits for the one that made it, too";
  std::string why;
  int error = 0;
  const auto wakeups = Wakeups::trace(why, error);
  if (wakeups == nullptr) GTEST_SKIP() << why << ": " << strerror(error);
  wakeups->watch(getpid());
  std::vector<concadvise_stretch> told;
  std::map<int, std::uint64_t> fell_asleep_ns;
  constexpr int kTimes = 20;
  for (int i = 0; i < kTimes; ++i) {
    int sleeper = 0;
    std::uint64_t asked_ns = 0;
    std::thread worker([&] {
      sleeper = static_cast<int>(syscall(SYS_gettid));
      asked_ns = now_ns();
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    });
    worker.join();
    fell_asleep_ns[sleeper] = asked_ns;
    wakeups->drain([&](const concadvise_stretch& stretch) { told.push_back(stretch); });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  wakeups->drain([&](const concadvise_stretch& stretch) { told.push_back(stretch); });
  const auto accounts = wakeups->accounts();
  int joins = 0, sleeps = 0;
  for (const concadvise_stretch& stretch : told) {
    const int tid = static_cast<int>(accounts[stretch.thread].tid);
    if (tid == getpid() && stretch.waker != 0) {
      ++joins;
      EXPECT_NE(accounts[stretch.waker].tid, static_cast<std::uint32_t>(getpid()));
    }
    if (tid != getpid() && stretch.number == CONCADVISE_ANY) {
      ++sleeps;
      EXPECT_EQ(stretch.waker, 0u) << "the clock's interrupt ends a sleep, whoever was running";
      // Of when it asked, not of when it left the CPU: an interrupt in between, or a machine whose CPU is taken away,
      // makes the stretch shorter than the sleep.
      EXPECT_GE(stretch.start_ns, fell_asleep_ns.at(tid));
      EXPECT_GE(stretch.woken_ns - fell_asleep_ns.at(tid), 2'000'000u);
    }
  }
  EXPECT_GE(accounts.size(), 1u + 1 + kTimes);
  EXPECT_GE(joins + static_cast<int>(wakeups->dropped()), kTimes * 9 / 10);
  // Some kernels lose what a CPU's idle task would tell: then it is counted.
  EXPECT_GE(sleeps + static_cast<int>(wakeups->dropped()), kTimes * 9 / 10);
}

}  // namespace
}  // namespace concadvise
