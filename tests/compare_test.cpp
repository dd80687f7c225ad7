// Comparing two measurements, and fitting how throughput grows with workers.
#include "rules/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "rules/explain.h"
#include "rules/judge.h"
#include "rules/scalability.h"
#include "tests/synthetic.h"

namespace concadvise {
namespace {

using test::Synthetic;
using S = State;
using ::testing::HasSubstr;

Session sleeps(double wall, int threads) {
  Session session;
  Synthetic program(wall);
  program.python();
  if (threads == 1) program.threads(1, {{S::on_cpu, 0.01}, {S::timer, 0.99}}).path({{S::on_cpu, 0.01}, {S::timer, 0.99}});
  else program.threads(1, {{S::on_cpu, 0.05}, {S::handoff, 0.95}}).threads(threads, {{S::timer, 0.95}}).path({{S::on_cpu, 0.05}, {S::timer, 0.95}});
  session.profile = program.wait(S::timer, 5, 5, 1, threads == 1 ? 0.99 : 4.7).done();
  judge(session);
  return session;
}

TEST(Compare, TheChangeDidWhatWasPredicted) {
  const Comparison comparison = compare(sleeps(5.03, 1), sleeps(1.06, 5));
  EXPECT_EQ(comparison.outcome, "faster");
  EXPECT_EQ(comparison.predicted_model, "threads");
  EXPECT_TRUE(comparison.inside) << comparison.prediction_summary;
  EXPECT_TRUE(comparison.doubts.empty()) << comparison.doubts.front();
}

TEST(Compare, AWorseRunIsSlowerAndOutsideThePrediction) {
  const Comparison comparison = compare(sleeps(5.03, 1), sleeps(6.5, 1));
  EXPECT_EQ(comparison.outcome, "slower");
  EXPECT_FALSE(comparison.inside);
  EXPECT_THAT(comparison.prediction_summary, HasSubstr("slower than"));
}

TEST(Compare, SmallDifferencesAreNoChange) { EXPECT_EQ(compare(sleeps(5.0, 1), sleeps(5.1, 1)).outcome, "unchanged"); }

TEST(Compare, DoubtsAboutTheWorkAreNamed) {
  Session after = sleeps(1, 5);
  after.profile.target.exit_status = 3;
  after.profile.measurement.cpu_s = 40;
  EXPECT_EQ(compare(sleeps(5, 1), after).doubts.size(), 2u);
}

TEST(Compare, FailOnReadsChangesAndValues) {
  const Comparison comparison = compare(sleeps(5.0, 1), sleeps(6.0, 1));
  const auto holds = [&](const char* text) {
    const auto condition = parse_fail_on(text, comparison);
    EXPECT_TRUE(condition.has_value()) << text;
    return condition && triggered(*condition, comparison);
  };
  EXPECT_TRUE(holds("wall>+5%"));
  EXPECT_FALSE(holds("wall>+25%"));
  EXPECT_FALSE(holds("wall<-5%"));
  EXPECT_TRUE(holds("wait_share>0.5"));
  EXPECT_FALSE(holds("lock_share>0.3"));
  for (const char* text : {"wall", ">5%", "wall>", "wall>x", "wall>5x%", "speed>5%"}) EXPECT_FALSE(parse_fail_on(text, comparison).has_value()) << text;
}

std::vector<ScalePoint> law_points(double lambda, double sigma, double kappa) {
  std::vector<ScalePoint> out;
  for (double n : {1.0, 2.0, 4.0, 8.0, 16.0, 32.0}) out.push_back({n, lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1))});
  return out;
}

TEST(Scalability, FindsTheLawThatMadeThePoints) {
  const ScaleLaw law = fit_scale_law(law_points(100, 0.1, 0.01));
  ASSERT_TRUE(law.fitted);
  EXPECT_NEAR(law.lambda, 100, 0.01);
  EXPECT_NEAR(law.sigma, 0.1, 1e-4);
  EXPECT_NEAR(law.kappa, 0.01, 1e-5);
  EXPECT_NEAR(law.knee, std::sqrt(0.9 / 0.01), 0.05);
  EXPECT_EQ(law.pays_up_to, 8);
  EXPECT_NEAR(law.r_squared, 1, 1e-9);
}

TEST(Scalability, PerfectAndSerialProgramsHaveNoPeak) {
  const ScaleLaw perfect = fit_scale_law(law_points(10, 0, 0));
  EXPECT_NEAR(perfect.sigma, 0, 1e-9);
  EXPECT_EQ(perfect.knee, 0);
  EXPECT_EQ(perfect.pays_up_to, 32);
  const ScaleLaw serial = fit_scale_law(law_points(10, 1, 0));
  EXPECT_NEAR(serial.sigma, 1, 1e-6);
  EXPECT_EQ(serial.pays_up_to, 1);
}

TEST(Scalability, AFixedCapacityHasItsKneeWhereTheBoundsCross) {
  std::vector<ScalePoint> points;
  for (double n : {1.0, 2.0, 4.0, 8.0, 16.0, 32.0}) points.push_back({n, std::min(50 * n, 400.0) * (n == 4 ? 0.98 : 1.0)});
  const ScaleLaw law = fit_scale_law(points);
  EXPECT_TRUE(law.is_capacity());
  EXPECT_NEAR(law.fitted_knee(), 8, 0.3);
  EXPECT_NEAR(law.capacity, 400, 1);
  EXPECT_EQ(law.pays_up_to, 8);
  const ScaleLaw retrograde = fit_scale_law(law_points(100, 0.05, 0.01));
  EXPECT_FALSE(retrograde.is_capacity());
  EXPECT_LT(retrograde.fitted_knee(), retrograde.knee) << "the law flattens before its peak";
}

TEST(Scalability, NeverFitsNegativeCosts) {
  // Better than linear, as caches can make it: no law of this kind has it.
  const ScaleLaw law = fit_scale_law({{1, 1}, {2, 2.4}, {4, 5.5}, {8, 12}});
  ASSERT_TRUE(law.fitted);
  EXPECT_GE(law.sigma, 0);
  EXPECT_GE(law.kappa, 0);
}

TEST(Scalability, TooFewOrBadPointsAreNotFitted) {
  EXPECT_FALSE(fit_scale_law({}).fitted);
  EXPECT_FALSE(fit_scale_law({{1, 1}, {2, 2}}).fitted);
  EXPECT_FALSE(fit_scale_law({{1, 1}, {1, 1.1}, {1, 0.9}, {2, 0}, {4, -1}}).fitted);
}

TEST(Explain, EveryTopicHasATextAndUnknownNamesHaveNone) {
  for (const Topic& topic : judgement_topics()) {
    EXPECT_FALSE(topic.summary.empty()) << topic.name;
    const auto text = explain_judgement(topic.name);
    ASSERT_TRUE(text.has_value()) << topic.name;
    EXPECT_GT(text->size(), 60u) << topic.name;
  }
  EXPECT_FALSE(explain_judgement("no-such-thing").has_value());
  for (const char* name : {"cpu-bound", "io-bound", "lock-bound", "oversubscribed", "idle", "mixed", "insufficient-data", "async", "threads", "parallel",
                           "async+parallel", "synchronous", "unblock-loop", "reduce-contention", "reduce-threads", "keep"})
    EXPECT_TRUE(explain_judgement(name).has_value()) << name;
}

}  // namespace
}  // namespace concadvise
