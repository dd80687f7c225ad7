// Whole measurements of real commands.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cmath>

#include "model/bands.h"
#include "profiler/profiler.h"
#include "tests/profiler/blocked_child.h"

namespace concadvise {
namespace {

bool never() { return false; }

Profile measured(std::vector<std::string> command, LevelLimit level = LevelLimit::procfs) {
  ProfileOptions options;
  options.command = std::move(command);
  options.level = level;
  auto profile = run_profile(options, never);
  EXPECT_TRUE(profile.has_value());
  return profile ? std::move(*profile) : Profile{};
}

void expect_books_are_closed(const Profile& profile) {
  EXPECT_NEAR(profile.shares.sum(), 1, 1e-6);
  for (const Thread& thread : profile.threads) {
    const double life = thread.end_s - thread.start_s;
    // The last sweep looks at one thread after the other.
    EXPECT_LE(thread.end_s, profile.measurement.wall_s + 0.02) << thread.name;
    if (life > 0.1) {
      EXPECT_NEAR(thread.states.sum(), life, 0.005 * life) << thread.name;
    }
    for (const double seconds : thread.states) EXPECT_GE(seconds, 0);
  }
}

TEST(Run, ASleeperWaitsForATimer) {
  const Profile profile = measured({"sleep", "0.3"});
  EXPECT_GE(profile.measurement.wall_s, 0.3);
  EXPECT_GT(profile.shares[State::timer], 0.5);
  EXPECT_EQ(profile.target.exit_status, 0);
  EXPECT_TRUE(profile.target.ended);
  expect_books_are_closed(profile);
}

TEST(Run, MakingReadyToMeasureIsNoPartOfAThreadsLife) {
  const Profile profile = measured({"sleep", "0.3"}, LevelLimit::automatic);
  expect_books_are_closed(profile);
  ASSERT_FALSE(profile.waits.empty());
  EXPECT_LT(profile.waits.front().seconds, profile.measurement.wall_s);
}

TEST(Run, WhatComputesIsOnCpuAndItsTimeIsTheKernels) {
  const Profile profile = measured({"sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"});
  EXPECT_GT(profile.shares[State::on_cpu] + profile.shares[State::runnable], 0.7);
  EXPECT_NEAR(profile.measurement.cpu_seen_s, profile.measurement.cpu_s, 0.005 + 0.01 * profile.measurement.cpu_s);
  expect_books_are_closed(profile);
}

TEST(Run, BandsShowWhatAThreadDidWhen) {
  const Profile profile = measured({"sh", "-c", "sleep 0.4; i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"});
  ASSERT_FALSE(profile.threads.empty());
  std::vector<Band> shell;
  for (const Thread& thread : profile.threads) {
    EXPECT_EQ(thread.bands.size(), 2 * profile.windows.size()) << thread.name;
    if (thread.tid == profile.target.pids.front()) shell = bands_of(thread.bands);
  }
  ASSERT_EQ(shell.size(), profile.windows.size());
  double early = 0, late = 0;  // CPU shares, summed over the windows of the sleep and of the second half of the loop
  for (std::size_t i = 0; i < shell.size(); ++i) {
    EXPECT_TRUE(shell[i].lived || i + 1 == shell.size()) << i;  // the last look may come after its end
    const Window& window = profile.windows[i];
    if (window.start_s > 0.1 && window.end_s < 0.35) early = std::max(early, shell[i].on_cpu);
    if (window.start_s > (0.4 + profile.measurement.wall_s) / 2) late = std::max(late, shell[i].on_cpu);
  }
  EXPECT_LT(early, 0.3);
  EXPECT_GT(late, 0.3);
}

TEST(Run, AWaitingParentHandsThePathToItsChild) {
  const Profile profile = measured({"sh", "-c", "sleep 0.3; exit 7"});
  EXPECT_EQ(profile.target.exit_status, 7);
  EXPECT_GT(profile.shares[State::timer], 0.5);
  EXPECT_LT(profile.shares[State::child], 0.2);
  EXPECT_EQ(profile.processes.size(), 2u);
}

TEST(Run, ACommandThatKillsItselfIsReportedAsSuch) {
  const Profile profile = measured({"sh", "-c", "kill -9 $$"});
  EXPECT_EQ(profile.target.exit_signal, SIGKILL);
}

TEST(Run, WhatCannotBeStartedSaysWhy) {
  const auto kind = [](const char* command) {
    ProfileOptions options;
    options.command = {command};
    const auto profile = run_profile(options, never);
    EXPECT_FALSE(profile.has_value());
    return profile ? Error::Kind::internal : profile.error().kind;
  };
  EXPECT_EQ(kind("/no/such/program"), Error::Kind::not_found);
  EXPECT_EQ(kind("/etc/passwd"), Error::Kind::not_executable);
  EXPECT_EQ(kind("/"), Error::Kind::not_executable);
}

TEST(Run, AttachesForATimeAndLeavesTheTargetAlone) {
  if (testing::kThreadsOfTheSanitizer) GTEST_SKIP() << "the sanitizer has a thread of its own in each process";
  const testing::BlockedChild child([] { ::pause(); });
  ASSERT_TRUE(child.wait_until_blocked());
  ProfileOptions options;
  options.pids = {child.pid()};
  options.duration_s = 0.2;
  options.level = LevelLimit::procfs;
  const auto profile = run_profile(options, never);
  ASSERT_TRUE(profile.has_value());
  EXPECT_FALSE(profile->target.ended);
  EXPECT_GT(profile->shares[State::idle], 0.9);
  EXPECT_EQ(::kill(child.pid(), 0), 0);
  expect_books_are_closed(*profile);
}

TEST(Run, AttachingToNobodySaysSo) {
  ProfileOptions options;
  options.pids = {0x3fffffff};
  const auto profile = run_profile(options, never);
  ASSERT_FALSE(profile.has_value());
  EXPECT_EQ(profile.error().kind, Error::Kind::not_found);
}

TEST(Run, AStopRequestKeepsWhatWasMeasured) {
  ProfileOptions options;
  options.command = {"sleep", "100"};
  options.level = LevelLimit::procfs;
  int asked = 0;
  const auto profile = run_profile(options, [&] { return ++asked > 20; });
  ASSERT_TRUE(profile.has_value());
  EXPECT_TRUE(profile->measurement.stopped_early);
  EXPECT_GT(profile->measurement.sweeps, 0u);
  ::kill(profile->target.pids.front(), SIGKILL);
}

}  // namespace
}  // namespace concadvise
