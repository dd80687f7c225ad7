// The scenarios that the guides name, as recorded facts: what a measurement of each would hold, and the model that they say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "rules/judge.h"
#include "tests/synthetic.h"

namespace concadvise {
namespace {

using test::Synthetic;
using S = State;

/// One thread that computes this share and waits the rest for `state`, `count` times up to `longest` seconds.
Synthetic one_thread(double compute, State state, double count, double longest, std::vector<std::string> modules) {
  Synthetic program(10);
  program.python().threads(1, {{S::on_cpu, compute}, {state, 1 - compute}}).path({{S::on_cpu, compute}, {state, 1 - compute}});
  if (compute < 1) program.wait(state, 10 * (1 - compute), count, longest, 1 - compute);
  program.raw().processes[0].modules = std::move(modules);
  return program;
}

/// The same on an event loop with so many requests in flight while it waits.
Synthetic on_loop(Synthetic program, double in_flight, double computing_stalls_s = 0) {
  Loop loop;
  loop.kind = "epoll";
  loop.framework = "asyncio";
  loop.waiting_s = 5;
  loop.connections_outbound = in_flight;
  loop.busy_s = computing_stalls_s;
  if (computing_stalls_s > 0) {
    Stall stall;
    stall.what = "computing";
    stall.state = S::on_cpu;
    stall.seconds = computing_stalls_s;
    stall.count = 10;
    stall.longest_s = computing_stalls_s / 10;
    loop.stalls.push_back(stall);
    loop.longest_stall_s = stall.longest_s;
  }
  program.raw().loops.push_back(loop);
  return program;
}

struct Scenario {
  const char* id;
  const char* what;
  std::function<Synthetic()> facts;
  std::vector<std::string> models;
};

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all = {
      {"J01", "data-heavy web backend", [] { return on_loop(one_thread(0.5, S::network, 100, 0.1, {"fastapi", "asyncio"}), 1, 4.5); }, {"async+parallel"}},
      {"J02", "fetch and process documents, blocking libraries", [] { return one_thread(0.5, S::network, 50, 0.2, {"requests"}); }, {"async+parallel"}},
      {"J03", "nightly job: 50 profiles from a database to a CRM", [] { return one_thread(0.03, S::network, 100, 0.15, {"psycopg2", "requests"}); }, {"threads"}},
      {"J04", "100 image URLs to disk", [] { return one_thread(0.05, S::network, 100, 0.2, {"requests", "urllib3"}); }, {"threads"}},
      {"J05", "tokenising and matrices", [] { return one_thread(1, S::disk, 0, 0, {"re"}); }, {"parallel"}},
      {"J06", "thumbnails", [] { return one_thread(0.92, S::disk, 400, 0.02, {"PIL"}); }, {"parallel"}},
      {"J07", "thousands of WebSockets, a thread for each",
       [] {
         Synthetic program(10);
         program.python().threads(3000, {{S::on_cpu, 0.0001}, {S::network, 0.9999}}).path({{S::on_cpu, 0.1}, {S::network, 0.9}});
         return program.wait(S::network, 29990, 30000, 5, 2999);
       },
       {"async"}},
      {"J08", "a gateway that asks five services for each response", [] { return on_loop(one_thread(0.05, S::network, 500, 0.05, {"fastapi", "httpx", "asyncio"}), 1); }, {"async"}},
      {"J09", "a batch of documents: features, validation", [] { return one_thread(0.97, S::disk, 100, 0.01, {"json"}); }, {"parallel"}},
      {"J10", "a service that calls several APIs for each request", [] { return on_loop(one_thread(0.04, S::network, 60, 0.2, {"httpx", "asyncio"}), 1); }, {"async"}},
      {"J11", "third-party APIs and many files", [] { return one_thread(0.05, S::network, 80, 0.3, {"requests", "boto3"}); }, {"threads"}},
      {"J12", "batch inference and features", [] { return one_thread(1, S::disk, 0, 0, {"csv"}); }, {"parallel"}},
      {"J13", "queue consumer on an async framework", [] { return on_loop(one_thread(0.1, S::network, 2000, 0.02, {"aiokafka", "asyncio"}), 1); }, {"async"}},
      {"J14", "a web service: I/O", [] { return on_loop(one_thread(0.05, S::network, 400, 0.1, {"fastapi", "asyncio"}), 1); }, {"async"}},
      {"J14", "a web service: computing", [] { return on_loop(one_thread(0.95, S::network, 10, 0.05, {"fastapi", "asyncio"}), 1, 9); }, {"unblock-loop", "parallel"}},
      {"J14", "a web service: simple I/O on blocking libraries", [] { return one_thread(0.05, S::network, 30, 0.2, {"requests", "fastapi"}); }, {"threads"}},
      {"J15", "a hundred endpoints of one second", [] { return one_thread(0.001, S::timer, 100, 0.1, {}); }, {"threads", "async"}},
      {"J16", "scraping, bulk inserts, files", [] { return one_thread(0.06, S::network, 300, 0.05, {"requests", "pymysql"}); }, {"threads"}},
  };
  return all;
}

class Scenarios : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Scenarios, GetTheModelThatTheGuidesName) {
  const Scenario& scenario = scenarios()[GetParam()];
  Session session;
  session.profile = scenario.facts().done();
  judge(session);
  EXPECT_THAT(scenario.models, ::testing::Contains(session.advice.model)) << scenario.id << " " << scenario.what << ": " << session.advice.summary;
  ASSERT_FALSE(session.advice.predictions.empty());
  const Prediction& first = session.advice.predictions.front();
  EXPECT_LT(first.wall_s.low, session.profile.measurement.wall_s) << scenario.what;
}

INSTANTIATE_TEST_SUITE_P(Guides, Scenarios, ::testing::Range(std::size_t{0}, scenarios().size()),
                         [](const auto& each) { return std::string(scenarios()[each.param].id) + "_" + std::to_string(each.param); });

TEST(Scenario, AHundredEndpointsTakeAboutAsLongAsOne) {
  Session session;
  session.profile = scenarios()[16].facts().done();
  judge(session);
  const Interval wall = session.advice.predictions.front().wall_s;
  EXPECT_GT(wall.low, 0.05);
  EXPECT_LT(wall.high, 0.5);
}

}  // namespace
}  // namespace concadvise
