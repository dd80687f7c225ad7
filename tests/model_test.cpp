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

TEST(Json, LongListsAreReadOneByOne) {
  Session session;
  Frame frame;
  frame.function = "work";
  for (int i = 0; i < 3; ++i) {
    Thread thread;
    thread.tid = 10 + i;
    Wait wait;
    wait.state = State::lock;
    wait.stack = {frame, frame};
    thread.waits = {wait};
    session.profile.threads.push_back(thread);
    session.profile.hot_spots.push_back({State::disk, 1.5 * i, 0.1, 2, {frame}});
    session.profile.processes.emplace_back().pid = i;
    session.profile.windows.emplace_back().end_s = i;
    session.profile.waits.push_back(wait);
  }
  Loop loop;
  loop.stalls.resize(2);
  session.profile.loops = {loop};
  const auto loaded = session_from_json(session_to_json(session), "test");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().cause;
  EXPECT_EQ(session_to_json(*loaded), session_to_json(session));
  EXPECT_EQ(loaded->profile.threads.at(2).waits.at(0).stack.size(), 2U);

  // A name that is given twice: the last one counts, as in any JSON.
  const auto twice = session_from_json(R"({"schema":"concadvise-profile/1","threads":[{"tid":1},{"tid":2}],"x":{"threads":[{"tid":9}]},"threads":[{"tid":3}]})", "test");
  ASSERT_TRUE(twice.has_value());
  ASSERT_EQ(twice->profile.threads.size(), 1U);
  EXPECT_EQ(twice->profile.threads[0].tid, 3);
  EXPECT_FALSE(session_from_json(R"({"schema":"concadvise-profile/1","threads":[{"tid":"one"}]})", "test").has_value());
  EXPECT_FALSE(session_from_json(R"({"schema":"concadvise-profile/1","threads":[7]})", "test").has_value());
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
