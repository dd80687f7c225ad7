#include "profiler/where/loop_turns.h"

#include <gtest/gtest.h>

namespace concadvise {
namespace {

const Doing kSleeps{1, 1, State::timer, "clock_nanosleep"};
const Doing kComputes{1, 1, State::on_cpu, ""};
constexpr std::uint64_t kMillisecond = 1'000'000;

PythonTask task(std::uint64_t address, const std::string& name, std::uint64_t step = 0) {
  PythonTask made;
  made.address = address, made.name = name, made.step = step;
  return made;
}

TEST(LoopTurns, NameTheTaskThatStoppedLongest) {
  LoopTurns turns;
  turns.blocked(kSleeps, 5, task(0x10, "Task-1"), 0.010, true);
  turns.blocked(kSleeps, 5, task(0x10, "Task-1"), 0.020, false);
  turns.blocked(kSleeps, 5, task(0x20, "Task-2"), 0.050, true);
  turns.blocked(kSleeps, 5, task(0x30, "Task-2"), 0.030, true);  // another one of that name
  turns.blocked(kSleeps, 6, std::nullopt, 0.090, true);          // another place, for no task
  const LoopTurns::Turns* there = turns.of(kSleeps, 5);
  ASSERT_NE(there, nullptr);
  EXPECT_EQ(there->count, 3);
  EXPECT_EQ(there->tasks.size(), 3u);
  EXPECT_EQ(there->longest.name, "Task-2");
  EXPECT_DOUBLE_EQ(there->longest_s, 0.050);
  ASSERT_NE(turns.of(kSleeps, 6), nullptr);
  EXPECT_TRUE(turns.of(kSleeps, 6)->tasks.empty());
  EXPECT_EQ(turns.of(kComputes, 5), nullptr);
}

TEST(LoopTurns, SamplesOfOneStepAreOneTurn) {
  LoopTurns turns;
  const double period_s = 0.010;
  for (const std::uint64_t at : {100, 110, 150}) turns.computed(kComputes, 7, task(0x10, "Task-1", 1), at * kMillisecond, period_s);  // kept from the CPU
  turns.computed(kComputes, 7, task(0x10, "Task-1", 2), 160 * kMillisecond, period_s);  // its next step
  turns.computed(kComputes, 7, task(0x20, "Task-2", 2), 170 * kMillisecond, period_s);
  turns.computed(kComputes, 8, std::nullopt, 180 * kMillisecond, period_s);             // the loop itself
  turns.computed(kComputes, 7, task(0x20, "Task-2", 2), 190 * kMillisecond, period_s);
  const LoopTurns::Turns* there = turns.of(kComputes, 7);
  ASSERT_NE(there, nullptr);
  EXPECT_EQ(there->count, 4);
  EXPECT_DOUBLE_EQ(there->longest_s, 0.060);
  EXPECT_EQ(there->longest.name, "Task-1");
  EXPECT_EQ(turns.of(kComputes, 8), nullptr);
}

}  // namespace
}  // namespace concadvise
