// Switch records, hardware counters and rings that overrun.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "as_user.h"
#include "profiler/perf/counters.h"
#include "profiler/perf/event.h"
#include "profiler/perf/ring.h"
#include "profiler/perf/switch_records.h"
#include "profiler/profiler.h"
#include "tests/reachable.h"

namespace concadvise {
namespace {

constexpr uid_t kNobody = 65534;

// What the kernel does: a record with this body.
class Bytes {
 public:
  template <typename T>
  Bytes& put(T value) {
    const auto* from = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), from, from + sizeof value);
    return *this;
  }
  const std::vector<std::byte>& get() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

std::vector<std::byte> record(std::uint32_t type, const Bytes& body) {
  perf_event_header header{};
  header.type = type;
  header.size = static_cast<std::uint16_t>(sizeof header + body.get().size());
  std::vector<std::byte> out(header.size);
  std::memcpy(out.data(), &header, sizeof header);
  std::copy(body.get().begin(), body.get().end(), out.begin() + sizeof header);
  return out;
}

/// A ring in a file of memory, written as the kernel writes one.
class FakeRing {
 public:
  explicit FakeRing(std::size_t bytes) : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))), size_(bytes), file_(memfd_create("ring", MFD_CLOEXEC)) {
    if (ftruncate(file_.get(), static_cast<off_t>(page_ + size_)) != 0) ADD_FAILURE() << "no memory";
    base_ = static_cast<std::byte*>(mmap(nullptr, page_ + size_, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0));
  }
  ~FakeRing() { munmap(base_, page_ + size_); }
  FakeRing(const FakeRing&) = delete;
  FakeRing& operator=(const FakeRing&) = delete;

  const Descriptor& file() const { return file_; }

  void write(const std::vector<std::byte>& bytes) {
    auto* control = reinterpret_cast<perf_event_mmap_page*>(base_);
    for (std::size_t i = 0; i < bytes.size(); ++i) base_[page_ + ((control->data_head + i) & (size_ - 1))] = bytes[i];
    __atomic_store_n(&control->data_head, control->data_head + bytes.size(), __ATOMIC_RELEASE);
  }

 private:
  std::size_t page_;
  std::size_t size_;
  Descriptor file_;
  std::byte* base_ = nullptr;
};

TEST(Ring, TellsHowMuchWasLost) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  FakeRing kernel(page);
  Ring ring;
  ASSERT_TRUE(ring.map(kernel.file(), page, page));
  std::uint64_t lost = 0, others = 0;
  const auto drain = [&] {
    ring.drain([&](const PerfRecord& each) {
      if (each.type == PERF_RECORD_LOST || each.type == PERF_RECORD_LOST_SAMPLES) lost += parse_lost(each);
      else ++others;
    });
  };
  kernel.write(record(PERF_RECORD_LOST, Bytes().put<std::uint64_t>(1).put<std::uint64_t>(17)));
  kernel.write(record(PERF_RECORD_LOST_SAMPLES, Bytes().put<std::uint64_t>(5)));
  kernel.write(record(PERF_RECORD_SAMPLE, Bytes().put<std::uint64_t>(9)));
  drain();
  EXPECT_EQ(lost, 22u);
  EXPECT_EQ(others, 1u);
  // Many more than fit at once, so that records wrap around the end: none is read twice or broken.
  for (std::uint64_t round = 0; round < page; ++round) {
    kernel.write(record(PERF_RECORD_LOST, Bytes().put<std::uint64_t>(1).put<std::uint64_t>(1)));
    drain();
  }
  EXPECT_EQ(lost, 22u + page);
}

std::vector<std::byte> switch_body(int tid, std::uint64_t time) {
  return Bytes().put<std::int32_t>(7).put<std::int32_t>(tid).put<std::uint64_t>(time).get();
}

class Told {
 public:
  void in(int tid, std::uint64_t time) { tell(PERF_RECORD_SWITCH, 0, switch_body(tid, time)); }
  void waits(int tid, std::uint64_t time) { tell(PERF_RECORD_SWITCH, PERF_RECORD_MISC_SWITCH_OUT, switch_body(tid, time)); }
  void preempted(int tid, std::uint64_t time) {
    tell(PERF_RECORD_SWITCH, PERF_RECORD_MISC_SWITCH_OUT | PERF_RECORD_MISC_SWITCH_OUT_PREEMPT, switch_body(tid, time));
  }
  void exits(int tid, std::uint64_t time) {
    tell(PERF_RECORD_EXIT, 0, Bytes().put<std::int32_t>(7).put<std::int32_t>(1).put<std::int32_t>(tid).put<std::int32_t>(1).put<std::uint64_t>(time).get());
  }
  SwitchTallies tallies;

 private:
  void tell(std::uint32_t type, int misc, const std::vector<std::byte>& body) {
    tallies.on_record(PerfRecord{type, static_cast<std::uint16_t>(misc), body});
  }
};

TEST(SwitchTallies, TellWaitsFromPreemptions) {
  Told told;
  told.in(10, 1);
  told.preempted(10, 3);
  told.in(11, 3);
  told.waits(11, 4);
  // CPU by CPU, not in the order of time.
  told.in(10, 9);
  told.waits(10, 10);
  told.in(10, 5);
  told.waits(10, 8);
  const SwitchTally* tally = told.tallies.find(10, 0, 20);
  ASSERT_NE(tally, nullptr);
  EXPECT_EQ(tally->waits, 2u);
  EXPECT_EQ(tally->preemptions, 1u);
  EXPECT_EQ(told.tallies.switches(), 4u);
}

TEST(SwitchTallies, KeepThreadsOfOneNumberApart) {
  Told told;
  told.in(10, 1);
  told.exits(10, 2);
  told.in(10, 5);
  told.preempted(10, 9);
  ASSERT_EQ(told.tallies.all().size(), 2u);
  EXPECT_EQ(told.tallies.find(10, 0, 2)->preemptions, 0u);
  EXPECT_EQ(told.tallies.find(10, 5, 20)->preemptions, 1u);
  EXPECT_EQ(told.tallies.find(12, 0, 20), nullptr);
  EXPECT_EQ(told.tallies.find(10, 11, 20), nullptr);
}

// Its end is in the ring of the CPU that is read first.
TEST(SwitchTallies, TakeWhatComesAfterTheEndButWasBefore) {
  Told told;
  told.exits(10, 9);
  told.preempted(10, 4);
  ASSERT_EQ(told.tallies.all().size(), 1u);
  EXPECT_EQ(told.tallies.find(10, 0, 20)->preemptions, 1u);
  EXPECT_NE(told.tallies.find(10, 0, 5), nullptr);
}

TEST(SwitchTallies, PassOverWhatIsCutShort) {
  Told told;
  const auto body = switch_body(10, 5);
  told.tallies.on_record(PerfRecord{PERF_RECORD_SWITCH, PERF_RECORD_MISC_SWITCH_OUT, std::span(body).first(12)});
  EXPECT_EQ(told.tallies.switches(), 0u);
  EXPECT_TRUE(told.tallies.all().empty());
}

ProfileOptions options_for(const std::string& mode) {
  ProfileOptions options;
  options.command = {CONCADVISE_TARGET, mode};
  options.level = LevelLimit::perf;
  return options;
}

Profile profile_of(const std::string& mode) {
  auto profile = run_profile(options_for(mode), [] { return false; });
  if (profile) return std::move(*profile);
  ADD_FAILURE() << profile.error().cause;
  return {};
}

std::string missing(const Profile& profile, const std::string& level) {
  for (const Rung& each : profile.measurement.ladder)
    if (each.level == level) return each.used ? "" : level + ": " + each.why_not;
  return "no rung " + level;
}

bool notes_say(const Profile& profile, const std::string& words) {
  return std::any_of(profile.measurement.notes.begin(), profile.measurement.notes.end(),
                     [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

// Two threads on one CPU compute longer than the scheduler lets them, and sleep 60 times each.
std::string wrong_with_turns(const Profile& profile) {
  int sleepers = 0;
  for (const Thread& thread : profile.threads) {
    double sleeps = 0;
    for (const Wait& wait : thread.waits)
      if (wait.state == State::timer) sleeps += wait.count;
    if (sleeps == 0) continue;
    ++sleepers;
    if (thread.preemptions < 20) return fmt::format("{} preemptions in {} switches", thread.preemptions, thread.switches);
    // schedstat is read first a moment after its birth, the records begin with it.
    if (thread.preemptions + 60 > thread.switches + thread.switches / 20 + 5) return fmt::format("{} preemptions and 60 waits in {} switches", thread.preemptions, thread.switches);
    if (sleeps < 40 || sleeps > 80) return fmt::format("{} sleeps in place of 60; {} switches, {} of them preemptions", sleeps, thread.switches, thread.preemptions);
  }
  return sleepers == 2 ? "" : fmt::format("{} threads that sleep", sleepers);
}

TEST(SwitchRecords, PreemptionsAreNotCountedAsWaits) {
  const Profile profile = profile_of("take-turns");
  if (const std::string why = missing(profile, "perf switches"); !why.empty()) GTEST_SKIP() << why;
  EXPECT_EQ(wrong_with_turns(profile), "");
}

TEST(SwitchRecords, NeedNoPrivilege) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  if (!test::others_may_run(CONCADVISE_TARGET)) GTEST_SKIP() << "other users may not go where the target is";
  const std::string said = as_user(kNobody, []() -> std::string {
    const Profile profile = profile_of("take-turns");
    const std::string why = missing(profile, "perf switches");
    return why.empty() ? wrong_with_turns(profile) : "skip " + why;
  });
  if (said.starts_with("skip")) GTEST_SKIP() << said;
  EXPECT_EQ(said, "");
}

TEST(SwitchRecords, AreGivenUpWhereSwitchesAreMany) {
  const Profile profile = profile_of("ping-pong");
  if (const std::string why = missing(profile, "perf switches"); !why.empty()) GTEST_SKIP() << why;
  double switches = 0;
  for (const Thread& thread : profile.threads) switches += static_cast<double>(thread.switches);
  if (switches / profile.measurement.wall_s < 3 * SwitchRecords::kMostSwitches) GTEST_SKIP() << "the machine is too busy for many switches";
  EXPECT_TRUE(notes_say(profile, "Switch records were given up"));
  for (const Thread& thread : profile.threads) EXPECT_EQ(thread.preemptions, 0u);
}

TEST(SwitchRecords, AreLeftToTheLevelAbove) {
  SwitchRecords records;
  EXPECT_TRUE(records.adds_to({{"procfs", true, "", ""}, {"sched", false, "no privilege", ""}}));
  EXPECT_FALSE(records.adds_to({{"procfs", true, "", ""}, {"sched", true, "", ""}}));
}

TEST(SwitchRecords, WithoutMemoryForTheirRingsSayWhy) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  if (!test::others_may_run(CONCADVISE_TARGET)) GTEST_SKIP() << "other users may not go where the target is";
  const std::string said = as_user(kNobody, []() -> std::string {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_MEMLOCK, &none);
    const Profile profile = profile_of("burn");
    if (const std::string why = missing(profile, "perf"); !why.empty()) return "skip " + why;
    const std::string why = missing(profile, "perf switches");
    if (why.empty()) return "skip the kernel gives users more memory than the samples take";
    return why.find("may lock") != std::string::npos ? "" : why;
  });
  if (said.starts_with("skip")) GTEST_SKIP() << said;
  EXPECT_EQ(said, "");
}

// We are kept from reading for longer than a ring lasts.
std::string wrong_with_overrun() {
  ProfileOptions options = options_for("burn");
  options.frequency_hz = 10'000;
  int looks = 0;
  const auto profile = run_profile(options, [&] {
    const timespec long_enough{0, 500'000'000};
    if (++looks == 20) nanosleep(&long_enough, nullptr);
    return false;
  });
  if (!profile) return profile.error().cause;
  if (const std::string why = missing(*profile, "perf"); !why.empty()) return "skip " + why;
  if (!notes_say(*profile, "CPU samples")) return "it is not said";
  const Measurement& m = profile->measurement;
  if (m.lost <= 0.1 || m.lost > 1) return fmt::format("{} lost", m.lost);
  if (m.lost_events == 0) return "no events lost";
  if (m.cpu_samples == 0) return "no samples left";
  return {};
}

TEST(Overrun, IsCountedAndSaid) {
  const std::string said = wrong_with_overrun();
  if (said.starts_with("skip")) GTEST_SKIP() << said;
  EXPECT_EQ(said, "");
}

TEST(Overrun, IsCountedForUsersToo) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  if (!test::others_may_run(CONCADVISE_TARGET)) GTEST_SKIP() << "other users may not go where the target is";
  const std::string said = as_user(kNobody, wrong_with_overrun);
  if (said.starts_with("skip")) GTEST_SKIP() << said;
  EXPECT_EQ(said, "");
}

/// A machine with some of the counters: what perf_event_open gives is a file with what read() of the event would give.
class FakeMachine {
 public:
  struct Count {
    std::uint64_t value, enabled_ns, running_ns;
  };

  FakeMachine& has(std::uint64_t config, Count count) {
    counts_.emplace_back(config, count);
    return *this;
  }

  OpenEvent open() {
    return [this](const perf_event_attr& attributes, pid_t, int cpu, int group) -> Descriptor {
      opened.push_back(attributes);
      groups.push_back(group);
      EXPECT_EQ(cpu, -1);
      for (const auto& [config, count] : counts_) {
        if (attributes.type != PERF_TYPE_HARDWARE || attributes.config != config) continue;
        Descriptor file(memfd_create("count", MFD_CLOEXEC));
        if (pwrite(file.get(), &count, sizeof count, 0) != static_cast<ssize_t>(sizeof count)) ADD_FAILURE() << "no memory";
        return file;
      }
      errno = refusal;
      return {};
    };
  }

  std::vector<perf_event_attr> opened;
  std::vector<int> groups;
  int refusal = ENOENT;

 private:
  std::vector<std::pair<std::uint64_t, Count>> counts_;
};

class CountersTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(census_.add_root(getpid(), false)); }

  Counters counted(FakeMachine& machine) {
    HardwareCounters counters(machine.open());
    rung_ = counters.start(census_, true);
    counters.poll(census_, now_ns());
    counters.stop();
    Profile profile;
    counters.contribute(census_, 0, profile);
    return profile.counters;
  }

  Census census_;
  Rung rung_;
};

constexpr std::uint64_t kSecond = 1'000'000'000;

TEST_F(CountersTest, AreScaledToAllOfTheTime) {
  FakeMachine machine;
  machine.has(PERF_COUNT_HW_CPU_CYCLES, {1000, kSecond, kSecond / 2})
      .has(PERF_COUNT_HW_INSTRUCTIONS, {400, kSecond, kSecond / 2})
      .has(PERF_COUNT_HW_STALLED_CYCLES_BACKEND, {600, kSecond, kSecond / 2})
      .has(PERF_COUNT_HW_CACHE_MISSES, {30, kSecond, kSecond});
  const Counters counters = counted(machine);
  EXPECT_TRUE(rung_.used);
  EXPECT_EQ(rung_.level, "perf counters");
  EXPECT_DOUBLE_EQ(counters.cycles, 2000);
  EXPECT_DOUBLE_EQ(counters.instructions, 800);
  EXPECT_DOUBLE_EQ(counters.stalled_cycles, 1200);
  EXPECT_DOUBLE_EQ(counters.counted_s, 1);
  ASSERT_EQ(machine.opened.size(), 4u);
  for (const perf_event_attr& attributes : machine.opened) {
    EXPECT_EQ(attributes.inherit, 1u);
    EXPECT_EQ(attributes.exclude_kernel, 1u);
  }
  EXPECT_EQ(machine.groups.front(), -1);
  for (std::size_t i = 1; i < machine.groups.size(); ++i) EXPECT_GE(machine.groups[i], 0);
}

TEST_F(CountersTest, WorkWithoutThoseThatAreMissing) {
  FakeMachine machine;
  machine.has(PERF_COUNT_HW_CPU_CYCLES, {1000, kSecond, kSecond}).has(PERF_COUNT_HW_INSTRUCTIONS, {400, kSecond, kSecond});
  const Counters counters = counted(machine);
  EXPECT_TRUE(rung_.used);
  EXPECT_DOUBLE_EQ(counters.instructions, 400);
  EXPECT_EQ(counters.stalled_cycles, -1);
}

TEST_F(CountersTest, OfAMachineWithoutThemAreUnknown) {
  FakeMachine machine;
  const Counters counters = counted(machine);
  EXPECT_FALSE(rung_.used);
  EXPECT_NE(rung_.why_not.find("no hardware counters"), std::string::npos);
  EXPECT_EQ(rung_.command, "");
  EXPECT_EQ(counters.cycles, -1);
  EXPECT_EQ(machine.opened.size(), 1u);  // the first refusal is enough
}

TEST_F(CountersTest, ThatMayNotBeUsedSayWhy) {
  FakeMachine machine;
  machine.refusal = EMFILE;
  counted(machine);
  EXPECT_FALSE(rung_.used);
  EXPECT_EQ(rung_.level, "perf counters");
  EXPECT_NE(rung_.why_not.find("open files"), std::string::npos);
}

TEST_F(CountersTest, ThatNeverGotOntoTheHardwareAreUnknown) {
  FakeMachine machine;
  machine.has(PERF_COUNT_HW_CPU_CYCLES, {0, kSecond, 0}).has(PERF_COUNT_HW_INSTRUCTIONS, {0, kSecond, 0});
  const Counters counters = counted(machine);
  EXPECT_EQ(counters.cycles, -1);
  EXPECT_EQ(counters.counted_s, 0);
}

TEST(Events, HaveNamesToChooseFrom) {
  const std::vector<std::string> names = event_names();
  for (const char* name : {"cpu-clock", "page-faults", "cycles"})
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  EXPECT_TRUE(event_attributes("CPU-CLOCK", false).has_value());
}

TEST(CpuSampling, TakesOtherSoftwareEventsAndSaysWhatTheyMean) {
  ProfileOptions options = options_for("burn");
  options.cpu_event = "page-faults";
  const auto profile = run_profile(options, [] { return false; });
  ASSERT_TRUE(profile.has_value());
  if (const std::string why = missing(*profile, "perf"); !why.empty()) GTEST_SKIP() << why;
  EXPECT_TRUE(notes_say(*profile, "page-faults"));
  EXPECT_FALSE(notes_say(*profile, "instead"));
}

// Virtual machines mostly have no such counter: then it is the clock, and that is said.
TEST(CpuSampling, TakesHardwareEventsOrSaysThatItDoesNot) {
  ProfileOptions options = options_for("burn");
  options.cpu_event = "cycles";
  const auto profile = run_profile(options, [] { return false; });
  ASSERT_TRUE(profile.has_value());
  if (const std::string why = missing(*profile, "perf"); !why.empty()) GTEST_SKIP() << why;
  const bool counted = missing(*profile, "perf counters").empty();
  EXPECT_EQ(notes_say(*profile, "cpu-clock instead"), !counted);
  EXPECT_GT(profile->measurement.cpu_samples, 10u);
}

}  // namespace
}  // namespace concadvise
