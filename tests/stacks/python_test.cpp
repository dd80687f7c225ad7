#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <random>

#include "profiler/stacks/dynamic_symbol.h"
#include "profiler/stacks/python_frames.h"
#include "profiler/stacks/python_lines.h"
#include "profiler/stacks/symbols.h"
#include "profiler/stacks/unwind.h"
#include "tests/stacks/child.h"
#include "tests/stacks/script.h"

namespace concadvise {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// "function:line" of the script's own frames.
std::vector<std::string> places(const std::vector<Frame>& frames, const std::string& file) {
  std::vector<std::string> found;
  for (const Frame& frame : frames) {
    if (frame.file == file) found.push_back(fmt::format("{}:{}", frame.function, frame.line));
  }
  return found;
}

constexpr const char* kSleeper = R"(import sys, time, threading
def outer():
    def inner(n):
        print("ready", flush=True)
        time.sleep(
            n)
    inner(600)
def in_thread():
    list(map(lambda _: outer(), [1]))
threading.Thread(target=in_thread).start()
)";

TEST(PythonRecogniser, KnowsPythonAndWhereItsLockIs) {
  const Script script(kSleeper);
  PythonRecogniser recogniser;
  const auto python = recogniser.recognise(script.pid());
  ASSERT_TRUE(python.has_value());
  EXPECT_EQ(python->major, 3);
  EXPECT_GE(python->minor, 7);
  EXPECT_TRUE(python->name().starts_with("CPython 3."));
  EXPECT_GT(python->runtime_size, 256u);
  EXPECT_TRUE(python->is_gil(python->runtime_address));
  EXPECT_FALSE(python->is_gil(python->runtime_address + python->runtime_size));
  EXPECT_FALSE(python->is_gil(python->runtime_address - 1));
}

TEST(PythonRecogniser, SaysNothingOfOtherPrograms) {
  const Child child({std::string(STACKS_TARGETS) + "/stacks_target_debug", "sleep"});
  ASSERT_EQ(child.line(), "ready");
  PythonRecogniser recogniser;
  EXPECT_FALSE(recogniser.recognise(child.pid()).has_value());
  EXPECT_FALSE(recogniser.recognise(0).has_value());
}

TEST(ExportsSymbol, FindsByHashWhatIsThere) {
  const int libc = open("/lib/x86_64-linux-gnu/libc.so.6", O_RDONLY | O_CLOEXEC);
  if (libc < 0) GTEST_SKIP() << "no libc at the usual place";
  EXPECT_TRUE(exports_symbol(libc, "printf"));
  EXPECT_TRUE(exports_symbol(libc, "environ"));
  EXPECT_FALSE(exports_symbol(libc, "_PyRuntime"));
  EXPECT_FALSE(exports_symbol(libc, ""));
  close(libc);
  EXPECT_FALSE(exports_symbol(-1, "printf"));
}

class PythonStacks : public ::testing::TestWithParam<uid_t> {};

TEST_P(PythonStacks, OfABlockedThreadHaveFunctionsAndLinesOfBothLanguages) {
  if (GetParam() != 0 && getuid() != 0) GTEST_SKIP() << "only root can start a program as another user";
  Script script(kSleeper, GetParam());
  PythonRecogniser recogniser;
  const auto python = recogniser.recognise(script.pid());
  ASSERT_TRUE(python.has_value());
  Modules modules;
  Unwinder unwinder(modules);
  PythonCodes codes;
  PythonReader reader(script.pid(), *python, codes);
  NativeStack native;
  PythonStack frames_of_python;
  const bool found = eventually([&] {
    for (const pid_t tid : script.child().threads()) {
      const auto at = read_blocked_at(script.pid(), tid);
      if (!at || tid == script.pid()) continue;
      frames_of_python = reader.stack(tid);
      native = unwinder.blocked(script.pid(), tid, *at);
      if (!native.torn && !native.truncated && places(codes.frames(frames_of_python), script.path()).size() == 4) return true;
    }
    return false;
  });
  ASSERT_TRUE(found);
  script.end();
  Symbolizer symbolizer(modules);
  const std::vector<Frame> frames =
      merge_stacks(symbolizer.frames(native), codes.frames(frames_of_python), frames_of_python.entries);
  const int line = python->minor >= 8 ? 5 : 6;  // before, a call's line was that of its last argument
  const std::string inner = python->minor >= 11 ? "outer.<locals>.inner" : "inner";
  const std::string lambda = python->minor >= 11 ? "in_thread.<locals>.<lambda>" : "<lambda>";
  EXPECT_THAT(places(frames, script.path()),
              ElementsAre(fmt::format("{}:{}", inner, line), "outer:7", lambda + ":9", "in_thread:9"));
  EXPECT_EQ(frames.front().kind, "native");
  EXPECT_THAT(frames.front().function, ::testing::AnyOf(::testing::HasSubstr("nanosleep"), ::testing::HasSubstr("select")));
  for (const Frame& frame : frames) EXPECT_NE(frame.function, "_PyEval_EvalFrameDefault");
  // Below the interpreter's first function there may be the C library's start of a thread, nameless without its symbols.
  const auto outermost = std::find_if(frames.rbegin(), frames.rend(), [](const Frame& frame) { return frame.kind == "python"; });
  ASSERT_NE(outermost, frames.rend());
  EXPECT_THAT(outermost->function, ::testing::HasSubstr("_bootstrap"));
}

INSTANTIATE_TEST_SUITE_P(Users, PythonStacks, ::testing::Values(0, 65534));

TEST(PythonReader, FollowsAComputingThreadWithoutMixingFunctionsUp) {
  // Each function runs in one line only and is called from one line only: a mixed-up stack shows.
  const Script script(R"(def first(n):
    return sum(range(n))
def second(n):
    return first(n) + 1
def third(n):
    return [first(i) for i in range(n)]
print("ready", flush=True)
while True:
    second(200)
    third(20)
)");
  PythonRecogniser recogniser;
  const auto python = recogniser.recognise(script.pid());
  ASSERT_TRUE(python.has_value());
  PythonCodes codes;
  PythonReader reader(script.pid(), *python, codes);
  ASSERT_TRUE(reader.supported());
  std::map<std::string, int> seen;
  int good = 0;
  int samples = 0;
  // At least a thousand, and on a busy machine until the program got on to its innermost function.
  const std::string innermost = "first:2 second:4 <module>:9 ";
  for (; samples < 1000 || (samples < 20000 && seen[innermost] == 0); ++samples) {
    std::this_thread::sleep_for(std::chrono::microseconds(100 + samples % 7 * 30));
    const PythonStack stack = reader.stack(script.pid());
    if (stack.torn) continue;
    std::string text;
    for (const Frame& frame : codes.frames(stack)) {
      // Qualified names are there from 3.11 on.
      if (frame.file == script.path()) text += fmt::format("{}:{} ", frame.function.substr(frame.function.rfind('.') + 1), frame.line);
    }
    ++seen[text];
  }
  const std::vector<std::string> possible = {
      "<module>:8 ",
      "<module>:9 ",
      "<module>:10 ",
      "second:4 <module>:9 ",
      "first:2 second:4 <module>:9 ",
      "third:6 <module>:10 ",
      "<listcomp>:6 third:6 <module>:10 ",
      "first:2 <listcomp>:6 third:6 <module>:10 ",
      "first:2 third:6 <module>:10 ",
      // A function that was just entered is at its definition.
      "first:1 second:4 <module>:9 ", "second:3 <module>:9 ", "third:5 <module>:10 ", "first:1 third:6 <module>:10 ",
      "first:1 <listcomp>:6 third:6 <module>:10 "};
  std::string others;
  for (const auto& [text, count] : seen) {
    if (std::find(possible.begin(), possible.end(), text) != possible.end()) {
      good += count;
    } else {
      others += fmt::format("{} x {}\n", count, text);
    }
  }
  EXPECT_GE(good, samples * 95 / 100) << others << "torn " << reader.counts().torn;
  EXPECT_GT(seen[innermost], 0);
}

/// Memory that a script and the test share: the script says in it which line it executes.
class Marks {
 public:
  Marks() : path_(fmt::format("{}concadvise-marks-{}", ::testing::TempDir(), getpid())) {
    const int fd = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && ftruncate(fd, 4096) == 0) words_ = mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
  }
  ~Marks() {
    munmap(words_, 4096);
    std::filesystem::remove(path_);
  }
  Marks(const Marks&) = delete;
  Marks& operator=(const Marks&) = delete;

  const std::string& path() const { return path_; }
  std::uint32_t now() const { return *static_cast<const volatile std::uint32_t*>(words_); }

 private:
  std::string path_;
  void* words_ = nullptr;
};

// Every line of work says its number before it works and none after; each saying counts, so that two equal readings mean
// that the program stood on that line in between and did not come back to it.
constexpr const char* kMarked = R"(import mmap, sys
f = open("MARKS", "r+b")
v = memoryview(mmap.mmap(f.fileno(), 4096)).cast("I")
def leaf(n):
    M(@); t = sum(range(n)); M(0)
    M(@); t += len([x * x for x in range(n // 8)]); M(0)
    return t
def loop(n):
    i = 0
    while i < n: M(@); i = len(str(3 ** (i * 20))) and i + 1; M(0)
    return leaf(3000)
def recursive(n):
    M(@); x = sum(range(2000)); M(0)
    if n: x += recursive(n - 1)
    M(@); x += sum(range(2000)); M(0)
    return x
class Shape:
    def area(self):
        M(@); a = max(range(4000)); M(0)
        return a
    def __lt__(self, other):
        M(@); b = min(range(1000)); M(0)
        return b < 0
def generate(n):
    for i in range(n):
        M(@); y = sum(range(1500)); M(0)
        yield y
def handled():
    try:
        M(@); z = sum(range(1000)); M(0); 1 / 0
    except ZeroDivisionError:
        M(@); z = sum(range(2500)); M(0)
print("ready", flush=True)
shapes = [Shape() for _ in range(6)]
while True:
    leaf(5000)
    loop(30)
    recursive(8)
    sorted(shapes)
    shapes[0].area()
    for _ in generate(5): M(@); k = sum(range(500)); M(0)
    handled()
)";

TEST(PythonReader, AgreesWithWhatTheProgramSaysItDoes) {
  const Marks marks;
  std::string text(kMarked);
  std::map<std::uint32_t, std::string> function_of;  // by marked line
  std::string function = "<module>";
  std::uint32_t line = 1;
  bool in_class = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool starts_line = at == 0 || text[at - 1] == '\n';
    if (starts_line && text[at] != ' ') function = "<module>", in_class = text.compare(at, 6, "class ") == 0;
    const std::size_t name = text.compare(at, 4, "def ") == 0 ? at + 4 : std::string::npos;
    if (name != std::string::npos) function = (in_class ? "Shape." : "") + text.substr(name, text.find('(', name) - name);
    if (text.compare(at, 2, "M(") == 0) {
      const bool works = text[at + 2] == '@';
      if (works) function_of[line] = function;
      text.replace(at, 4, fmt::format("v[0] = (v[0] // 256 + 1) % 16777216 * 256 + {}", works ? line : 0));
    }
    if (text[at] == '\n') ++line;
  }
  text.replace(text.find("MARKS"), 5, marks.path());
  const Script script(text);
  PythonRecogniser recogniser;
  const auto python = recogniser.recognise(script.pid());
  ASSERT_TRUE(python.has_value());
  const bool qualified = python->minor >= 11;
  PythonCodes codes;
  PythonReader reader(script.pid(), *python, codes);
  int compared = 0;
  int right = 0;
  std::map<std::string, int> wrong;
  for (int i = 0; i < 2000; ++i) {
    // Otherwise many looks at one state, on a machine where the program doesn't get to run meanwhile.
    std::this_thread::sleep_for(std::chrono::microseconds(100 + i % 7 * 30));
    const std::uint32_t before = marks.now();
    const PythonStack stack = reader.stack(script.pid());
    const std::uint32_t marked_line = before % 256;
    if (marks.now() != before || stack.torn || stack.frames.empty() || !function_of.contains(marked_line)) continue;
    ++compared;
    const Frame innermost = codes.frame(stack.frames.front());
    std::string expected = function_of[marked_line];
    if (!qualified) expected = expected.substr(expected.rfind('.') + 1);
    const bool same_function = innermost.function == expected || innermost.function.starts_with(expected + ".<locals>") ||
                               (!qualified && innermost.function.starts_with("<"));
    if (same_function && innermost.line == static_cast<int>(marked_line)) {
      ++right;
    } else {
      ++wrong[fmt::format("{}:{} is said to be {}:{}", expected, marked_line, innermost.function, innermost.line)];
    }
  }
  std::string listed;
  for (const auto& [what, count] : wrong) listed += fmt::format("{} x {}\n", count, what);
  RecordProperty("right", right);
  RecordProperty("compared", compared);
  EXPECT_GT(compared, 100);
  EXPECT_GE(right, compared * 95 / 100) << right << " of " << compared << "\n" << listed;
  EXPECT_LE(reader.counts().torn, reader.counts().stacks / 20);
  if (getenv("CONCADVISE_TEST_PYTHON") != nullptr) {
    fmt::print("{}: {} of {} right, {} of {} torn, {} retries\n{}", python->name(), right, compared, reader.counts().torn,
               reader.counts().stacks, reader.counts().retries, listed);
  }
}

TEST(PythonReader, NamesImportedModulesThreadsAndTheHolderOfTheGil) {
  const Script script(R"(import threading, json, email.message, time
def burn():
    while True: pass
threading.Thread(target=burn).start()
time.sleep(0.01)
print("ready", flush=True)
time.sleep(600)
)");
  PythonRecogniser recogniser;
  const auto python = recogniser.recognise(script.pid());
  ASSERT_TRUE(python.has_value());
  PythonCodes codes;
  PythonReader reader(script.pid(), *python, codes);
  const std::vector<std::string> modules = reader.imported_modules();
  EXPECT_TRUE(std::is_sorted(modules.begin(), modules.end()));
  EXPECT_THAT(modules, Contains("json"));
  EXPECT_THAT(modules, Contains("email"));
  EXPECT_THAT(modules, ::testing::Not(Contains("email.message")));
  EXPECT_THAT(modules, ::testing::Not(Contains("asyncio")));
  EXPECT_EQ(reader.interpreters(), 1);
  auto threads = script.child().threads();
  std::sort(threads.begin(), threads.end());
  EXPECT_EQ(reader.threads(), threads);
  const pid_t burner = threads[0] == script.pid() ? threads[1] : threads[0];
  EXPECT_TRUE(eventually([&] { return reader.gil_holder() == burner; }));
  EXPECT_THAT(reader.gil_ranges(), ElementsAre(std::pair(python->runtime_address, python->runtime_size)));
}

TEST(PythonReader, SaysNothingOfAProcessThatIsGone) {
  Script script(kSleeper);
  PythonRecogniser recogniser;
  const auto python = recogniser.recognise(script.pid());
  ASSERT_TRUE(python.has_value());
  PythonCodes codes;
  PythonReader reader(script.pid(), *python, codes);
  const pid_t pid = script.pid();
  script.end();
  EXPECT_TRUE(reader.stack(pid).frames.empty());
  EXPECT_THAT(reader.imported_modules(), IsEmpty());
  EXPECT_THAT(reader.threads(), IsEmpty());
  EXPECT_EQ(reader.gil_holder(), 0);
}

/// A process's memory with some of it wrong.
class DamagedMemory final : public Memory {
 public:
  DamagedMemory(pid_t pid, unsigned seed, unsigned one_in) : memory_(pid), random_(seed), one_in_(one_in) {}

  std::size_t read(std::uint64_t address, std::span<std::byte> into) override {
    const std::size_t got = memory_.read(address, into);
    for (std::size_t i = 0; i < got; ++i) {
      if (random_() % one_in_ == 0) into[i] = std::byte(random_());
    }
    return random_() % 64 == 0 ? got / 2 : got;
  }

 private:
  ProcessMemory memory_;
  std::minstd_rand random_;
  unsigned one_in_;
};

TEST(PythonReader, BearsAnyMemory) {
  const Script script(kSleeper);
  PythonRecogniser recogniser;
  const auto python = recogniser.recognise(script.pid());
  ASSERT_TRUE(python.has_value());
  for (unsigned seed = 0; seed < 150; ++seed) {
    PythonCodes codes;
    PythonReader reader(std::make_unique<DamagedMemory>(script.pid(), seed, 20u << seed % 8), *python, codes);
    for (int i = 0; i < 5; ++i) {
      for (const pid_t tid : reader.threads()) EXPECT_LE(codes.frames(reader.stack(tid)).size(), 512u);
    }
    reader.imported_modules();
    reader.gil_holder();
    reader.gil_ranges();
  }
}

TEST(PythonLines, FollowTheThreeFormats) {
  const auto bytes = [](std::initializer_list<int> values) {
    std::vector<std::byte> result;
    for (const int value : values) result.push_back(static_cast<std::byte>(value));
    return result;
  };
  using Lines = PythonLayout::Lines;
  const auto pairs = bytes({4, 1, 6, 255, 255, 0, 1, 10});
  EXPECT_EQ(python_line(Lines::pairs, pairs, 10, 0), 10);
  EXPECT_EQ(python_line(Lines::pairs, pairs, 10, 4), 11);
  EXPECT_EQ(python_line(Lines::pairs, pairs, 10, 10), 10);
  EXPECT_EQ(python_line(Lines::pairs, pairs, 10, 1000), 20);
  const auto ranges = bytes({4, 1, 2, 128, 4, 2});
  EXPECT_EQ(python_line(Lines::ranges, ranges, 10, 0), 11);
  EXPECT_EQ(python_line(Lines::ranges, ranges, 10, 4), 0);
  EXPECT_EQ(python_line(Lines::ranges, ranges, 10, 6), 13);
  EXPECT_EQ(python_line(Lines::ranges, ranges, 10, 10), 0);
  // No columns, +3; one line +1; short; long -2 with three numbers; none.
  const auto locations = bytes({0x80 | 13 << 3 | 1, 6, 0x80 | 11 << 3, 0, 0, 0x80 | 2 << 3, 0, 0x80 | 14 << 3, 5, 0, 0, 0, 0x80 | 15 << 3});
  EXPECT_EQ(python_line(Lines::locations, locations, 10, 0), 13);
  EXPECT_EQ(python_line(Lines::locations, locations, 10, 3), 13);
  EXPECT_EQ(python_line(Lines::locations, locations, 10, 4), 14);
  EXPECT_EQ(python_line(Lines::locations, locations, 10, 6), 14);
  EXPECT_EQ(python_line(Lines::locations, locations, 10, 8), 12);
  EXPECT_EQ(python_line(Lines::locations, locations, 10, 10), 0);
  EXPECT_EQ(python_line(Lines::locations, locations, 10, 12), 0);
  EXPECT_EQ(python_line(Lines::locations, locations, 10, -2), 10);
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::byte> table(random() % 64);
    for (std::byte& byte : table) byte = static_cast<std::byte>(random());
    for (const Lines format : {Lines::pairs, Lines::ranges, Lines::locations}) {
      EXPECT_GE(python_line(format, table, static_cast<int>(random() % 100), random() % 300), 0);
    }
  }
}

Frame native(const std::string& function, const std::string& module = "python3") {
  Frame frame;
  frame.function = function;
  frame.module = module;
  return frame;
}

Frame python_frame(const std::string& function) {
  Frame frame;
  frame.function = function;
  frame.kind = "python";
  return frame;
}

std::string joined(const std::vector<Frame>& frames) {
  std::string text;
  for (const Frame& frame : frames) text += (text.empty() ? "" : " ") + frame.function;
  return text;
}

TEST(MergeStacks, PutsPythonInPlaceOfTheLoop) {
  const std::vector<Frame> stack = {native("read", "libc.so.6"), native("os_read"), native("cfunction_vectorcall"),
                                    native("_PyEval_EvalFrameDefault"), native("_PyFunction_Vectorcall"), native("list_sort"),
                                    native("_PyEval_EvalFrameDefault"), native("pymain_run"), native("main"),
                                    native("_start")};
  const std::vector<Frame> python = {python_frame("key"), python_frame("sort"), python_frame("<module>")};
  EXPECT_EQ(joined(merge_stacks(stack, python, {1, 2})), "read os_read key list_sort sort <module>");
  // Cut short: what is missing follows.
  EXPECT_EQ(joined(merge_stacks({stack[0], stack[1]}, python, {1, 2})), "read os_read key sort <module>");
  EXPECT_EQ(joined(merge_stacks({stack.begin(), stack.begin() + 4}, python, {1, 2})), "read os_read key sort <module>");
  EXPECT_EQ(joined(merge_stacks({}, python, {1, 2})), "key sort <module>");
  // An embedding program stays.
  std::vector<Frame> embedded = stack;
  embedded[7] = native("serve", "server");
  EXPECT_EQ(joined(merge_stacks(embedded, python, {1, 2})), "read os_read key list_sort sort <module> serve");
  EXPECT_EQ(joined(merge_stacks({native("main", "app")}, {}, {})), "main");
}

}  // namespace
}  // namespace concadvise
