#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "profiler/stacks/python_frames.h"
#include "tests/stacks/script.h"

namespace concadvise {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// One look at a thread of a script: its task, and those of its own coroutines that are on the stack, innermost first.
struct Turn {
  std::optional<PythonTask> task;
  std::vector<std::string> coroutines;
};

class Tasks {
 public:
  explicit Tasks(const std::string& text) : script_(text) {
    python_ = PythonRecogniser().recognise(script_.pid());
    if (python_) reader_.emplace(script_.pid(), *python_, codes_);
  }

  const Script& script() const { return script_; }
  int minor() const { return python_ ? python_->minor : 0; }
  PythonReader& reader() { return *reader_; }

  Turn of(pid_t tid) {
    const PythonStack stack = reader_->stack(tid);
    Turn turn;
    if (stack.torn) return turn;
    turn.task = reader_->task();
    for (const PythonPlace& place : stack.frames) {
      const std::string function = codes_.frame(place).function;
      if (codes_.is_coroutine(place)) turn.coroutines.push_back(function);
    }
    return turn;
  }

  /// Whose turn the main thread is once it is some task's.
  Turn settled() {
    Turn turn;
    EXPECT_TRUE(eventually([&] { return (turn = of(script_.pid())).task.has_value(); }));
    return turn;
  }

 private:
  Script script_;
  std::optional<PythonRuntime> python_;
  PythonCodes codes_;
  std::optional<PythonReader> reader_;
};

// Tasks have names from 3.8 on.
constexpr const char* kNamed = R"(import asyncio, sys, threading, time
def named(task, name):
    if sys.version_info >= (3, 8): task.set_name(name)
    return task
)";

TEST(PythonTasks, AreNamedWithTheirCoroutinesAndWhoAwaitsThem) {
  Tasks tasks(std::string(kNamed) + R"(
def deep(): time.sleep(600)
async def query():
    print("ready", flush=True)
    deep()
async def handler(): await query()
async def main(): await named(asyncio.ensure_future(handler()), "orders")
asyncio.new_event_loop().run_until_complete(main())
)");
  const Turn turn = tasks.settled();
  ASSERT_TRUE(turn.task.has_value());
  EXPECT_THAT(turn.coroutines, ElementsAre("query", "handler"));
  if (tasks.minor() >= 8) { EXPECT_EQ(turn.task->name, "orders"); }
  if (tasks.minor() >= 8) { EXPECT_EQ(turn.task->awaited_by, "Task-1"); }
  EXPECT_EQ(turn.task->awaiting_coroutine, "main");
}

TEST(PythonTasks, HaveTheNameThatNobodyGave) {
  Tasks tasks(R"(import asyncio, time
async def main():
    print("ready", flush=True)
    time.sleep(600)
asyncio.new_event_loop().run_until_complete(main())
)");
  const Turn turn = tasks.settled();
  ASSERT_TRUE(turn.task.has_value());
  if (tasks.minor() >= 8) { EXPECT_EQ(turn.task->name, "Task-1"); }
  EXPECT_THAT(turn.task->awaited_by, IsEmpty());
  EXPECT_THAT(turn.task->awaiting_coroutine, IsEmpty());
}

TEST(PythonTasks, BelongToTheThreadThatRunsThem) {
  Tasks tasks(std::string(kNamed) + R"(
async def stuck(): time.sleep(600)
async def main(name):
    await named(asyncio.ensure_future(stuck()), name)
def loop(name): asyncio.new_event_loop().run_until_complete(main(name))
for name in ("one", "two"): threading.Thread(target=loop, args=(name,)).start()
print("ready", flush=True)
)");
  std::set<std::string> names;
  std::set<std::uint64_t> addresses;
  EXPECT_TRUE(eventually([&] {
    names.clear(), addresses.clear();
    for (const pid_t tid : tasks.script().child().threads())
      if (const Turn turn = tasks.of(tid); turn.task) names.insert(turn.task->name), addresses.insert(turn.task->address);
    return addresses.size() == 2;
  }));
  if (tasks.minor() >= 8) { EXPECT_THAT(names, ElementsAre("one", "two")); }
  EXPECT_FALSE(tasks.of(tasks.script().pid()).task.has_value());  // waits for the threads
}

TEST(PythonTasks, AreNoneWhereALoopWaitsOrAThreadWorksForIt) {
  Tasks tasks(R"(import asyncio, time
def work():
    print("ready", flush=True)
    time.sleep(600)
async def main(): await asyncio.get_event_loop().run_in_executor(None, work)
asyncio.new_event_loop().run_until_complete(main())
)");
  int looks = 0;
  for (const pid_t tid : tasks.script().child().threads())
    for (int i = 0; i < 20; ++i) {
      const Turn turn = tasks.of(tid);
      // The main thread may still be on its way into the loop's wait.
      if (tid == tasks.script().pid() && !turn.coroutines.empty()) continue;
      EXPECT_FALSE(turn.task.has_value());
      EXPECT_THAT(turn.coroutines, IsEmpty());
      ++looks;
    }
  EXPECT_GT(looks, 0);
}

TEST(PythonTasks, AreNotInventedWhileTasksComeAndGo) {
  Tasks tasks(R"(import asyncio
async def child(n): return sum(range(n))
async def parent(n): return await asyncio.ensure_future(child(n)) + sum(range(n))
async def main():
    print("ready", flush=True)
    while True: await asyncio.gather(*[parent(2000) for _ in range(20)])
asyncio.new_event_loop().run_until_complete(main())
)");
  int named = 0;
  for (int i = 0; i < 2000; ++i) {
    const Turn turn = tasks.of(tasks.script().pid());
    if (!turn.task) continue;
    ++named;
    EXPECT_FALSE(turn.coroutines.empty());
    if (tasks.minor() >= 8) { EXPECT_THAT(turn.task->name, ::testing::StartsWith("Task-")); }
    const std::string& above = turn.task->awaiting_coroutine;
    EXPECT_TRUE(above.empty() || above == "parent") << above;
  }
  EXPECT_GT(named, 0);
}

}  // namespace
}  // namespace concadvise
