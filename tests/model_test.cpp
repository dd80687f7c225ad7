#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

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
  LoopStop stop;
  stop.state = State::timer;
  stop.task = "Task-7", stop.tasks = 3, stop.awaited_by = "Task-1", stop.awaiting_coroutine = "main";
  stop.chain = {frame}, stop.stack = {frame, frame};
  loop.stops = {stop, stop};
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

std::string complaint_about(const std::string& members) {
  const auto loaded = session_from_json(R"({"schema":"concadvise-profile/1",)" + members + "}", "x.json");
  return loaded ? "nothing" : loaded.error().cause;
}

TEST(Json, AWrongTypeIsNamedWithItsPlace) {
  using testing::HasSubstr;
  EXPECT_THAT(complaint_about(R"("threads":[{"tid":1},{"waits":[{"count":1},{"count":"x"}]}])"), HasSubstr("threads[1].waits[1].count: a string where a number belongs"));
  EXPECT_THAT(complaint_about(R"("measurement":{"wall_s":null})"), HasSubstr("measurement.wall_s: nothing where a number belongs"));
  EXPECT_THAT(complaint_about(R"("shares":{"timer":[]})"), HasSubstr("shares.timer: a list where a number belongs"));
  EXPECT_THAT(complaint_about(R"("threads":[{"tid":3000000000}])"), HasSubstr("threads[0].tid: a number where a whole number belongs"));
  EXPECT_THAT(complaint_about(R"("measurement":{"sweeps":-1})"), HasSubstr("measurement.sweeps: a number"));
  EXPECT_THAT(complaint_about(R"("advice":{"predictions":[{"wall_s":[1]}]})"), HasSubstr("wall_s: a list that is too short where two numbers belongs"));
  EXPECT_THAT(complaint_about(R"("target":"x")"), HasSubstr("target: a string where an object belongs"));
  EXPECT_THAT(complaint_about(std::string("\"x\":1}\0", 7)), HasSubstr("goes on after its end"));
}

TEST(Json, WhatNobodyKnowsIsSkipped) {
  EXPECT_EQ(complaint_about(R"("new":{"threads":[{"tid":"one"},[[null,true]]],"shares":7},"threads":[{"tid":3,"shoe":[1,{"a":"b"}]}],"shares":{"asleep":[]})"), "nothing");
  const std::string deep(2'000'000, '[');
  EXPECT_THAT(complaint_about("\"new\":" + deep), testing::HasSubstr("not a whole result file"));
}

TEST(Json, AStreamIsReadPieceByPiece) {
  Session session;
  session.profile.measurement.own_cpu_s = 0.1 + 0.2;  // no short decimal
  session.profile.measurement.thread_samples = 18446744073709551615ULL;
  Frame frame;
  for (std::size_t i = 0; i < 400; ++i) {
    frame.function = std::string(i * 7, 'f') + "\"\xc3\xa9\n";
    session.profile.hot_spots.push_back({State::lock, 1e-7 / 3, 0.1, 2, {frame, frame}});
  }
  const std::string text = session_to_json(session);
  std::istringstream in(text);
  const auto loaded = session_from_json(in, "test");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().cause;
  EXPECT_EQ(session_to_json(*loaded), text);
  for (std::size_t cut = 1; cut < text.find("\"verdict\""); cut += 997) {
    std::istringstream part(text.substr(0, cut));
    EXPECT_FALSE(session_from_json(part, "test").has_value()) << cut;
  }
}

// Its tail is what was concluded: that can be concluded again.
TEST(Json, ASessionThatLacksItsTailHasAllThatWasMeasured) {
  Session session;
  session.profile.windows.resize(3);
  session.verdict.klass = "io-bound";
  session.advice.path.resize(2);
  const std::string text = session_to_json(session);
  const std::size_t measured = text.find("\"verdict\"") + std::string_view("\"verdict\":").size();
  for (std::size_t cut = measured; cut < text.rfind('}'); ++cut) {
    const auto loaded = session_from_json(text.substr(0, cut), "test");
    ASSERT_TRUE(loaded.has_value()) << cut << ": " << loaded.error().cause;
    EXPECT_EQ(loaded->profile.windows.size(), 3);
    EXPECT_TRUE(loaded->advice.path.empty());
    ASSERT_EQ(loaded->profile.measurement.notes.size(), 1);
  }
  const auto wrong = session_from_json(text.substr(0, measured) + " 3}", "test");
  EXPECT_FALSE(wrong.has_value()) << "an error is none the less one behind what was measured";
}

TEST(Json, TheSchemaSaysWhatItIs) {
  std::istringstream measured(session_to_json(Session{}));
  EXPECT_TRUE(std::holds_alternative<Session>(result_from_json(measured, "a").value()));
  std::istringstream found(R"({"findings":[{"rule":"r"}],"schema":"concadvise-lint/1"})");  // its keys sorted by another program
  EXPECT_EQ(std::get<LintResult>(result_from_json(found, "b").value()).findings.at(0).rule, "r");
  EXPECT_THAT(session_from_json(lint_to_json(LintResult{}), "c").error().cause, testing::HasSubstr("schema is 'concadvise-lint/1', expected 'concadvise-profile/1'"));
}

}  // namespace
}  // namespace concadvise
