#include "profiler/waits/hot_locks.h"

#include <gtest/gtest.h>

namespace concadvise {
namespace {

constexpr int kPid = 1;
constexpr std::uint64_t kAddress = 0x1000;

bool always(int) { return true; }

TEST(HotLocks, UsersThatTakeTurnsShareALock) {
  HotLocks locks;
  for (int sweep = 0; sweep < 60; ++sweep) {
    const int holder = sweep / 5 % 4;
    for (int tid = 0; tid < 4; ++tid)
      if (tid != holder) locks.waiting(kPid, tid, kAddress, sweep % 5 != 0);
    locks.end_sweep(always);
  }
  EXPECT_TRUE(locks.is_lock(kPid, kAddress));
  EXPECT_FALSE(locks.is_lock(kPid + 1, kAddress));
}

TEST(HotLocks, ParkedWorkersDoNot) {
  HotLocks locks;
  for (int sweep = 0; sweep < 60; ++sweep) {
    for (int tid = 0; tid < 4; ++tid)
      if (sweep % 3 != 0 || tid != sweep % 4) locks.waiting(kPid, tid, kAddress, sweep % 3 == 0);
    locks.end_sweep(always);
  }
  EXPECT_FALSE(locks.is_lock(kPid, kAddress)) << "at times all of them wait: nobody holds it";
}

TEST(HotLocks, OneWaiterProvesNothing) {
  HotLocks locks;
  for (int sweep = 0; sweep < 100; ++sweep) {
    locks.waiting(kPid, 7, kAddress, false);
    locks.end_sweep(always);
  }
  EXPECT_FALSE(locks.is_lock(kPid, kAddress));
}

TEST(HotLocks, ThreadsThatEndedDoNotCount) {
  HotLocks locks;
  for (int sweep = 0; sweep < 60; ++sweep) {
    for (int tid = 0; tid < 5; ++tid)
      if (tid != sweep % 5) locks.waiting(kPid, tid, kAddress, false);
    locks.end_sweep(always);
  }
  ASSERT_TRUE(locks.is_lock(kPid, kAddress));
  // Two are left and both wait at every sweep from now on.
  for (int sweep = 0; sweep < 60; ++sweep) {
    for (int tid = 0; tid < 2; ++tid) locks.waiting(kPid, tid, kAddress, true);
    locks.end_sweep([](int tid) { return tid < 2; });
  }
  EXPECT_FALSE(locks.is_lock(kPid, kAddress));
}

}  // namespace
}  // namespace concadvise
