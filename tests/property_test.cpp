// What holds for any program: shares anywhere in the simplex get an answer, answers move one way with the metric that decides them,
// every way through the chart ends in a leaf, every text is whole in every language.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>

#include "rules/cpu_use.h"
#include "rules/flowchart.h"
#include "rules/judge.h"
#include "rules/texts.h"
#include "rules/verdict.h"
#include "tests/synthetic.h"

namespace concadvise {
namespace {

using test::Synthetic;
using S = State;

Session judged(Profile profile) {
  Session session;
  session.profile = std::move(profile);
  judge(session);
  return session;
}

/// One thread whose life has these shares, and the waits that belong to them.
Profile program_with(const StateTimes& shares, bool python, double cpus) {
  Synthetic program(4, cpus);
  if (python) program.python();
  Thread thread;
  thread.states = shares.scaled(4);
  program.raw().threads.push_back(thread);
  program.raw().shares = shares;
  for (State state : {S::disk, S::network, S::ipc, S::timer, S::child})
    if (shares[state] > 0.01) program.wait(state, 4 * shares[state], 20, 0.5 * shares[state], shares[state]);
  return program.done();
}

/// Calls `visit` with every point of the simplex over `states` whose coordinates are multiples of 1 / steps.
void for_each_mix(const std::vector<State>& states, int steps, const std::function<void(const StateTimes&)>& visit) {
  StateTimes mix;
  const std::function<void(std::size_t, int)> rest = [&](std::size_t at, int left) {
    if (at + 1 == states.size()) {
      mix[states[at]] = static_cast<double>(left) / steps;
      visit(mix);
      mix[states[at]] = 0;
      return;
    }
    for (int here = 0; here <= left; ++here) {
      mix[states[at]] = static_cast<double>(here) / steps;
      rest(at + 1, left - here);
    }
    mix[states[at]] = 0;
  };
  rest(0, steps);
}

TEST(Property, SharesAnywhereInTheSimplexGetAnAnswer) {
  const std::vector<State> states = {S::on_cpu, S::disk, S::network, S::lock, S::gil, S::timer, S::idle};
  std::set<std::string> classes, models;
  int mixes = 0;
  for (const bool python : {false, true})
    for_each_mix(states, 5, [&](const StateTimes& mix) {
      const Session session = judged(program_with(mix, python, 2));
      ++mixes;
      classes.insert(session.verdict.klass);
      models.insert(session.advice.model);
      ASSERT_FALSE(session.verdict.summary.empty());
      ASSERT_GE(session.verdict.confidence, 0);
      ASSERT_LE(session.verdict.confidence, 1);
      ASSERT_TRUE(Flowchart::builtin().leaves().count(session.advice.path.back().next)) << session.advice.path.back().next;
      ASSERT_FALSE(session.advice.actions.empty());
      for (const Prediction& one : session.advice.predictions) {
        ASSERT_TRUE(std::isfinite(one.wall_s.low) && std::isfinite(one.wall_s.high)) << one.model;
        ASSERT_GT(one.wall_s.low, 0) << one.model;
        ASSERT_LE(one.wall_s.high, 2.0001 * one.wall_s.low) << one.model;
      }
    });
  EXPECT_EQ(mixes, 2 * 462) << "binomial(5 + 6, 6) points each";
  EXPECT_GE(classes.size(), 5u);
  EXPECT_GE(models.size(), 5u);
}

/// Classes in the order that they appear in while `share` grows from 0 to 1, repeats left out.
std::vector<std::string> classes_along(const std::function<Profile(double share)>& program) {
  std::vector<std::string> out;
  for (int i = 0; i <= 200; ++i) {
    const std::string klass = judged(program(i / 200.0)).verdict.klass;
    if (out.empty() || out.back() != klass) out.push_back(klass);
  }
  return out;
}

TEST(Property, VerdictsChangeOneWayWithTheMetricThatDecidesThem) {
  const auto mix = [](State rising, State falling, bool python) {
    return [=](double share) {
      StateTimes states;
      states[rising] = share;
      states[falling] += 1 - share;
      return program_with(states, python, 2);
    };
  };
  using Classes = std::vector<std::string>;
  for (State wait : {S::disk, S::network, S::timer}) EXPECT_EQ(classes_along(mix(S::on_cpu, wait, false)), (Classes{"io-bound", "mixed", "cpu-bound"})) << name_of(wait);
  EXPECT_EQ(classes_along(mix(S::idle, S::on_cpu, false)), (Classes{"cpu-bound", "mixed", "idle"}));
  const auto behind = [](State state) {
    return [=](double share) {
      Synthetic program(4, 4);
      program.python().threads(4, {{S::on_cpu, 0.25 * (1 - share) + 0.05}, {state, share}, {S::handoff, 0.95 - 0.25 * (1 - share) - share > 0 ? 0.95 - 0.25 * (1 - share) - share : 0}});
      return program.path({{S::on_cpu, 1}}).done();
    };
  };
  EXPECT_EQ(classes_along(behind(S::lock)), (Classes{"cpu-bound", "lock-bound"}));
  EXPECT_EQ(classes_along(behind(S::gil)), (Classes{"cpu-bound", "lock-bound"}));
}

TEST(Property, EachConditionOfTheChartFlipsOnceAndTheRightWay) {
  for (const Node& node : Flowchart::builtin().nodes()) {
    for (const NodeCondition& moving : node.conditions) {
      Metrics metrics;
      for (const NodeCondition& each : node.conditions) {
        const double border = Thresholds::builtin().value(each.threshold);
        metrics.set(each.metric, each.below ? border / 2 : border * 2, 0, "");
      }
      const double border = Thresholds::builtin().value(moving.threshold);
      int flips = 0;
      std::string last;
      for (int i = 0; i <= 40; ++i) {
        metrics.set(moving.metric, border * i / 20, 0, "");
        const Walk walk = Flowchart::builtin().walk_from(node.id, metrics, Thresholds::builtin());
        const std::string answer = walk.path.front().answer;
        ASSERT_NE(answer, "not-enough-data") << node.id;
        if (!last.empty() && answer != last) ++flips;
        last = answer;
      }
      EXPECT_EQ(flips, 1) << node.id << ": " << moving.metric;
      EXPECT_EQ(last, moving.below ? "no" : "yes") << node.id << ": " << moving.metric;
    }
  }
}

TEST(Property, WithNothingKnownEveryNodeStillLeadsToALeaf) {
  const Metrics nothing;
  for (const Node& node : Flowchart::builtin().nodes()) {
    const Walk walk = Flowchart::builtin().walk_from(node.id, nothing, Thresholds::builtin());
    EXPECT_TRUE(Flowchart::builtin().leaves().count(walk.leaf)) << node.id << " ends at " << walk.leaf;
    EXPECT_EQ(walk.path.front().answer, "not-enough-data");
  }
}

TEST(Property, PredictionsGrowWithTheWorkAndShrinkWithTheCpus) {
  const auto predicted = [](double cpus, double work_s) {
    Synthetic program(work_s, cpus);
    program.threads(1, {{S::on_cpu, 1}}).path({{S::on_cpu, 1}});
    for (const Prediction& one : judged(program.done()).advice.predictions)
      if (one.model == "parallel") return one.wall_s;
    return Interval{};
  };
  for (double cpus = 1; cpus < 64; cpus *= 2) {
    EXPECT_LE(predicted(2 * cpus, 10).high, predicted(cpus, 10).high + 1e-9) << cpus;
    EXPECT_LE(predicted(2 * cpus, 10).low, predicted(cpus, 10).low + 1e-9) << cpus;
  }
  for (double work = 0.5; work < 100; work *= 2) EXPECT_GE(predicted(2, 2 * work).low, predicted(2, work).low);
}

}  // namespace
}  // namespace concadvise
