#include "rules/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/synthetic.h"

namespace concadvise {
namespace {

using test::Synthetic;
using S = State;

Verdict verdict_of(const Profile& profile) { return decide(profile, measure(profile), Thresholds::builtin()); }

std::string word(const Profile& profile) {
  const Verdict verdict = verdict_of(profile);
  return verdict.klass + "/" + verdict.resource;
}

TEST(Verdict, OneThreadThatComputes) {
  const Verdict verdict = verdict_of(Synthetic().threads(1, {{S::on_cpu, 1}}).path({{S::on_cpu, 1}}).done());
  EXPECT_EQ(verdict.klass, "cpu-bound");
  EXPECT_EQ(verdict.resource, "one-core");
  EXPECT_GT(verdict.confidence, 0.8);
  EXPECT_FALSE(verdict.summary.empty());
  EXPECT_FALSE(verdict.nearest.empty());
  EXPECT_GE(verdict.ruled_out.size(), 4u);
}

TEST(Verdict, WorkersThatComputeBehindAJoiningMainThread) {
  Synthetic program;
  program.threads(1, {{S::handoff, 1}}).threads(2, {{S::on_cpu, 0.97}, {S::runnable, 0.03}}).path({{S::on_cpu, 0.98}, {S::runnable, 0.02}});
  EXPECT_EQ(word(program.done()), "cpu-bound/all-cores");
}

TEST(Verdict, ManyParkedThreadsDoNotHideTheOneThatComputes) {
  Synthetic program;
  program.threads(1, {{S::on_cpu, 1}}).threads(60, {{S::idle, 1}}).threads(5, {{S::handoff, 1}}).threads(3, {{S::timer, 1}}).path({{S::on_cpu, 1}});
  EXPECT_EQ(word(program.done()), "cpu-bound/one-core");
}

TEST(Verdict, ASleeperIsIoBoundOnATimer) {
  EXPECT_EQ(word(Synthetic(3).threads(1, {{S::on_cpu, 0.001}, {S::timer, 0.999}}).path({{S::on_cpu, 0.001}, {S::timer, 0.999}}).done()), "io-bound/timer");
}

TEST(Verdict, SynchronousWritesWithAQuarterOfComputing) {
  EXPECT_EQ(word(Synthetic().threads(1, {{S::on_cpu, 0.27}, {S::disk, 0.73}}).path({{S::on_cpu, 0.27}, {S::disk, 0.73}}).done()), "io-bound/disk");
}

TEST(Verdict, ColdScanIsMixed) {
  EXPECT_EQ(word(Synthetic().threads(1, {{S::on_cpu, 0.48}, {S::disk, 0.52}}).path({{S::on_cpu, 0.48}, {S::disk, 0.52}}).done()), "mixed/disk");
}

TEST(Verdict, ALockThatSerialisesLeavesThePathOnCpu) {
  Synthetic program;
  program.threads(1, {{S::handoff, 1}}).threads(8, {{S::on_cpu, 0.12}, {S::lock, 0.88}}).path({{S::on_cpu, 0.97}, {S::lock, 0.03}});
  EXPECT_EQ(word(program.done()), "lock-bound/mutex");
}

TEST(Verdict, TwoThreadsUnderTheGil) {
  Synthetic program;
  program.python().threads(1, {{S::handoff, 1}}).threads(2, {{S::on_cpu, 0.5}, {S::runnable, 0.15}, {S::gil, 0.35}}).path({{S::on_cpu, 0.9}, {S::runnable, 0.1}});
  EXPECT_EQ(word(program.done()), "lock-bound/gil");
}

TEST(Verdict, ThreadsThatWaitForWorkFromAPeerAreNotLockBound) {
  Synthetic program;
  program.threads(1, {{S::on_cpu, 0.9}, {S::disk, 0.1}}).threads(8, {{S::on_cpu, 0.02}, {S::handoff, 0.98}}).path({{S::on_cpu, 0.92}, {S::disk, 0.08}});
  EXPECT_EQ(word(program.done()), "cpu-bound/one-core");
}

TEST(Verdict, LocksDoNotMatterWhereAllCpusAreBusy) {
  Synthetic program;
  program.threads(3, {{S::on_cpu, 0.65}, {S::lock, 0.35}}).path({{S::on_cpu, 1}});
  EXPECT_EQ(word(program.done()), "cpu-bound/all-cores");
}

TEST(Verdict, MoreRunnableThreadsThanCpus) {
  Synthetic program;
  program.threads(8, {{S::on_cpu, 0.25}, {S::runnable, 0.75}}).path({{S::on_cpu, 0.25}, {S::runnable, 0.75}});
  EXPECT_EQ(word(program.done()), "oversubscribed/all-cores");
}

TEST(Verdict, ANeighbourOnTheCpuIsNotOversubscription) {
  Synthetic program;
  program.threads(1, {{S::on_cpu, 0.5}, {S::runnable, 0.5}}).path({{S::on_cpu, 0.5}, {S::runnable, 0.5}});
  const Verdict crowded = verdict_of(program.done());
  EXPECT_EQ(crowded.klass, "cpu-bound");
  const Verdict alone = verdict_of(Synthetic().threads(1, {{S::on_cpu, 1}}).path({{S::on_cpu, 1}}).done());
  EXPECT_LT(crowded.confidence, alone.confidence);
  EXPECT_THAT(crowded.confidence_why, ::testing::Contains(::testing::HasSubstr("other programs")));
}

TEST(Verdict, ANeighbourDoesNotTurnAWaitingProgramIntoAComputingOne) {
  EXPECT_EQ(word(Synthetic().threads(1, {{S::on_cpu, 0.1}, {S::runnable, 0.6}, {S::disk, 0.3}}).path({{S::on_cpu, 0.1}, {S::runnable, 0.6}, {S::disk, 0.3}}).done()),
            "io-bound/disk");
}

TEST(Verdict, StandingInTheQueueIsNoComputingBesideTheWaits) {
  EXPECT_EQ(word(Synthetic().threads(1, {{S::on_cpu, 0.1}, {S::runnable, 0.72}, {S::disk, 0.18}}).path({{S::on_cpu, 0.1}, {S::runnable, 0.72}, {S::disk, 0.18}}).done()),
            "io-bound/disk");
}

TEST(Verdict, PingPongOverPipesIsNotCpuBound) {
  Synthetic program;
  program.threads(2, {{S::on_cpu, 0.34}, {S::runnable, 0.12}, {S::ipc, 0.54}}).path({{S::on_cpu, 0.75}, {S::runnable, 0.2}, {S::ipc, 0.05}});
  EXPECT_THAT(word(program.done()), ::testing::AnyOf("io-bound/ipc", "mixed/ipc"));
}

TEST(Verdict, APipelineWithOneBusyStageIsCpuBound) {
  Synthetic program;
  program.threads(1, {{S::on_cpu, 0.98}, {S::ipc, 0.02}}).threads(1, {{S::on_cpu, 0.1}, {S::ipc, 0.9}}).threads(1, {{S::child, 1}}).path({{S::on_cpu, 0.98}, {S::ipc, 0.02}});
  EXPECT_EQ(word(program.done()), "cpu-bound/one-core");
}

TEST(Verdict, AnAttachedServerWithoutRequestsIsIdle) {
  Synthetic program(4);
  program.attached().threads(1, {{S::on_cpu, 0.002}, {S::idle, 0.998}}).threads(4, {{S::idle, 1}});
  EXPECT_EQ(word(program.done()), "idle/");
}

TEST(Verdict, WaitersThatQueueBehindNeighboursAreNoOversubscription) {
  Synthetic program;
  program.threads(4, {{S::on_cpu, 0.05}, {S::runnable, 0.6}, {S::disk, 0.35}}).path({{S::on_cpu, 0.05}, {S::runnable, 0.6}, {S::disk, 0.35}});
  Profile profile = program.done();
  profile.machine.neighbours_cores = 1.9;
  EXPECT_EQ(word(profile), "io-bound/disk");
}

// First it waits; then its two workers hold both CPUs, and the thread that feeds them queues behind them for a fifth of that.
TEST(Verdict, QueueingBehindItsOwnWorkersIsComputing) {
  Synthetic program;
  program.threads(2, {{S::on_cpu, 0.42}, {S::handoff, 0.58}}).threads(1, {{S::on_cpu, 0.04}, {S::runnable, 0.1}, {S::network, 0.53}, {S::handoff, 0.33}});
  program.path({{S::on_cpu, 0.34}, {S::runnable, 0.13}, {S::network, 0.53}});
  Profile profile = program.done();
  for (std::size_t i = 0; i < profile.windows.size(); ++i) {
    Window& window = profile.windows[i];
    const double length = window.end_s - window.start_s;
    const double at = static_cast<double>(i) / static_cast<double>(profile.windows.size());
    window.path = StateTimes{};
    window.path[at < 0.53 ? S::network : at < 0.87 ? S::on_cpu : S::runnable] = length;
    window.cores = at < 0.53 ? 0.02 : 1.95;
  }
  EXPECT_EQ(word(profile), "mixed/all-cores");
  for (Window& window : profile.windows) window.cores = window.path[S::on_cpu] > 0 ? 1.95 : 0.02;
  EXPECT_EQ(word(profile), "io-bound/network") << "neighbours held the CPUs while it queued";
}

TEST(Verdict, NeighboursDoNotMakeTwoBurnersOne) {
  Synthetic program;
  program.threads(2, {{S::on_cpu, 0.5}, {S::runnable, 0.5}}).path({{S::on_cpu, 0.5}, {S::runnable, 0.5}});
  Profile profile = program.done();
  profile.machine.neighbours_cores = 1;
  EXPECT_EQ(word(profile), "cpu-bound/all-cores");
}

TEST(Verdict, AnAttachedServerThatUsedNoCpuAtAllIsIdle) {
  Synthetic program;
  program.attached().threads(1, {{S::idle, 1}});
  EXPECT_EQ(word(program.done()), "idle/");
}

TEST(Verdict, AnAttachedServerWithOneFullWorkerIsCpuBound) {
  Synthetic program(4);
  program.attached().threads(1, {{S::idle, 1}}).threads(1, {{S::on_cpu, 0.95}, {S::idle, 0.05}});
  EXPECT_EQ(word(program.done()), "cpu-bound/one-core");
}

TEST(Verdict, ShortLivedChildrenCountAsComputing) {
  Synthetic program;
  program.threads(1, {{S::on_cpu, 0.1}, {S::child, 0.9}}).path({{S::on_cpu, 0.1}, {S::child, 0.9}});
  Profile profile = program.done();
  profile.measurement.unattributed_cpu_s = 4;
  profile.measurement.cpu_s = 4.5;
  EXPECT_EQ(word(profile), "cpu-bound/one-core");
}

TEST(Verdict, TooLittleDataWithholdsTheVerdict) {
  Profile profile = Synthetic(0.01).threads(1, {{S::on_cpu, 0.5}, {S::disk, 0.5}}).path({{S::on_cpu, 0.5}, {S::disk, 0.5}}).done();
  EXPECT_EQ(word(profile), "insufficient-data/");
  profile = Synthetic().threads(1, {{S::on_cpu, 1}}).path({{S::on_cpu, 1}}).done();
  profile.measurement.lost = 0.6;
  EXPECT_EQ(word(profile), "insufficient-data/");
  EXPECT_EQ(verdict_of(Profile{}).klass, "insufficient-data");
}

TEST(Verdict, LostDataAndClosenessLowerConfidence) {
  const auto cpu = [](double share) {
    return Synthetic().threads(1, {{S::on_cpu, share}, {S::disk, 1 - share}}).path({{S::on_cpu, share}, {S::disk, 1 - share}}).done();
  };
  EXPECT_GT(verdict_of(cpu(0.99)).confidence, verdict_of(cpu(0.72)).confidence + 0.1);
  Profile lossy = cpu(0.99);
  lossy.measurement.lost = 0.2;
  EXPECT_GT(verdict_of(cpu(0.99)).confidence, verdict_of(lossy).confidence + 0.1);
}

/// Shares anywhere in the simplex give a class with a resource, a sentence and a confidence in 0..1.
TEST(VerdictProperty, AnyMixOfStatesIsJudged) {
  const int steps = 4;
  std::vector<int> parts(kStateCount, 0);
  const std::function<void(std::size_t, int)> walk = [&](std::size_t index, int left) {
    if (index + 1 == kStateCount) {
      parts[index] = left;
      Synthetic program;
      Thread thread;
      StateTimes shares;
      for (State state : kAllStates) shares[state] = static_cast<double>(parts[static_cast<std::size_t>(state)]) / steps;
      thread.states = shares.scaled(5);
      program.raw().threads.push_back(thread);
      program.raw().shares = shares;
      for (const bool attached : {false, true}) {
        program.raw().target.attached = attached;
        program.raw().windows.clear();
        const Verdict verdict = verdict_of(program.done());
        EXPECT_THAT(verdict.klass, ::testing::AnyOf("cpu-bound", "io-bound", "lock-bound", "oversubscribed", "idle", "mixed"));
        EXPECT_EQ(verdict.resource.empty(), verdict.klass == "idle");
        EXPECT_FALSE(verdict.summary.empty());
        EXPECT_GT(verdict.confidence, 0);
        EXPECT_LE(verdict.confidence, 1);
      }
      return;
    }
    for (int take = 0; take <= left; ++take) {
      parts[index] = take;
      walk(index + 1, left - take);
    }
  };
  walk(0, steps);
}

/// Without its waits the run would last as long as the thread that computes beside them.
TEST(Verdict, TwoRolesThatEachLastAsLongAsTheRunAreMixed) {
  const auto with = [](double computes) {
    return word(Synthetic().threads(4, {{S::network, 1.0}}).threads(1, {{S::on_cpu, computes}, {S::ipc, 1 - computes}}).path({{S::network, 0.97}, {S::on_cpu, 0.03}}).done());
  };
  EXPECT_EQ(with(0.97), "mixed/network");
  EXPECT_EQ(with(0.5), "io-bound/network");
}

/// With more computing and less waiting the class only moves from io-bound over mixed to cpu-bound.
TEST(VerdictProperty, MoreComputingNeverLooksLikeLess) {
  const std::vector<std::string> order = {"io-bound", "mixed", "cpu-bound"};
  for (State wait : {S::disk, S::network, S::timer, S::ipc, S::child}) {
    std::ptrdiff_t last = 0;
    for (int percent = 0; percent <= 100; ++percent) {
      const double share = percent / 100.0;
      const std::string klass = verdict_of(Synthetic().threads(1, {{S::on_cpu, share}, {wait, 1 - share}}).path({{S::on_cpu, share}, {wait, 1 - share}}).done()).klass;
      const auto place = std::find(order.begin(), order.end(), klass);
      ASSERT_NE(place, order.end()) << klass << " at " << percent;
      EXPECT_GE(place - order.begin(), last) << name_of(wait) << " " << percent;
      last = place - order.begin();
    }
  }
}

TEST(Thresholds, EachHasTextUnitAndSource) {
  int count = 0;
  for (const auto& [name, threshold] : Thresholds::builtin()) {
    ++count;
    EXPECT_FALSE(threshold.text.empty()) << name;
    EXPECT_FALSE(threshold.unit.empty()) << name;
    EXPECT_GT(threshold.source.size(), 20u) << name;
    EXPECT_GT(threshold.value, 0) << name;
    EXPECT_GE(threshold.margin, 0) << name;
  }
  EXPECT_GT(count, 15);
}

TEST(Thresholds, AProjectCanMoveABorderAndTyposAreNamed) {
  Thresholds mine = Thresholds::builtin();
  ASSERT_TRUE(mine.adjust("compute_bound", 0.5).has_value());
  EXPECT_TRUE(mine["compute_bound"].adjusted);
  const Profile profile = Synthetic().threads(1, {{S::on_cpu, 0.6}, {S::disk, 0.4}}).path({{S::on_cpu, 0.6}, {S::disk, 0.4}}).done();
  EXPECT_EQ(verdict_of(profile).klass, "mixed");
  EXPECT_EQ(decide(profile, measure(profile), mine).klass, "cpu-bound");
  const auto typo = mine.adjust("compute_bond", 0.5);
  ASSERT_FALSE(typo.has_value());
  EXPECT_NE(typo.error().next.find("compute_bound"), std::string::npos);
}

}  // namespace
}  // namespace concadvise
