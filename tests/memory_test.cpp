// Whether cores compute or wait for memory: what hardware counters say, from counts to advice. The counts are made up, by what the
// hardware would do for a walk along shuffled pointers, a sum over a large array, gzip, a loop of divisions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/json.h"
#include "rules/judge.h"
#include "rules/texts.h"
#include "tests/synthetic.h"

namespace concadvise {
namespace {

using test::Synthetic;
using S = State;
using testing::HasSubstr;
using testing::Not;

struct Rates {
  double ipc = 0;
  double misses = -1;   // per 1000 instructions; below 0: not counted
  double stalled = -1;  // of the cycles; below 0: not counted
};

constexpr Rates kPointers{0.06, 95, 0.93};
constexpr Rates kSum{0.7, 18, 0.62};
constexpr Rates kGzip{1.6, 0.4, 0.2};
constexpr Rates kDivisions{0.4, 0.02, 0.8};

Profile counted(Profile profile, Rates rates, double covered = 1) {
  Counters& c = profile.counters;
  c.counted_s = covered * profile.measurement.cpu_s;
  c.cycles = 3e9 * c.counted_s;
  c.instructions = rates.ipc * c.cycles;
  if (rates.misses >= 0) c.cache_misses = rates.misses * c.instructions / 1000;
  if (rates.stalled >= 0) c.stalled_cycles = rates.stalled * c.cycles;
  return profile;
}

Profile computes(int threads = 1) { return Synthetic().threads(threads, {{S::on_cpu, 1}}).path({{S::on_cpu, 1}}).done(); }

Session judged(Profile profile) {
  Session session;
  session.profile = std::move(profile);
  judge(session, nullptr);
  return session;
}

std::string resource_of(const Profile& profile) { return judged(profile).verdict.resource; }

TEST(Memory, HoldsUpWhoMissesItsCachesAndDoesLittleElse) {
  EXPECT_EQ(resource_of(counted(computes(), kPointers)), "memory");
  EXPECT_EQ(resource_of(counted(computes(), kSum)), "memory");
  EXPECT_EQ(resource_of(counted(computes(2), kPointers)), "memory");
  const Verdict verdict = judged(counted(computes(), kPointers)).verdict;
  EXPECT_EQ(verdict.klass, "cpu-bound");
  EXPECT_THAT(verdict.summary, HasSubstr("0.06 instructions per cycle, 95 cache misses per 1000"));
}

TEST(Memory, DoesNotHoldUpOthers) {
  EXPECT_EQ(resource_of(counted(computes(), kGzip)), "one-core");
  EXPECT_EQ(resource_of(counted(computes(), kDivisions)), "one-core");
  EXPECT_EQ(resource_of(counted(computes(2), kGzip)), "all-cores");
  // Many misses that overlap with much other work.
  EXPECT_EQ(resource_of(counted(computes(), {1.8, 6, -1})), "one-core");
}

// A CPU whose "cache misses" are those of a cache before the last one: its back end says that it did not stand still.
TEST(Memory, IsNotBlamedWhereTheBackEndWorked) {
  EXPECT_EQ(resource_of(counted(computes(), {0.8, 30, 0.15})), "one-core");
  EXPECT_EQ(resource_of(counted(computes(), {0.8, 30, -1})), "memory");
}

TEST(Memory, IsNotGuessedAtWithoutCounts) {
  EXPECT_EQ(resource_of(computes()), "one-core");
  EXPECT_EQ(resource_of(counted(computes(), {0.05, -1, 0.9})), "one-core");  // divisions do that too
  EXPECT_EQ(resource_of(counted(computes(), kPointers, 0.1)), "one-core");   // counted during the start only
  const Session session = judged(computes());
  EXPECT_THAT(session.verdict.summary, Not(HasSubstr("memory")));
  EXPECT_THAT(session.verdict.nearest, Not(HasSubstr("memory")));
}

TEST(Memory, IsNoAnswerForWhoWaits) {
  const Profile waits = Synthetic().threads(1, {{S::on_cpu, 0.2}, {S::disk, 0.8}}).path({{S::on_cpu, 0.2}, {S::disk, 0.8}}).done();
  EXPECT_EQ(resource_of(counted(waits, kPointers)), "disk");
}

TEST(Memory, ChangesTheAdvice) {
  const auto titles = [](const Session& session) {
    std::string all;
    for (const Action& action : session.advice.actions) all += action.title + "\n";
    return all;
  };
  Session session = judged(counted(computes(), kPointers));
  EXPECT_THAT(titles(session), HasSubstr("Touch less memory"));
  EXPECT_THAT(titles(judged(counted(computes(), kGzip))), Not(HasSubstr("memory")));
  session = judged(counted(computes(2), kPointers));
  EXPECT_EQ(session.advice.model, "keep");
  EXPECT_THAT(session.advice.actions.front().title, HasSubstr("wait for memory"));
  for (const Action& action : session.advice.actions)
    for (const std::string& field : {action.title, action.why, action.sketch, action.when_not})
      EXPECT_THAT(field, Not(HasSubstr("{memory"))) << field;
}

TEST(Memory, HasWordsInBothLanguages) {
  for (const char* name : {"keep-memory", "touch-less-memory"})
    for (const char* language : {"python", "native"}) {
      const LeafText text = leaf_text(name, language);
      for (const std::string& field : {text.title, text.summary, text.why, text.implementation, text.risk, text.when_not, text.cost, text.effort})
        EXPECT_FALSE(field.empty()) << name << " in " << language;
    }
}

TEST(Memory, CountsAreSavedAndLoaded) {
  Session session = judged(counted(computes(), kSum));
  const auto loaded = session_from_json(session_to_json(session), "saved");
  ASSERT_TRUE(loaded.has_value());
  EXPECT_DOUBLE_EQ(loaded->profile.counters.cycles, session.profile.counters.cycles);
  EXPECT_DOUBLE_EQ(loaded->profile.counters.cache_misses, session.profile.counters.cache_misses);
  EXPECT_DOUBLE_EQ(loaded->profile.counters.counted_s, session.profile.counters.counted_s);
}

}  // namespace
}  // namespace concadvise
