// The way from a profile to advice: the chart, the stack, the predictions and the texts.
#include "rules/judge.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <tuple>

#include "model/json.h"
#include "rules/flowchart.h"
#include "rules/source_place.h"
#include "rules/stack.h"
#include "rules/texts.h"
#include "rules/work.h"
#include "tests/synthetic.h"

namespace concadvise {
namespace {

using test::Synthetic;
using S = State;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;

Session judged(Profile profile, const LintResult* lint = nullptr) {
  Session session;
  session.profile = std::move(profile);
  judge(session, lint);
  return session;
}

std::vector<std::string> nodes_of(const Session& session) {
  std::vector<std::string> out;
  for (const Step& step : session.advice.path) out.push_back(step.node);
  return out;
}

const Prediction& prediction(const Session& session, const std::string& model) {
  static const Prediction none;
  for (const Prediction& one : session.advice.predictions)
    if (one.model == model) return one;
  ADD_FAILURE() << "no prediction for " << model;
  return none;
}

// The programs of the guides, as the profiler sees them.
Profile sequential_sleeps() {
  Synthetic program(5.03);
  program.python().threads(1, {{S::on_cpu, 0.006}, {S::timer, 0.994}}).path({{S::on_cpu, 0.006}, {S::timer, 0.994}});
  return program.wait(S::timer, 5.0, 5, 1.0, 0.994, "clock_nanosleep").done();
}

Profile threaded_sleeps() {
  Synthetic program(1.05);
  program.python().threads(1, {{S::on_cpu, 0.04}, {S::handoff, 0.96}}).threads(5, {{S::on_cpu, 0.001}, {S::timer, 0.95}}).path({{S::on_cpu, 0.045}, {S::timer, 0.955}});
  return program.wait(S::timer, 5.0, 5, 1.0, 4.76, "clock_nanosleep").done();
}

Profile countdown(bool threads) {
  Synthetic program(threads ? 0.97 : 1.06);
  program.python();
  if (threads) program.threads(1, {{S::on_cpu, 0.02}, {S::handoff, 0.98}}).threads(2, {{S::on_cpu, 0.49}, {S::gil, 0.49}}).path({{S::on_cpu, 1}});
  else program.threads(1, {{S::on_cpu, 1}}).path({{S::on_cpu, 1}});
  return program.done();
}

Loop loop_of(double waiting, double blocked, double outbound, const char* framework = "asyncio") {
  Loop loop;
  loop.kind = "epoll";
  loop.framework = framework;
  loop.waiting_s = waiting;
  loop.blocked_s = blocked;
  loop.connections_outbound = outbound;
  return loop;
}

Profile blocked_loop() {
  Synthetic program(10.2);
  program.python().threads(1, {{S::on_cpu, 0.01}, {S::timer, 0.99}}).path({{S::on_cpu, 0.01}, {S::timer, 0.99}});
  program.wait(S::timer, 10.0, 5, 2.0, 0.98, "clock_nanosleep");
  Loop loop = loop_of(0.05, 10.0, 0);
  Stall stall;
  stall.what = "clock_nanosleep";
  stall.state = S::timer;
  stall.seconds = 10.0;
  stall.count = 5;
  stall.longest_s = 2.0;
  Frame sleep_frame, own;
  sleep_frame.function = "clock_nanosleep";
  sleep_frame.module = "libc.so.6";
  own.function = "handle_request";
  own.file = "server.py";
  own.line = 11;
  own.kind = "python";
  stall.stack = {sleep_frame, own};
  loop.stalls.push_back(stall);
  program.raw().loops.push_back(loop);
  return program.done();
}

Profile requests_in_a_row(bool loop, const std::vector<std::string>& modules) {
  Synthetic program(2.6);
  program.python().threads(1, {{S::on_cpu, 0.04}, {S::network, 0.96}}).path({{S::on_cpu, 0.04}, {S::network, 0.96}});
  program.wait(S::network, 2.5, 5, 0.5, 0.96, "poll on 127.0.0.1:80");
  program.raw().processes[0].modules = modules;
  if (loop) program.raw().loops.push_back(loop_of(2.5, 0, 0.96));
  return program.done();
}

TEST(Judge, SequentialSleepsGetThreadsAndTheLongestWait) {
  const Session session = judged(sequential_sleeps());
  EXPECT_EQ(session.verdict.klass, "io-bound");
  EXPECT_EQ(session.advice.model, "threads");
  const Interval wall = prediction(session, "threads").wall_s;
  EXPECT_LT(wall.low, 1.06);
  EXPECT_GT(wall.high, 1.06);
  EXPECT_LE(wall.high / wall.low, 1.5 + 1e-9);
  EXPECT_THAT(session.advice.implementation, HasSubstr("5 workers"));
}

TEST(Judge, OverlappedSleepsAreKept) {
  const Session session = judged(threaded_sleeps());
  EXPECT_EQ(session.advice.model, "keep");
  EXPECT_EQ(session.advice.actions.front().gain, 0);
  const Interval sequential = prediction(session, "synchronous").wall_s;
  EXPECT_LT(sequential.low, 5.05);
  EXPECT_GT(sequential.high, 5.05) << "a loss is predicted as a loss";
}

TEST(Judge, CountdownsGetProcesses) {
  for (const bool threads : {false, true}) {
    const Session session = judged(countdown(threads));
    EXPECT_EQ(session.advice.model, "parallel") << threads;
    const Interval wall = prediction(session, "parallel").wall_s;
    EXPECT_LT(wall.low, 0.6);
    EXPECT_GT(wall.high, 0.6);
    EXPECT_LE(wall.high / wall.low, 2 + 1e-9);
    const Interval under_gil = prediction(session, "threads").wall_s;
    EXPECT_GT(under_gil.high, 1.0) << "threads under the GIL gain nothing";
    EXPECT_GT(under_gil.low, 0.8);
  }
}

TEST(Judge, ManyShortStallsBlockALoopAsOneLongDoes) {
  Profile profile = blocked_loop();
  Loop& loop = profile.loops.front();
  loop.stalls.front().count = 500;
  loop.stalls.front().longest_s = 0.024;
  EXPECT_EQ(judged(profile).advice.model, "unblock-loop") << "events wait for half a second behind 20 ms stalls at 98 % use";
  loop.waiting_s = 9.0;
  loop.blocked_s = loop.stalls.front().seconds = 1.0;
  loop.stalls.front().count = 50;
  EXPECT_NE(judged(profile).advice.model, "unblock-loop") << "at 10 % use hardly any event meets a stall";
}

TEST(Judge, ABlockedLoopIsUnblockedAndNamed) {
  const Session session = judged(blocked_loop());
  EXPECT_EQ(session.advice.model, "unblock-loop");
  EXPECT_THAT(session.advice.actions.front().where, HasSubstr("handle_request (server.py:11)"));
  const Interval wall = prediction(session, "unblock-loop").wall_s;
  EXPECT_LT(wall.low, 2.2);
  EXPECT_GT(wall.high, 2.2);
}

TEST(Judge, ASleepOnALoopBecomesItsTimer) {
  Profile profile = blocked_loop();
  Stall& stall = profile.loops.front().stalls.front();
  stall.state = S::timer;
  EXPECT_THAT(judged(profile).advice.actions.front().title, HasSubstr("a timer of the event loop"));
  EXPECT_THAT(judged(profile).advice.implementation, HasSubstr("asyncio.sleep"));
  stall.state = S::network;
  EXPECT_THAT(judged(profile).advice.actions.front().title, HasSubstr("off the event loop"));
}

TEST(Judge, SharesSayWhatTheyLeaveOut) {
  const auto waits = [](double queued) {
    Synthetic program(10);
    program.threads(1, {{S::on_cpu, 0.1}, {S::timer, 0.9 - queued}, {S::runnable, queued}}).path({{S::on_cpu, 0.1}, {S::timer, 0.9 - queued}, {S::runnable, queued}});
    return judged(program.wait(S::timer, 9 - 10 * queued, 50, 0.2, 0.9, "clock_nanosleep").done()).verdict.summary;
  };
  EXPECT_THAT(waits(0.2), HasSubstr("not counting 20 %"));
  EXPECT_EQ(waits(0).find("not counting"), std::string::npos);
}

TEST(Judge, WhatWouldChangeOurMindIsOfThisVerdict) {
  // How many cores compute tells kinds of computing apart; of a program that waits it decides nothing.
  const Session session = judged(sequential_sleeps());
  ASSERT_EQ(session.verdict.klass, "io-bound");
  EXPECT_EQ(session.verdict.nearest.find("cpu-bound/"), std::string::npos) << session.verdict.nearest;
}

TEST(Judge, ARangeThatBeginsBelowItsBoundSaysWhy) {
  const Prediction threads = prediction(judged(sequential_sleeps()), "threads");
  EXPECT_THAT(threads.assumptions, Contains(HasSubstr("10 % lower")));
}

TEST(WaitSize, CountLongestAndSumAgree) {
  Wait wait;
  wait.count_is_estimate = true;
  for (const auto& [seconds, count, longest] : {std::tuple{2.02, 4.6, 0.401}, {2.40, 5.9, 0.10}, {0.5, 0.0, 0.5}, {1.4, 1.0, 1.0}}) {
    wait.seconds = seconds, wait.count = count, wait.longest_s = longest;
    const WaitSize size = size_of(wait);
    EXPECT_EQ(size.count, std::floor(size.count));
    EXPECT_GE(size.count * size.longest_s, seconds * (1 - 1e-12));
    EXPECT_GE(size.longest_s, longest);
    EXPECT_LT(size.longest_s, longest * 1.11) << "a sum of " << seconds;
  }
  wait.seconds = 2.02, wait.count = 5, wait.longest_s = 0.401;
  EXPECT_EQ(size_of(wait).count, 5);
  EXPECT_DOUBLE_EQ(size_of(wait).longest_s, 0.404);
}

TEST(Places, TheCallersOfAWrapperAreNamed) {
  const auto frame = [](const char* function, const char* file, int line) {
    Frame out;
    out.function = function, out.file = file, out.line = line, out.kind = "python";
    return out;
  };
  const std::vector<Frame> stack = {frame("get", "/usr/lib/python3/dist-packages/requests/api.py", 73), frame("fetch", "http.py", 7),
                                    frame("report.<locals>.<genexpr>", "server.py", 12), frame("report", "server.py", 12), frame("<module>", "server.py", 30)};
  EXPECT_EQ(place_with_callers(stack, ""), "fetch (http.py:7), called from report (server.py:12)");
  EXPECT_EQ(place_with_callers({}, ""), "");
}

TEST(Judge, TheStackDecidesBetweenThreadsAndAsync) {
  EXPECT_EQ(judged(requests_in_a_row(false, {"requests", "urllib3", "socket"})).advice.model, "threads");
  EXPECT_EQ(judged(requests_in_a_row(false, {"httpx", "socket"})).advice.model, "threads") << "a few waits and no loop: the smaller change";
  Profile many = requests_in_a_row(false, {"httpx", "socket"});
  many.waits[0].count = 200;
  EXPECT_EQ(judged(many).advice.model, "async");
  EXPECT_EQ(judged(requests_in_a_row(true, {"asyncio"})).advice.model, "async");
  EXPECT_EQ(judged(requests_in_a_row(false, {})).advice.model, "threads");
  EXPECT_EQ(judged(requests_in_a_row(false, {"asyncio", "http", "urllib", "socket"})).advice.model, "threads") << "a helper imported asyncio, the requests block";
  const Session blocking = judged(requests_in_a_row(false, {"requests"}));
  const auto stack = std::find_if(blocking.advice.path.begin(), blocking.advice.path.end(), [](const Step& step) { return step.node == "stack"; });
  ASSERT_NE(stack, blocking.advice.path.end());
  EXPECT_THAT(stack->evidence, Contains(HasSubstr("requests -> httpx or aiohttp")));
}

TEST(Judge, FilesAreNoReasonForAnEventLoop) {
  Synthetic program(3);
  program.python().threads(1, {{S::on_cpu, 0.1}, {S::disk, 0.9}}).path({{S::on_cpu, 0.1}, {S::disk, 0.9}});
  program.raw().processes[0].modules = {"asyncio"};
  EXPECT_EQ(judged(program.wait(S::disk, 2.7, 700, 0.01, 0.9, "fsync").done()).advice.model, "threads");
}

TEST(Judge, ManyConnectionsGetAsyncWhateverTheStack) {
  Profile profile = requests_in_a_row(false, {"requests"});
  profile.processes[0].connections_peak = 5000;
  EXPECT_EQ(judged(profile).advice.model, "async");
}

TEST(Judge, ThousandsOfWaitingThreadsSaveMemoryNotTime) {
  Synthetic program;
  program.threads(2000, {{S::on_cpu, 0.0001}, {S::network, 0.9999}}).path({{S::on_cpu, 0.05}, {S::network, 0.95}});
  const Session session = judged(program.wait(S::network, 9990, 4000, 2.5, 1998).done());
  EXPECT_EQ(session.advice.model, "async");
  EXPECT_THAT(session.advice.summary, HasSubstr("memory"));
  EXPECT_GT(prediction(session, "async").wall_s.high, 5.0);
}

TEST(Judge, NativeComputingGetsThreadsOverTheCores) {
  const Session session = judged(Synthetic(4).threads(1, {{S::on_cpu, 1}}).path({{S::on_cpu, 1}}).done());
  EXPECT_EQ(session.advice.model, "parallel");
  EXPECT_THAT(session.advice.implementation, HasSubstr("std::thread"));
  EXPECT_LT(prediction(session, "threads").wall_s.low, 2.5) << "without a GIL threads compute side by side";
}

/// A CPU sample in this stack, innermost first: "file:function" for Python, "module!function" for native code.
HotSpot sample(std::initializer_list<const char*> stack, double seconds) {
  HotSpot spot;
  spot.seconds = seconds;
  spot.count = seconds / 0.01;
  for (std::string_view text : stack) {
    Frame frame;
    const auto native = text.find('!');
    const auto cut = native == std::string_view::npos ? text.rfind(':') : native;
    (native == std::string_view::npos ? frame.file : frame.module) = text.substr(0, cut);
    frame.function = text.substr(cut + 1);
    frame.kind = native == std::string_view::npos ? "python" : "native";
    spot.stack.push_back(frame);
  }
  return spot;
}

Profile computing_python(std::initializer_list<HotSpot> spots, double wall = 4) {
  Synthetic program(wall);
  program.python().threads(1, {{S::on_cpu, 1}}).path({{S::on_cpu, 1}});
  program.raw().hot_spots = spots;
  return program.done();
}

TEST(Judge, APoolThatOnlyHandsOverIsTakenApart) {
  const HotSpot pickling = sample({"/usr/lib/python3.11/multiprocessing/reduction.py:dumps", "/usr/lib/python3.11/multiprocessing/queues.py:_feed"}, 3.0);
  const HotSpot waking = sample({"/usr/lib/python3.11/threading.py:notify", "/usr/lib/python3.11/concurrent/futures/process.py:submit", "app.py:main"}, 0.9);
  const Session tiny = judged(computing_python({pickling, waking, sample({"app.py:square"}, 0.02)}));
  EXPECT_EQ(tiny.advice.path.back().next, "synchronous-pieces");
  EXPECT_LT(prediction(tiny, "synchronous").wall_s.high, 0.2) << "what is left without the hand-over";
  const Session large = judged(computing_python({pickling, sample({"app.py:square"}, 1.0)}));
  EXPECT_EQ(large.advice.path.back().next, "parallel-lighter");
  EXPECT_LT(prediction(large, "parallel").wall_s.high, 1.2);
  const Session busy = judged(computing_python({waking, sample({"app.py:square"}, 3.0)}));
  EXPECT_EQ(busy.advice.path.back().next, "parallel") << "a quarter of hand-over is no bottleneck";
}

TEST(Judge, AStrippedWorkersComputingIsItsOwn) {
  Synthetic program(4);
  program.threads(2, {{S::on_cpu, 1}}).path({{S::on_cpu, 1}});
  program.raw().hot_spots = {sample({"liblzma.so.5!", "libc.so.6!start_thread", "libc.so.6!clone3"}, 7.9)};
  const Session stripped = judged(program.done());
  EXPECT_EQ(stripped.advice.model, "keep") << "both CPUs compute, whatever the function is called";
  program.raw().hot_spots = {sample({"libc.so.6!start_thread", "libc.so.6!clone3"}, 7.9)};
  EXPECT_NE(judged(program.done()).advice.model, "keep") << "nothing but starting threads";
}

TEST(Judge, LibrariesWithoutTheGilGetThreads) {
  const Session zlib = judged(computing_python({sample({"libz.so.1.2.13!deflate", "python3.11!zlib_compress", "app.py:pack"}, 3.5), sample({"app.py:main"}, 0.5)}));
  EXPECT_EQ(zlib.advice.path.back().next, "parallel-released");
  EXPECT_EQ(zlib.advice.model, "parallel");
  EXPECT_THAT(zlib.advice.implementation, HasSubstr("ThreadPoolExecutor"));
  EXPECT_THAT(zlib.advice.summary, HasSubstr("libz"));
  const Session python = judged(computing_python({sample({"libz.so.1.2.13!deflate", "app.py:pack"}, 1.0), sample({"app.py:main"}, 3.0)}));
  EXPECT_THAT(python.advice.implementation, HasSubstr("ProcessPoolExecutor"));
}

TEST(Judge, ImportsAreNotDivided) {
  const auto parallel = [](double importing) {
    return prediction(judged(computing_python({sample({"app.py:main", "<frozen importlib._bootstrap>:_find_and_load"}, importing), sample({"app.py:main"}, 4 - importing)})), "parallel").wall_s;
  };
  EXPECT_GT(parallel(2).low, parallel(0.01).low + 0.3);
}

TEST(Judge, ThreadsForTinyPiecesAreTakenApart) {
  Synthetic program(1);
  program.threads(1, {{S::on_cpu, 1}}).path({{S::on_cpu, 1}});
  program.raw().hot_spots = {sample({"[kernel]!wake_up_new_task", "[kernel]!kernel_clone", "libc.so.6!clone3"}, 0.8), sample({"app!count", "app!main"}, 0.05)};
  program.wait(S::handoff, 0.4, 20'000, 0.01, 0.5, "futex: join");
  const Session session = judged(program.done());
  EXPECT_EQ(session.advice.path.back().next, "synchronous-pieces");
  EXPECT_LT(prediction(session, "synchronous").wall_s.high, 0.2);
}

TEST(Judge, APoolWithoutAFreeWorkerMayBeTooSmall) {
  const auto pool_of_two = [](double waits, double parked) {
    Synthetic program(2);
    program.python().threads(1, {{S::on_cpu, 0.02}, {S::handoff, 0.98}}).threads(2, {{S::network, 0.98}, {S::on_cpu, 0.01}}).path({{S::network, 0.98}, {S::on_cpu, 0.02}});
    program.wait(S::network, 3.9, waits, 4.5 / waits, 1.95);
    Pool pool;
    pool.kind = "threads";
    pool.size = 2;
    pool.waiting_mean = 1.95 - parked;
    pool.parked_mean = parked;
    program.raw().pools.push_back(pool);
    return judged(program.done());
  };
  const auto tries = [](const Session& session) {
    return std::count_if(session.advice.actions.begin(), session.advice.actions.end(), [](const Action& action) { return action.title.starts_with("Try more workers"); });
  };
  const Session many = pool_of_two(24, 0);
  EXPECT_EQ(many.advice.model, "keep") << "only the other side knows whether it serves more";
  EXPECT_EQ(tries(many), 1);
  EXPECT_LT(prediction(many, "threads").wall_s.high, 0.5);
  EXPECT_EQ(tries(pool_of_two(2, 0)), 0) << "one wait for each worker: nothing is left over";
  EXPECT_EQ(tries(pool_of_two(24, 0.6)), 0) << "workers were free meanwhile";
}

TEST(Judge, WithoutTheLockThreadsTakeAsLongAsTheirOwnWork) {
  Synthetic program(2);
  program.threads(1, {{S::handoff, 1}}).threads(4, {{S::on_cpu, 0.01}, {S::timer, 0.24}, {S::lock, 0.75}}).path({{S::timer, 0.96}, {S::on_cpu, 0.04}});
  const Session session = judged(program.wait(S::timer, 1.92, 100, 0.02, 0.96).done());
  EXPECT_EQ(session.advice.model, "reduce-contention");
  const Interval wall = prediction(session, "reduce-contention").wall_s;
  EXPECT_LT(wall.low, 0.5);
  EXPECT_GT(wall.high, 0.5);
}

TEST(Judge, ALoopThatMostlyWaitsInItsOwnCallsIsBlockedHoweverShortTheyAre) {
  Profile profile = blocked_loop();
  Stall& stall = profile.loops.front().stalls.front();
  stall.what = "fdatasync";
  stall.state = S::disk;
  stall.seconds = profile.loops.front().blocked_s = 6.0;
  stall.count = 6000;
  stall.longest_s = 0.004;
  profile.loops.front().waiting_s = 4.0;
  EXPECT_EQ(judged(profile).advice.model, "unblock-loop");
  stall.count = 600'000;
  EXPECT_NE(judged(profile).advice.model, "unblock-loop") << "handing over costs more than ten microseconds";
}

TEST(Judge, ALoopThatSeldomComesBackToItsWaitComputesOnIt) {
  const auto loop_with = [](double iterations) {
    Synthetic program(2);
    program.python().threads(1, {{S::on_cpu, 0.75}, {S::network, 0.25}}).path({{S::on_cpu, 0.75}, {S::network, 0.25}});
    program.wait(S::network, 0.5, 1, 0.5, 0.25);
    Loop loop = loop_of(0.5, 0, 4);
    loop.busy_s = 1.5;
    loop.iterations = iterations;
    program.raw().loops.push_back(loop);
    return judged(program.done());
  };
  EXPECT_THAT(loop_with(2).advice.model, AnyOf("async+parallel", "unblock-loop"));
  EXPECT_EQ(loop_with(500).advice.model, "parallel") << "turns of 3 ms hold nobody up";
}

TEST(Judge, OneCpuIsTheMachine) {
  EXPECT_EQ(judged(Synthetic(4, 1).threads(1, {{S::on_cpu, 1}}).path({{S::on_cpu, 1}}).done()).advice.model, "keep");
}

TEST(Judge, SmallWorkStaysSynchronousAndItsPoolIsALoss) {
  Synthetic program(0.045);
  program.python().threads(1, {{S::on_cpu, 1}}).path({{S::on_cpu, 1}});
  program.raw().measurement.sweeps = 40;
  const Session session = judged(program.done());
  EXPECT_EQ(session.advice.model, "synchronous");
  EXPECT_GT(prediction(session, "parallel").wall_s.high, 0.045);
  EXPECT_LT(prediction(session, "parallel").gain_low, 1);
}

TEST(Judge, NothingOnBothSidesStaysSynchronous) {
  EXPECT_EQ(judged(Synthetic().threads(1, {{S::on_cpu, 0.25}, {S::disk, 0.25}, {S::idle, 0.5}}).path({{S::on_cpu, 0.25}, {S::disk, 0.25}, {S::idle, 0.5}}).done()).advice.model, "synchronous");
}

TEST(Judge, TooLittleDataAdvisesNothing) {
  const Session session = judged(Profile{});
  EXPECT_EQ(session.verdict.klass, "insufficient-data");
  EXPECT_EQ(session.advice.model, "keep");
  EXPECT_TRUE(session.advice.predictions.empty());
  EXPECT_FALSE(session.advice.actions.empty());
}

TEST(Judge, HostileNamesAreQuotedInCommands) {
  Profile profile = sequential_sleeps();
  profile.target.command = {"app", "x'; rm -rf /", "plain"};
  EXPECT_THAT(judged(profile).advice.predictions.front().verify, HasSubstr("-- app 'x'\\''; rm -rf /' plain &&"));
}

TEST(Judge, CloseToABorderBothSidesAreNamed) {
  const auto disk = [](double cpu) {
    return judged(Synthetic().threads(1, {{S::on_cpu, cpu}, {S::disk, 1 - cpu}}).path({{S::on_cpu, cpu}, {S::disk, 1 - cpu}}).wait(S::disk, 5 * (1 - cpu), 1000, 0.01, 1 - cpu).done());
  };
  EXPECT_THAT(disk(0.44).advice.summary, HasSubstr("This is close"));
  EXPECT_THAT(disk(0.1).advice.summary, ::testing::Not(HasSubstr("This is close")));
}

TEST(Flowchart, EveryPathEndsInALeafWithATextInEveryLanguage) {
  const Flowchart& chart = Flowchart::builtin();
  std::set<std::string> reached;
  std::function<void(const std::string&, int)> walk = [&](const std::string& id, int depth) {
    ASSERT_LT(depth, 40) << "a circle at " << id;
    const Node* node = chart.find(id);
    if (node == nullptr) {
      EXPECT_TRUE(chart.leaves().count(id)) << id;
      reached.insert(id);
      return;
    }
    EXPECT_FALSE(node->conditions.empty()) << id;
    EXPECT_FALSE(node->plain.empty()) << id;
    for (const std::string& next : {node->yes, node->no, node->unknown}) walk(next, depth + 1);
  };
  walk(chart.start(), 0);
  for (const auto& [leaf, model] : chart.leaves()) {
    EXPECT_TRUE(reached.count(leaf)) << leaf << " is never reached";
    EXPECT_THAT(model, AnyOf("async", "threads", "parallel", "async+parallel", "synchronous", "unblock-loop", "reduce-contention", "reduce-threads", "keep"));
    for (const char* language : {"python", "native"}) {
      const LeafText text = leaf_text(leaf, language);
      for (const std::string& field : {text.title, text.summary, text.why, text.implementation, text.risk, text.when_not, text.cost, text.effort})
        EXPECT_FALSE(field.empty()) << leaf << " in " << language;
      EXPECT_THAT(text.effort, AnyOf("small", "medium", "large"));
      const bool stays = model == "keep" || text.implementation == "as it is";
      EXPECT_EQ(text.sketch.empty(), stays) << leaf << " in " << language;
    }
  }
}

TEST(Flowchart, EveryConditionNamesAMetricAndAThreshold) {
  Profile profile = blocked_loop();
  Session session = judged(profile);
  Metrics metrics = measure(profile);
  const std::set<std::string> added = {"async_compatible", "parallel_pays", "own_work_pays"};  // known once the stack and the costs are
  for (const Node& node : Flowchart::builtin().nodes())
    for (const NodeCondition& condition : node.conditions) {
      EXPECT_GT(Thresholds::builtin().value(condition.threshold), 0) << condition.threshold;
      EXPECT_GT(Thresholds::builtin()[condition.threshold].margin, 0) << condition.threshold << ": a border without a zone is a cliff";
      const bool present = std::any_of(metrics.begin(), metrics.end(), [&](const auto& entry) { return entry.first == condition.metric; });
      EXPECT_TRUE(present || added.count(condition.metric)) << condition.metric;
    }
}

TEST(Flowchart, TextsHaveNoPlaceThatNothingFills) {
  for (const Profile& profile : {sequential_sleeps(), threaded_sleeps(), countdown(false), countdown(true), blocked_loop(), Profile{}}) {
    const Session session = judged(profile);
    const Action& action = session.advice.actions.front();
    for (const std::string& text : {session.advice.summary, session.advice.implementation, action.title, action.why, action.risk, action.when_not})
      EXPECT_THAT(text, ::testing::Not(::testing::ContainsRegex("[{][a-z_]+[}]"))) << session.advice.model;
  }
}

TEST(Flowchart, StepsRecordValueBorderAndWhatWouldFlip) {
  const Session session = judged(sequential_sleeps());
  EXPECT_THAT(nodes_of(session), Contains("waiting"));
  for (const Step& step : session.advice.path) {
    EXPECT_FALSE(step.question.empty());
    EXPECT_FALSE(step.metric.empty());
    EXPECT_FALSE(step.flips.empty());
    EXPECT_FALSE(step.source.empty());
    EXPECT_FALSE(step.evidence.empty());
    EXPECT_THAT(step.answer, AnyOf("yes", "no", "not-enough-data"));
    if (step.answer == "yes") { EXPECT_GE(step.distance, 0) << step.node; }
    if (step.answer == "no") { EXPECT_LE(step.distance, 0) << step.node; }
  }
  EXPECT_EQ(session.advice.path.back().next, "threads");
}

/// Any shape of program gets an answer, and all intervals are sane.
TEST(JudgeProperty, AnyMixOfStatesGetsAdvice) {
  std::set<std::string> models;
  unsigned seed = 7;
  const auto random = [&seed] { return static_cast<double>(seed = seed * 1103515245U + 12345U) / 4294967296.0; };
  for (int i = 0; i < 600; ++i) {
    Synthetic program(0.2 + 10 * random(), std::ceil(8 * random()));
    if (random() < 0.5) program.python(random() < 0.8);
    if (random() < 0.3) program.attached();
    StateTimes path;
    for (State state : kAllStates) path[state] = random() < 0.7 ? 0 : random();
    program.raw().shares = path.shares();
    const int threads = 1 + static_cast<int>(6 * random());
    for (int t = 0; t < threads; ++t) {
      StateTimes states;
      for (State state : kAllStates) states[state] = random() < 0.7 ? 0 : random();
      Thread thread;
      thread.states = states.shares().scaled(program.raw().measurement.wall_s);
      program.raw().threads.push_back(thread);
    }
    if (random() < 0.5) program.wait(S::network, random() * 10, 1 + 100 * random(), random(), 3 * random());
    if (random() < 0.4) program.raw().loops.push_back(loop_of(random(), random() < 0.5 ? 0 : random(), 5 * random()));
    const Session session = judged(program.done());
    models.insert(session.advice.model);
    ASSERT_FALSE(session.advice.model.empty());
    ASSERT_FALSE(session.advice.summary.empty());
    ASSERT_FALSE(session.advice.path.empty());
    ASSERT_EQ(Flowchart::builtin().find(session.advice.path.back().next), nullptr) << "the way ends at a node";
    for (const Prediction& one : session.advice.predictions) {
      ASSERT_GT(one.wall_s.low, 0) << one.model << " of " << session_to_json(session);
      ASSERT_GE(one.wall_s.high, one.wall_s.low) << one.model;
      ASSERT_LE(one.wall_s.high / one.wall_s.low, 2 + 1e-9) << one.model;
      ASSERT_FALSE(one.assumptions.empty()) << one.model;
      ASSERT_FALSE(one.verify.empty());
    }
  }
  EXPECT_GE(models.size(), 6u);
}

TEST(Stack, EveryRowIsWhole) {
  for (const Library& library : libraries()) {
    EXPECT_THAT(library.kind, AnyOf("blocking", "both", "async", "loop")) << library.name;
    EXPECT_THAT(library.effect, AnyOf("network", "disk", "any")) << library.name;
    EXPECT_FALSE(library.source.empty()) << library.name;
    EXPECT_EQ(library.kind == "blocking", library.async_api.empty()) << library.name;
    if (library.kind == "blocking") { EXPECT_FALSE(library.sibling.empty()) << library.name; }
  }
}

TEST(Stack, SonamesAreReadWithoutTheirVersions) {
  Profile profile = Synthetic().done();
  profile.processes[0].libraries = {"/usr/lib/x86_64-linux-gnu/libpq.so.5.15", "libevent-2.1.so.7.0.1", "[heap]", "/usr/bin/app"};
  const Stack stack = stack_of(profile, nullptr, "network");
  EXPECT_TRUE(stack.known);
  EXPECT_EQ(stack.found.size(), 2u);
  EXPECT_EQ(stack.async_share, 1);
}

TEST(Costs, TravelThroughTheirFile) {
  Costs costs;
  costs.machine = "Linux \"6.1\"";
  costs.python_start_s = 0.0123;
  const auto loaded = costs_from_toml(costs_to_toml(costs), "cache");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().cause;
  EXPECT_FALSE(loaded->disturbed);
  costs.disturbed = true;
  EXPECT_TRUE(costs_from_toml(costs_to_toml(costs), "cache")->disturbed);
  EXPECT_TRUE(loaded->measured);
  EXPECT_EQ(loaded->machine, costs.machine);
  EXPECT_DOUBLE_EQ(loaded->python_start_s, 0.0123);
  EXPECT_FALSE(costs_from_toml("python_start_s = -1", "cache").has_value());
  EXPECT_FALSE(costs_from_toml("python_start_s = ", "cache").has_value());
}

}  // namespace
}  // namespace concadvise
