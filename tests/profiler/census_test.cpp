#include "profiler/timeline/census.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/profiler/blocked_child.h"

namespace concadvise {
namespace {

using testing::BlockedChild;

TEST(Census, RefusesWhatDoesNotExist) {
  Census census;
  EXPECT_FALSE(census.add_root(0x3fffffff, true));
  EXPECT_EQ(census.live_threads(), 0u);
}

TEST(Census, FindsTheWholeTreeOfARunningProcess) {
  if (testing::kThreadsOfTheSanitizer) GTEST_SKIP() << "the sanitizer has a thread of its own in each process";
  const BlockedChild child([] {
    std::thread([] {
      if (::fork() == 0) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::sleep(100);
    }).detach();
    ::sleep(100);
  });
  ASSERT_TRUE(child.wait_until_blocked());
  Census census;
  for (int i = 0; i < 500 && census.live_threads() < 3; ++i) {
    census = Census();
    ASSERT_TRUE(census.add_root(child.pid(), true));
    ::usleep(10'000);
  }
  EXPECT_EQ(census.live_threads(), 3u);
  EXPECT_EQ(census.live_pids().size(), 2u);
  EXPECT_TRUE(census.is_thread_of(child.pid(), child.pid()));
}

TEST(Census, SeesWhatIsBornAndWhatEnds) {
  if (testing::kThreadsOfTheSanitizer) GTEST_SKIP() << "the sanitizer has a thread of its own in each process";
  Census census;
  ASSERT_TRUE(census.add_root(::getpid(), false));
  const std::size_t before = census.live_threads();
  int newborn = 0;
  {
    const BlockedChild child([] { ::sleep(100); });
    newborn = child.pid();
    ASSERT_TRUE(child.wait_until_blocked());
    census.update(now_ns());
    ASSERT_NE(census.process(newborn), nullptr);
    EXPECT_EQ(census.process(newborn)->ppid, ::getpid());
    EXPECT_EQ(census.live_threads(), before + 1);
    EXPECT_TRUE(census.main_thread(newborn)->files.schedstat().has_value());
  }
  ThreadRecord* main = census.main_thread(newborn);
  ASSERT_NE(main, nullptr);
  EXPECT_FALSE(main->files.schedstat().has_value());
  census.thread_ended(*main);
  census.process_ended(*census.process(newborn), now_ns());
  census.bury();
  EXPECT_EQ(census.process(newborn), nullptr);
  EXPECT_NE(census.remembered(newborn), nullptr);
  EXPECT_EQ(census.ended_threads().size(), 1u);
}

}  // namespace
}  // namespace concadvise
