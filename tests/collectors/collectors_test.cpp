// The rungs above /proc on real processes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "as_user.h"
#include "profiler/perf/event.h"
#include "profiler/perf/permission.h"
#include "profiler/perf/ring.h"
#include "profiler/profiler.h"
#include "profiler/where/stack_book.h"
#include "tests/reachable.h"

namespace concadvise {
namespace {

constexpr uid_t kNobody = 65534;

Profile profile_of(const std::string& mode, LevelLimit level) {
  ProfileOptions options;
  options.command = {CONCADVISE_TARGET, mode};
  options.level = level;
  auto profile = run_profile(options, [] { return false; });
  if (profile) return std::move(*profile);
  ADD_FAILURE() << profile.error().cause;
  return {};
}

const Rung* rung(const Profile& profile, const std::string& level) {
  for (const Rung& each : profile.measurement.ladder)
    if (each.level == level) return &each;
  return nullptr;
}

// Why the level can't be tested here; empty: it can.
std::string missing(const Profile& profile, const std::string& level) {
  const Rung* found = rung(profile, level);
  if (found == nullptr) return "no rung " + level;
  return found->used ? "" : level + ": " + found->why_not;
}

bool names(const std::vector<Frame>& stack, const std::string& function) {
  return std::any_of(stack.begin(), stack.end(), [&](const Frame& frame) { return frame.function.find(function) != std::string::npos; });
}

double share_in(const Profile& profile, State state, const std::string& function) {
  double share = 0;
  for (const HotSpot& spot : profile.hot_spots)
    if (spot.state == state && names(spot.stack, function)) share += spot.share;
  return share;
}

std::string wrong_with_burning(const Profile& profile) {
  if (profile.measurement.cpu_samples < 10) return fmt::format("only {} samples", profile.measurement.cpu_samples);
  const double share = share_in(profile, State::on_cpu, "burn_here");
  if (share < 0.8) return fmt::format("burn_here has {} of the CPU time", share);
  double sum = 0;
  for (const HotSpot& spot : profile.hot_spots)
    if (spot.state == State::on_cpu) sum += spot.seconds;
  if (std::abs(sum - profile.measurement.cpu_s) > 0.01 * profile.measurement.cpu_s)
    return fmt::format("hot spots have {} s of {} s", sum, profile.measurement.cpu_s);
  return {};
}

TEST(CpuSampling, FindsWhereItComputes) {
  const Profile profile = profile_of("burn", LevelLimit::perf);
  if (const std::string why = missing(profile, "perf"); !why.empty()) GTEST_SKIP() << why;
  EXPECT_EQ(wrong_with_burning(profile), "");
  EXPECT_EQ(profile.measurement.level, "perf");
  const auto spot = std::find_if(profile.hot_spots.begin(), profile.hot_spots.end(),
                                 [](const HotSpot& each) { return names(each.stack, "burn_here"); });
  ASSERT_NE(spot, profile.hot_spots.end());
  EXPECT_TRUE(std::any_of(spot->stack.begin(), spot->stack.end(),
                          [](const Frame& frame) { return frame.file.ends_with("target.cpp") && frame.line > 0; }));
  EXPECT_TRUE(names(spot->stack, "main"));
}

TEST(CpuSampling, WorksWithoutPrivilege) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  if (!test::others_may_run(CONCADVISE_TARGET)) GTEST_SKIP() << "other users may not go where the target is";
  const std::string said = as_user(kNobody, [] {
    const Profile profile = profile_of("burn", LevelLimit::perf);
    const std::string why = missing(profile, "perf");
    return why.empty() ? wrong_with_burning(profile) : "skip " + why;
  });
  if (said.starts_with("skip")) GTEST_SKIP() << said;
  EXPECT_EQ(said, "");
}

// Events on threads cost at each switch: where there are very many they must have been closed.
TEST(CpuSampling, GivesUpWhereSwitchesAreMany) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  if (!test::others_may_run(CONCADVISE_TARGET)) GTEST_SKIP() << "other users may not go where the target is";
  const std::string said = as_user(kNobody, []() -> std::string {
    const Profile profile = profile_of("ping-pong", LevelLimit::perf);
    if (const std::string why = missing(profile, "perf"); !why.empty()) return "skip " + why;
    double switches = 0;
    for (const Thread& thread : profile.threads) switches += static_cast<double>(thread.switches);
    const double rate = switches / profile.measurement.wall_s;
    const bool gave_up = std::any_of(profile.measurement.notes.begin(), profile.measurement.notes.end(),
                                     [](const std::string& note) { return note.find("given up") != std::string::npos; });
    if (rate > 60'000 && !gave_up) return fmt::format("{} switches a second, and it did not give up", rate);
    return {};
  });
  if (said.starts_with("skip")) GTEST_SKIP() << said;
  EXPECT_EQ(said, "");
}

TEST(CpuSampling, AnUnknownEventFallsBackAndSaysSo) {
  ProfileOptions options;
  options.command = {CONCADVISE_TARGET, "burn"};
  options.level = LevelLimit::perf;
  options.cpu_event = "no-such-event";
  const auto profile = run_profile(options, [] { return false; });
  ASSERT_TRUE(profile.has_value());
  if (const std::string why = missing(*profile, "perf"); !why.empty()) GTEST_SKIP() << why;
  EXPECT_TRUE(std::any_of(profile->measurement.notes.begin(), profile->measurement.notes.end(),
                          [](const std::string& note) { return note.find("no-such-event") != std::string::npos; }));
  EXPECT_GT(profile->measurement.cpu_samples, 0u);
}

TEST(BlockedStacks, NameThePlaceOfAWait) {
  const Profile profile = profile_of("sleep", LevelLimit::procfs);
  const auto wait = std::find_if(profile.waits.begin(), profile.waits.end(), [](const Wait& each) { return each.state == State::timer; });
  ASSERT_NE(wait, profile.waits.end());
  EXPECT_TRUE(names(wait->stack, "sleep_here"));
  EXPECT_GT(share_in(profile, State::timer, "sleep_here"), 0.9);
  ASSERT_FALSE(profile.threads.empty());
  const auto& own = profile.threads.front().waits;
  EXPECT_TRUE(std::any_of(own.begin(), own.end(), [](const Wait& each) { return names(each.stack, "sleep_here"); }));
}

TEST(Wakeups, ThePathIsTheWorkers) {
  const Profile profile = profile_of("hand-over", LevelLimit::sched);
  if (const std::string why = missing(profile, "sched"); !why.empty()) GTEST_SKIP() << why;
  EXPECT_EQ(profile.measurement.level, "sched");
  EXPECT_EQ(profile.measurement.path_method, "wake-up edges");
  EXPECT_NEAR(profile.shares.sum(), 1, 1e-6);
  EXPECT_LT(profile.shares[State::handoff], 0.1);  // the first thread waits for all of the run, but its path does not
  const double wall = profile.measurement.wall_s;
  EXPECT_GT(profile.shares[State::timer] * wall, 0.35);
  EXPECT_GT((profile.shares[State::on_cpu] + profile.shares[State::runnable]) * wall, 0.25);
  double windows = 0;
  for (const Window& window : profile.windows) windows += window.path.sum();
  EXPECT_NEAR(windows, wall, 0.1 * wall);
}

TEST(Wakeups, CountWaitsExactly) {
  const Profile profile = profile_of("ping-pong", LevelLimit::sched);
  if (const std::string why = missing(profile, "sched"); !why.empty()) GTEST_SKIP() << why;
  double counted = 0;
  for (const Wait& wait : profile.waits) {
    if (wait.syscall != "read") continue;
    EXPECT_FALSE(wait.count_is_estimate);
    counted += wait.count;
  }
  // Two reads for each of 100,000 rounds; one that finds its byte there already does not block.
  EXPECT_GT(counted, 1'000);
  EXPECT_LT(counted, 201'000);
}

TEST(Wakeups, SeeShortLivedChildren) {
  const Profile profile = profile_of("children", LevelLimit::sched);
  if (const std::string why = missing(profile, "sched"); !why.empty()) GTEST_SKIP() << why;
  EXPECT_NEAR(profile.shares.sum(), 1, 1e-6);
  EXPECT_EQ(profile.measurement.lost_events, 0u);
}

TEST(Wakeups, NeedPrivilegesAndSayWhich) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  if (!test::others_may_run(CONCADVISE_TARGET)) GTEST_SKIP() << "other users may not go where the target is";
  const std::string said = as_user(kNobody, []() -> std::string {
    const Profile profile = profile_of("sleep", LevelLimit::automatic);
    const Rung* found = rung(profile, "sched");
    if (found == nullptr) return "no rung";
    if (found->used) return "used without privilege";
    if (found->why_not.find("CAP_BPF") == std::string::npos && found->why_not.find("built without") == std::string::npos)
      return found->why_not;
    return {};
  });
  EXPECT_EQ(said, "");
}

TEST(Levels, AreTheLimitThatWasAskedFor) {
  const Profile profile = profile_of("sleep", LevelLimit::procfs);
  EXPECT_EQ(profile.measurement.level, "procfs");
  EXPECT_EQ(profile.measurement.cpu_samples, 0u);
  const std::vector<Rung> all = available_levels();
  ASSERT_FALSE(all.empty());
  for (const Rung& each : all) EXPECT_TRUE(each.used || !each.why_not.empty()) << each.level;
}

TEST(Permission, SaysTheLeastThatIsNeeded) {
  Privileges user;
  user.paranoid = 3;
  user.program = "/bin/tool";
  EXPECT_EQ(perf_refused(user, EACCES).command, "sudo setcap cap_perfmon+ep /bin/tool");
  EXPECT_NE(perf_refused(user, EACCES).why_not.find("perf_event_paranoid is 3"), std::string::npos);
  user.paranoid = 2;
  user.seccomp = true;
  EXPECT_NE(perf_refused(user, EPERM).why_not.find("seccomp"), std::string::npos);
  user.perfmon = true;
  user.btf = true;
  EXPECT_EQ(sched_refused(user, "", 0).why_not, "seeing who wakes whom needs CAP_BPF");
  user.bpf = true;
  user.btf = false;
  EXPECT_NE(sched_refused(user, "", 0).why_not.find("BTF"), std::string::npos);
  user.yama = 1;
  EXPECT_NE(procfs_rung(user).why_not.find("ptrace_scope is 1"), std::string::npos);
}

TEST(Events, AreNamedAsLibpfmNamesThem) {
  const auto clock = event_attributes("cpu-clock", false);
  ASSERT_TRUE(clock.has_value());
  EXPECT_EQ(clock->type, static_cast<std::uint32_t>(PERF_TYPE_SOFTWARE));
  EXPECT_EQ(clock->config, static_cast<std::uint64_t>(PERF_COUNT_SW_CPU_CLOCK));
  EXPECT_EQ(clock->exclude_kernel, 1u);
  EXPECT_FALSE(event_attributes("no-such-event", false).has_value());
  EXPECT_FALSE(event_attributes("", false).has_value());
}

std::vector<std::byte> bytes_of(const std::vector<std::uint64_t>& words) {
  std::vector<std::byte> bytes(words.size() * 8);
  std::memcpy(bytes.data(), words.data(), bytes.size());
  return bytes;
}

TEST(Records, AreReadFieldByField) {
  constexpr std::uint64_t kType = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_PERIOD |
                                  PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
  const std::uint64_t pid_tid = 7 | std::uint64_t{9} << 32;
  const auto bytes = bytes_of({0x1000, pid_tid, 55, 10, 2, 0xa, 0xb, PERF_SAMPLE_REGS_ABI_64, 1, 2, 16, 0x11, 0x22, 8});
  PerfSample sample;
  ASSERT_TRUE(parse_sample(bytes, kType, 0b101, sample));
  EXPECT_EQ(sample.pid, 7);
  EXPECT_EQ(sample.tid, 9);
  EXPECT_EQ(sample.callchain, (std::vector<std::uint64_t>{0xa, 0xb}));
  EXPECT_EQ(sample.registers, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(sample.stack.size(), 8u);  // of 16 copied bytes 8 are real
  // Cut anywhere, it is refused and nothing is read beyond.
  for (std::size_t size = 0; size < bytes.size(); size += 4)
    EXPECT_FALSE(parse_sample(std::span(bytes).first(size), kType, 0b101, sample)) << size;
  // Counts that claim more than there is.
  EXPECT_FALSE(parse_sample(bytes_of({0x1000, pid_tid, 55, 10, UINT64_MAX, 0}), kType, 0b101, sample));
}

TEST(StackBook, KeepsTheSumWhenItPrunes) {
  StackBook book;
  double seconds = 0;
  for (std::uint64_t i = 1; i <= 500; ++i) {
    SeenStack stack;
    stack.native.frames = {CodeAddress{0, 0x1000 * i}};
    StackBook::Weight& weight = book.weight(Doing{1, 1, State::on_cpu, ""}, book.intern(std::move(stack)));
    weight.seconds += 0.01 * static_cast<double>(i);
    weight.count += 1;
    seconds += 0.01 * static_cast<double>(i);
  }
  Profile profile;
  profile.measurement.cpu_s = seconds;
  book.contribute(profile);
  EXPECT_EQ(profile.hot_spots.size(), 201u);
  double sum = 0;
  for (const HotSpot& spot : profile.hot_spots) sum += spot.seconds;
  EXPECT_NEAR(sum, seconds, 1e-6);
  EXPECT_EQ(profile.measurement.cpu_samples, 500u);
}

}  // namespace
}  // namespace concadvise
