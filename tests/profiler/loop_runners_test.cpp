#include "profiler/where/loop_runners.h"

#include <gtest/gtest.h>

namespace concadvise {
namespace {

Frame frame(std::string function, std::string file, std::string kind) {
  Frame out;
  out.function = std::move(function);
  out.file = std::move(file);
  out.kind = std::move(kind);
  return out;
}

TEST(LoopRunners, AreKnownWhereverTheyStandOnTheStack) {
  EXPECT_EQ(loop_running({frame("clock_nanosleep", "", "native"), frame("slow", "/srv/app.py", "python"),
                          frame("Handle._run", "/usr/lib/python3.11/asyncio/events.py", "python"),
                          frame("BaseEventLoop._run_once", "/usr/lib/python3.11/asyncio/base_events.py", "python")}),
            "asyncio");
  EXPECT_EQ(loop_running({frame("_run_once", "/opt/python/lib/asyncio/base_events.py", "python")}), "asyncio");
  EXPECT_EQ(loop_running({frame("fsync", "", "native"), frame("on_read", "server.c", "native"), frame("uv_run", "core.c", "native")}),
            "libuv");
  EXPECT_EQ(loop_running({frame("QEventLoop::exec(QFlags<QEventLoop::ProcessEventsFlag>)", "", "native")}), "Qt");
}

TEST(LoopRunners, AreToldFromFunctionsOfTheSameNameElsewhere) {
  EXPECT_EQ(loop_running({}), "");
  EXPECT_EQ(loop_running({frame("run_forever", "/srv/app/scheduler.py", "python")}), "");
  EXPECT_EQ(loop_running({frame("_run_once", "", "native")}), "");
  EXPECT_EQ(loop_running({frame("my_uv_run", "", "native")}), "");
  EXPECT_EQ(loop_running({frame("uv_run", "/srv/uv.py", "python")}), "");
  EXPECT_EQ(loop_running({frame("uv_run_all(int)", "", "native")}), "");
}

TEST(PoolHelpers, AreNoLoopsThoughTheyWaitForManyThings) {
  const Frame wait = frame("wait", "/usr/lib/python3.11/multiprocessing/connection.py", "python");
  EXPECT_TRUE(looks_after_pool({wait, frame("Pool._handle_workers", "/usr/lib/python3.11/multiprocessing/pool.py", "python")}));
  EXPECT_TRUE(looks_after_pool({wait, frame("main", "/usr/lib/python3.11/multiprocessing/forkserver.py", "python")}));
  EXPECT_FALSE(looks_after_pool({wait, frame("main", "/srv/forkserver.py", "python")}));
  EXPECT_FALSE(looks_after_pool({}));
  // A worker stands on the frames of who forked it.
  EXPECT_FALSE(looks_after_pool({frame("BaseProcess._bootstrap", "/usr/lib/python3.11/multiprocessing/process.py", "python"),
                                 frame("main", "/usr/lib/python3.11/multiprocessing/forkserver.py", "python")}));
}

TEST(LoopRunners, AWorkerForkedByALoopRunsNone) {
  std::vector<Frame> stack = {frame("handle", "/srv/app.py", "python"),
                              frame("_process_worker", "/usr/lib/python3.11/concurrent/futures/process.py", "python"),
                              frame("BaseProcess._bootstrap", "/usr/lib/python3.11/multiprocessing/process.py", "python"),
                              frame("Popen._launch", "/usr/lib/python3.11/multiprocessing/popen_fork.py", "python"),
                              frame("BaseEventLoop._run_once", "/usr/lib/python3.11/asyncio/base_events.py", "python")};
  EXPECT_EQ(loop_running(stack), "") << "the loop is its parent's";
  stack.insert(stack.begin() + 1, frame("BaseEventLoop._run_once", "/usr/lib/python3.11/asyncio/base_events.py", "python"));
  EXPECT_EQ(loop_running(stack), "asyncio") << "a loop of its own";
}

}  // namespace
}  // namespace concadvise
