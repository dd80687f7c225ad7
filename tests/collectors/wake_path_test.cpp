// The critical path from made-up wake-ups: who should be on it is known.
#include <gtest/gtest.h>

#include "profiler/bpf/wake_path.h"

namespace concadvise {
namespace {

constexpr int kFutex = 202;
constexpr int kSleep = 230;
constexpr int kRead = 0;
constexpr int kWait = 61;
constexpr int kAccept = 43;
constexpr std::uint64_t kSecond = 1'000'000'000;

StateTimes only(State state) {
  StateTimes times;
  times[state] = 1;
  return times;
}

StateTimes kind_of(std::uint32_t /*account*/, int number) {
  if (number == kSleep) return only(State::timer);
  if (number == kWait) return only(State::child);
  if (number == kAccept) return only(State::idle);
  if (number == kRead) return only(State::network);
  return only(State::handoff);
}

ThreadLine thread(std::uint64_t start_s, std::uint64_t end_s) {
  ThreadLine line;
  line.account.tid = 1;
  line.account.start_ns = start_s * kSecond;
  line.account.end_ns = end_s * kSecond;
  return line;
}

void off(std::vector<ThreadLine>& lines, std::uint32_t number, std::uint64_t start_s, std::uint64_t woken_s, std::uint64_t end_s,
         int call, std::uint32_t waker) {
  lines[number].stretches.push_back({number, waker, start_s * kSecond, woken_s * kSecond, end_s * kSecond, call, 0});
}

TEST(WakePath, OneThreadIsItsOwnPath) {
  std::vector<ThreadLine> lines = {{}, thread(0, 10)};
  off(lines, 1, 2, 5, 6, kSleep, 0);
  WakePath path(lines, 10 * kSecond, kind_of);
  const StateTimes states = path.walk(1, 0, 10 * kSecond);
  EXPECT_DOUBLE_EQ(states[State::timer], 3);
  EXPECT_DOUBLE_EQ(states[State::runnable], 1);
  EXPECT_DOUBLE_EQ(states[State::on_cpu], 6);
}

TEST(WakePath, AJoinHandsItToTheWorker) {
  std::vector<ThreadLine> lines = {{}, thread(0, 10), thread(1, 9)};
  off(lines, 1, 1, 9, 9, kFutex, 2);   // the first thread waits for the second's end
  off(lines, 2, 3, 6, 6, kRead, 0);    // which waits for an answer from outside
  WakePath path(lines, 10 * kSecond, kind_of);
  const StateTimes states = path.walk(1, 0, 10 * kSecond);
  EXPECT_DOUBLE_EQ(states[State::handoff], 0);
  EXPECT_DOUBLE_EQ(states[State::network], 3);
  EXPECT_DOUBLE_EQ(states[State::on_cpu], 7);
}

TEST(WakePath, TheEndOfAProcessIsThatOfItsFirstThreadWhicheverEndedLast) {
  std::vector<ThreadLine> lines = {{}, thread(0, 10), thread(1, 9), thread(1, 9)};
  for (std::uint32_t number : {2u, 3u}) lines[number].account.tid = number, lines[number].account.tgid = 2;
  off(lines, 1, 1, 9, 9, kWait, 3);   // a shell waits for the command, whose sleeping thread was the last to end
  off(lines, 3, 1, 9, 9, kSleep, 0);
  WakePath path(lines, 10 * kSecond, kind_of);
  EXPECT_DOUBLE_EQ(path.walk(1, 0, 10 * kSecond)[State::on_cpu], 10);
}

TEST(WakePath, AChainOfWaitsIsFollowed) {
  std::vector<ThreadLine> lines = {{}, thread(0, 10), thread(0, 10), thread(0, 10)};
  off(lines, 1, 0, 10, 10, kFutex, 2);
  off(lines, 2, 0, 8, 8, kFutex, 3);
  off(lines, 3, 0, 4, 4, kSleep, 0);
  WakePath path(lines, 10 * kSecond, kind_of);
  const StateTimes states = path.walk(1, 0, 10 * kSecond);
  EXPECT_DOUBLE_EQ(states[State::timer], 4);
  EXPECT_DOUBLE_EQ(states[State::on_cpu], 6);
}

TEST(WakePath, ATimerStaysWithItsThreadWhoeverItInterrupted) {
  std::vector<ThreadLine> lines = {{}, thread(0, 10), thread(0, 10)};
  off(lines, 1, 0, 10, 10, kSleep, 2);
  WakePath path(lines, 10 * kSecond, kind_of);
  EXPECT_DOUBLE_EQ(path.walk(1, 0, 10 * kSecond)[State::timer], 10);
}

TEST(WakePath, AServerIsNotIdleForAClientThatWaitsForItsAnswer) {
  std::vector<ThreadLine> lines = {{}, thread(0, 10), thread(0, 10)};
  off(lines, 1, 1, 9, 9, kRead, 2);     // a client asks
  off(lines, 2, 0, 8, 8, kAccept, 0);   // a server whose loop a timer wakes, after which it answers
  WakePath asked(lines, 10 * kSecond, kind_of);
  EXPECT_DOUBLE_EQ(asked.walk(1, 0, 10 * kSecond)[State::timer], 7);
  lines[1].stretches[0].number = kWait;  // a shell that waits for a server's end asks nothing
  WakePath started(lines, 10 * kSecond, kind_of);
  EXPECT_DOUBLE_EQ(started.walk(1, 0, 10 * kSecond)[State::idle], 7);
}

TEST(WakePath, ThreadsThatWakeEachOtherEnd) {
  std::vector<ThreadLine> lines = {{}, thread(0, 10), thread(0, 10)};
  off(lines, 1, 0, 10, 10, kFutex, 2);
  off(lines, 2, 0, 10, 10, kFutex, 1);
  WakePath path(lines, 10 * kSecond, kind_of);
  const StateTimes states = path.walk(1, 0, 10 * kSecond);
  EXPECT_NEAR(states.sum(), 10, 1e-9);
}

TEST(WakePath, AWaitThatLastsAtTheEndCounts) {
  std::vector<ThreadLine> lines = {{}, thread(0, 0)};
  lines[1].account.off = CONCADVISE_BLOCKED;
  lines[1].account.off_since_ns = 4 * kSecond;
  lines[1].account.number = kRead;
  WakePath path(lines, 10 * kSecond, kind_of);
  const StateTimes states = path.walk(1, 0, 10 * kSecond);
  EXPECT_DOUBLE_EQ(states[State::network], 6);
  EXPECT_DOUBLE_EQ(states[State::on_cpu], 4);
}

TEST(WakePath, ShortWaitsAreSpreadOverTheTimeBetween) {
  std::vector<ThreadLine> lines = {{}, thread(0, 10)};
  lines[1].account.short_queue_ns = 1 * kSecond;
  lines[1].account.short_inside_ns = 2 * kSecond;
  lines[1].account.calls[0] = {kRead, 1, 1000, 4 * kSecond, 0, 4 * kSecond};
  WakePath path(lines, 10 * kSecond, kind_of);
  const StateTimes half = path.walk(1, 0, 5 * kSecond);
  EXPECT_NEAR(half[State::network], 2, 1e-9);
  EXPECT_NEAR(half[State::runnable], 0.5, 1e-9);
  EXPECT_NEAR(half[State::on_cpu], 2.5, 1e-9);
}

TEST(WakePath, PiecesAddUpToTheWhole) {
  std::vector<ThreadLine> lines = {{}, thread(0, 10), thread(1, 9)};
  off(lines, 1, 1, 9, 9, kFutex, 2);
  off(lines, 2, 3, 6, 7, kRead, 0);
  WakePath path(lines, 10 * kSecond, kind_of);
  StateTimes sum;
  for (std::uint64_t at = 0; at < 10; ++at) sum += path.walk(1, at * kSecond + at, (at + 1) * kSecond + at + 1);
  const StateTimes whole = path.walk(1, 0, 10 * kSecond);
  for (const State state : kAllStates) EXPECT_NEAR(sum[state], whole[state], 1e-6);
}

}  // namespace
}  // namespace concadvise
