#include <gtest/gtest.h>

#include "model/json.h"

namespace concadvise {
namespace {

TEST(State, NamesRoundTrip) {
  for (State state : kAllStates) EXPECT_EQ(state_named(name_of(state)), state);
  EXPECT_FALSE(state_named("asleep").has_value());
}

TEST(StateTimes, SharesSumToOneAndNothingStaysNothing) {
  StateTimes times;
  EXPECT_EQ(times.shares().sum(), 0);
  times[State::on_cpu] = 3;
  times[State::disk] = 1;
  EXPECT_DOUBLE_EQ(times.shares().sum(), 1);
  EXPECT_DOUBLE_EQ(times.shares()[State::disk], 0.25);
  EXPECT_EQ(times.largest_wait(), State::disk);
}

TEST(Json, SessionRoundTrips) {
  Session session;
  session.profile.target.command = {"app", "--name=\xff\xfe</script>"};
  session.profile.shares[State::network] = 1;
  session.verdict.klass = "io-bound";
  session.advice.predictions.push_back({"async", "asyncio", {1, 2}, 1, 2, {"independent"}, "cmd", "longest wait"});
  const std::string text = session_to_json(session);
  const auto loaded = session_from_json(text, "test");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().cause;
  EXPECT_EQ(loaded->verdict.klass, "io-bound");
  EXPECT_DOUBLE_EQ(loaded->advice.predictions.at(0).wall_s.high, 2);
  EXPECT_EQ(session_to_json(*loaded), text);
}

TEST(Json, RefusesWhatIsNotASession) {
  for (const char* text : {"", "{", "[]", "{\"schema\":\"other/1\"}", "{\"schema\":\"concadvise-profile/1\",\"threads\":3}"}) {
    const auto loaded = session_from_json(text, "x.json");
    ASSERT_FALSE(loaded.has_value()) << text;
    EXPECT_NE(loaded.error().cause.find("x.json"), std::string::npos);
  }
}

}  // namespace
}  // namespace concadvise
