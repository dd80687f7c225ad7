// What lint found joined with what was measured.
#include "rules/join.h"

#include <gtest/gtest.h>

#include "rules/judge.h"
#include "tests/synthetic.h"

namespace concadvise {
namespace {

using test::Synthetic;
using S = State;

Finding finding(const char* rule, const char* file, int line, const char* function, const char* effect) {
  Finding out;
  out.rule = rule;
  out.file = file;
  out.line = line;
  out.function = function;
  out.effect = effect;
  out.message = "blocks";
  return out;
}

Frame frame(const char* function, const char* file, int line) {
  Frame out;
  out.function = function;
  out.file = file;
  out.line = line;
  out.kind = "python";
  return out;
}

/// A loop that handle() in server.py stopped 40 times, 2 s, and that render() stopped 3 times.
Profile server() {
  Synthetic program(10);
  program.python().threads(1, {{S::on_cpu, 0.1}, {S::network, 0.7}, {S::timer, 0.2}}).path({{S::on_cpu, 0.1}, {S::network, 0.7}, {S::timer, 0.2}});
  program.wait(S::timer, 2.0, 40, 0.06, 0.2);
  program.raw().waits.back().stack = {frame("handle", "/srv/app/server.py", 12), frame("main", "/srv/app/server.py", 40)};
  Loop loop;
  loop.blocked_s = 2.3;
  Stall sleeping;
  sleeping.what = "clock_nanosleep";
  sleeping.state = S::timer;
  sleeping.seconds = 2.0;
  sleeping.count = 40;
  sleeping.longest_s = 0.06;
  sleeping.stack = program.raw().waits.back().stack;
  Stall rendering;
  rendering.what = "computing";
  rendering.state = S::on_cpu;
  rendering.seconds = 0.3;
  rendering.count = 3;
  rendering.longest_s = 0.1;
  rendering.stack = {frame("render", "/srv/app/pages.py", 5)};
  loop.stalls = {sleeping, rendering};
  program.raw().loops.push_back(loop);
  return program.done();
}

TEST(Join, TheExecutingLineWinsAndStallsAreNotCountedTwice) {
  LintResult lint;
  lint.findings = {finding("blocking-in-coroutine", "app/server.py", 30, "handle", "sleep"), finding("blocking-in-coroutine", "app/server.py", 12, "Handler.handle", "sleep"),
                   finding("blocking-in-coroutine", "app/other.py", 12, "handle", "sleep")};
  const Joined joined = join(server(), lint);
  EXPECT_EQ(joined.lint.findings[0].line, 12) << "the costliest comes first";
  EXPECT_DOUBLE_EQ(joined.lint.findings[0].seen_s, 2.0);
  EXPECT_DOUBLE_EQ(joined.lint.findings[0].seen_count, 40);
  EXPECT_EQ(joined.lint.findings[1].seen_s, 0);
  EXPECT_EQ(joined.lint.findings[2].seen_s, 0) << "another file";
}

TEST(Join, PathsMayBeRelativeToABuildFolder) {
  Profile profile = server();
  for (Stall& stall : profile.loops.front().stalls)
    for (Frame& one : stall.stack) one.file = "../../src" + one.file.substr(one.file.rfind('/'));
  LintResult lint;
  lint.findings = {finding("blocking-in-coroutine", "/srv/project/src/server.py", 12, "handle", "sleep"), finding("blocking-in-coroutine", "/srv/other/server.py", 12, "handle", "sleep")};
  const Joined joined = join(profile, lint);
  EXPECT_EQ(joined.lint.findings[0].file, "/srv/project/src/server.py");
  EXPECT_DOUBLE_EQ(joined.lint.findings[0].seen_s, 2.0);
  EXPECT_EQ(joined.lint.findings[1].seen_s, 0);
}

TEST(Join, WithoutTheLineTheEffectDecides) {
  LintResult lint;
  lint.findings = {finding("file-io-in-async", "server.py", 99, "handle", "file"), finding("blocking-in-coroutine", "server.py", 98, "handle", "sleep")};
  const Joined joined = join(server(), lint);
  EXPECT_EQ(joined.lint.findings[0].effect, "sleep");
  EXPECT_DOUBLE_EQ(joined.lint.findings[0].seen_s, 2.0);
  EXPECT_EQ(joined.lint.findings[1].seen_s, 0);
}

TEST(Join, StallsThatNothingExplainsAreNamed) {
  LintResult lint;
  lint.findings = {finding("blocking-in-coroutine", "server.py", 12, "handle", "sleep")};
  const Joined joined = join(server(), lint);
  ASSERT_EQ(joined.unexplained.size(), 1u);
  EXPECT_EQ(joined.unexplained[0].what, "computing");
}

TEST(Join, AdviceRanksFindingsByMeasuredCost) {
  LintResult lint;
  lint.findings = {finding("pool-per-call", "server.py", 70, "start", "process"), finding("blocking-in-coroutine", "server.py", 12, "handle", "sleep")};
  Session session;
  session.profile = server();
  judge(session, &lint);
  ASSERT_GE(session.advice.actions.size(), 3u);
  EXPECT_EQ(session.advice.actions[1].title, "blocking-in-coroutine: blocks");
  EXPECT_NE(session.advice.actions[1].why.find("40 times, 2.00 s"), std::string::npos);
}

TEST(Join, CppNamesAndPathsMatch) {
  Profile profile = server();
  profile.loops[0].stalls[0].stack[0].function = "app::Session::handle(boost::asio::yield_context)";
  profile.loops[0].stalls[0].stack[0].file = "/build/src/session.cpp";
  profile.loops[0].stalls[0].stack[0].line = 0;
  LintResult lint;
  lint.findings = {finding("blocking-in-callback", "src/session.cpp", 50, "app::Session::handle", "sleep"), finding("blocking-in-callback", "ression.cpp", 50, "handle", "sleep")};
  const Joined joined = join(profile, lint);
  EXPECT_DOUBLE_EQ(joined.lint.findings[0].seen_s, 2.0);
  EXPECT_EQ(joined.lint.findings[1].seen_s, 0);
}

}  // namespace
}  // namespace concadvise
