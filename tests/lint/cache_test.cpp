// Facts of earlier runs: the same findings from them, rebuilt when a file or flag changes or an entry is damaged.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "analyzer/analyzer.h"
#include "analyzer/cache.h"
#include "analyzer/facts_io.h"
#include "model/json.h"

namespace concadvise {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Cache : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "concadvise-cache-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = fs::canonical(name);
    fs::create_directory(folder_ / "src");
    write("lib.h", "#pragma once\n#include <unistd.h>\ninline void pause_a_while() { usleep(1000); }\n");
    write("main.cpp",
          "#include <coroutine>\n#include \"lib.h\"\n"
          "struct task { struct promise_type { task get_return_object() { return {}; } std::suspend_never initial_suspend() { return {}; }\n"
          "  std::suspend_never final_suspend() noexcept { return {}; } void return_void() {} void unhandled_exception() {} }; };\n"
          "task run() { pause_a_while(); co_return; }\nint main() { run(); }\n");
    write("poll.py", "import asyncio, time\n\nasync def main():\n    time.sleep(1)\n\nasyncio.run(main())\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  // A second back, so that it is older than the run that reads it.
  void write(const std::string& name, const std::string& text) {
    const fs::path path = folder_ / "src" / name;
    std::ofstream(path, std::ios::binary) << text;
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::seconds(2));
  }
  LintOptions options() const {
    LintOptions out;
    out.paths = {(folder_ / "src/main.cpp").string(), (folder_ / "src/poll.py").string()};
    out.flags = {"-std=gnu++20"};
    out.cache = (folder_ / "cache").string();
    out.jobs = 1;
    return out;
  }
  std::string findings(const LintOptions& with) const {
    const auto result = lint(with);
    return result ? lint_to_json(*result) : result.error().cause;
  }
  std::vector<fs::path> entries() const {
    std::vector<fs::path> out;
    for (const auto& one : fs::recursive_directory_iterator(folder_ / "cache"))
      if (one.is_regular_file() && one.path().filename() != "CACHEDIR.TAG") out.push_back(one.path());
    std::ranges::sort(out);
    return out;
  }
  // An entry that is written anew is another file.
  std::vector<std::uint64_t> identities() const {
    std::vector<std::uint64_t> out;
    for (const auto& path : entries()) {
      struct stat info = {};
      ::stat(path.c_str(), &info);
      out.push_back(info.st_ino ^ (static_cast<std::uint64_t>(info.st_mtim.tv_nsec) << 32U));
    }
    return out;
  }
  fs::path folder_;
};

TEST_F(Cache, ASecondRunReadsWhatTheFirstKept) {
  LintOptions without = options();
  without.cache.clear();
  const std::string expected = findings(without);
  if (cpp_front_end()) {
    EXPECT_NE(expected.find("pause_a_while"), std::string::npos) << expected;
  }
  EXPECT_EQ(findings(options()), expected);
  const auto kept = identities();
  EXPECT_EQ(kept.size(), cpp_front_end() ? 2U : 1U);
  EXPECT_EQ(findings(options()), expected);
  EXPECT_EQ(identities(), kept) << "entries were written again";
}

TEST_F(Cache, UnitsThatStartFromSharedHeadersAreKeptToo) {
  if (!cpp_front_end()) GTEST_SKIP() << "built without the C++ front end";
  LintOptions several = options();
  several.paths.clear();
  const std::string text = read(folder_ / "src/main.cpp");
  for (int number = 0; number < 6; ++number) {  // five with the same flags share their system headers
    const std::string name = "unit" + std::to_string(number) + ".cpp";
    write(name, text);
    several.paths.push_back((folder_ / "src" / name).string());
  }
  LintOptions without = several;
  without.cache.clear();
  const std::string expected = findings(without);
  EXPECT_EQ(findings(several), expected);
  const auto kept = identities();
  EXPECT_EQ(kept.size(), 6U);
  EXPECT_EQ(findings(several), expected);
  EXPECT_EQ(identities(), kept) << "entries were written again";
}

TEST_F(Cache, AHeaderThatChangesCounts) {
  if (!cpp_front_end()) GTEST_SKIP() << "built without the C++ front end";
  EXPECT_NE(findings(options()).find("pause_a_while"), std::string::npos);
  const std::string before = read(folder_ / "src/lib.h");
  write("lib.h", "#pragma once\n#include <unistd.h>\ninline void pause_a_while() { getpid( );  }\n");
  EXPECT_EQ(findings(options()).find("pause_a_while"), std::string::npos);
  // Back again: the older variant is still there.
  write("lib.h", before);
  const auto kept = identities();
  EXPECT_NE(findings(options()).find("pause_a_while"), std::string::npos);
  EXPECT_EQ(identities(), kept);
}

TEST_F(Cache, AnotherTimeOfChangeAloneDoesNotCount) {
  const std::string expected = findings(options());
  const auto kept = identities();
  for (const char* name : {"lib.h", "main.cpp", "poll.py"}) fs::last_write_time(folder_ / "src" / name, fs::file_time_type::clock::now() - std::chrono::hours(5));
  EXPECT_EQ(findings(options()), expected);
  EXPECT_EQ(identities(), kept);
}

TEST_F(Cache, FlagsAndKnowledgeCount) {
  findings(options());
  const std::size_t before = entries().size();
  LintOptions other = options();
  other.flags.emplace_back("-DOTHER");
  findings(other);
  EXPECT_EQ(entries().size(), before + (cpp_front_end() ? 1U : 0U));
  std::ofstream(folder_ / "own.toml") << "[[effect]]\nnames = [\"pause_a_while\"]\neffect = \"sleep\"\nwhat = \"sleeps\"\nsource = \"test\"\n";
  other.packs = {(folder_ / "own.toml").string()};
  findings(other);
  EXPECT_EQ(entries().size(), 2 * before + (cpp_front_end() ? 1U : 0U));
}

TEST_F(Cache, DamagedEntriesAreRebuilt) {
  const std::string expected = findings(options());
  for (const auto& path : entries()) {
    const std::string whole = read(path);
    for (const std::size_t length : {std::size_t{0}, std::size_t{5}, whole.size() / 2, whole.size() - 1}) {
      fs::resize_file(path, 0);
      std::ofstream(path, std::ios::binary) << whole.substr(0, length);
      EXPECT_EQ(findings(options()), expected) << "cut to " << length;
    }
    for (std::size_t at = 0; at < whole.size(); at += whole.size() / 16 + 1) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 0x55);
      std::ofstream(path, std::ios::binary) << changed;
      EXPECT_EQ(findings(options()), expected) << "byte " << at << " changed";
    }
  }
}

TEST_F(Cache, RunsAtTheSameTimeAgree) {
  LintOptions without = options();
  without.cache.clear();
  const std::string expected = findings(without);
  std::vector<std::thread> runs;
  std::vector<std::string> results(4);
  for (auto& result : results) runs.emplace_back([&] { result = findings(options()); });
  for (auto& run : runs) run.join();
  for (const auto& result : results) EXPECT_EQ(result, expected);
  for (const auto& path : entries()) EXPECT_EQ(path.filename().string().find('.'), std::string::npos) << path << " was left behind";
}

TEST_F(Cache, StaysBelowItsBound) {
  LintOptions small = options();
  small.cache_bytes = 4000;
  for (int i = 0; i < 6; ++i) {
    small.flags = {"-std=gnu++20", "-DROUND=" + std::to_string(i)};
    write("poll.py", "import time\n\nasync def main():\n    time.sleep(" + std::to_string(i) + ")\n");
    findings(small);
    std::uintmax_t total = 0;
    for (const auto& path : entries()) total += fs::file_size(path);
    EXPECT_LE(total, 4000U);
  }
}

TEST_F(Cache, AMissingHeaderIsLookedForAgain) {
  if (!cpp_front_end()) GTEST_SKIP() << "built without the C++ front end";
  fs::rename(folder_ / "src/lib.h", folder_ / "src/later.h");
  EXPECT_EQ(findings(options()).find("pause_a_while"), std::string::npos);
  fs::rename(folder_ / "src/later.h", folder_ / "src/lib.h");
  EXPECT_NE(findings(options()).find("pause_a_while"), std::string::npos);
}

TEST_F(Cache, AFolderThatCanNotBeWrittenIsNoError) {
  LintOptions nowhere = options();
  nowhere.cache = "/proc/nowhere";
  LintOptions without = options();
  without.cache.clear();
  EXPECT_EQ(findings(nowhere), findings(without));
}

TEST(FactBytes, ComeBackAsTheyWere) {
  facts::Unit unit;
  unit.path = "/a.cpp";
  unit.files = {"/a.cpp", "/b.h"};
  facts::Function f;
  f.key = "c:@F@f#";
  f.place = {1, 10, 3};
  f.has_body = true;
  f.loops.emplace_back().trips = -1;
  f.loops.back().over.seconds = 0.1;
  facts::Call call;
  call.object = facts::Value{};
  call.object->integer = -5;
  call.arguments.resize(2);
  call.arguments[1].text = "x\n\0y";
  call.passed_to = -1;
  call.after = {-1, 0, 300};
  f.calls.push_back(call);
  unit.functions.push_back(f);
  unit.classes.resize(1);
  unit.classes[0].key = "c:@S@x";
  unit.flows = {{"a", "b"}};
  unit.knowledge = 7;
  unit.suppressions.push_back({1, 2, 3, 2, {"r"}, "because"});
  const std::string bytes = facts::to_bytes(unit);
  const auto back = facts::from_bytes(bytes);
  ASSERT_TRUE(back) << back.error().cause;
  EXPECT_EQ(facts::to_bytes(*back), bytes);
  ASSERT_EQ(back->functions.size(), 1U);
  EXPECT_EQ(back->knowledge, 7U);
  EXPECT_EQ(back->functions[0].calls[0].object->integer, -5);
  EXPECT_EQ(back->functions[0].loops[0].over.seconds, 0.1);
  EXPECT_EQ(back->functions[0].calls[0].after, (std::vector<int>{-1, 0, 300}));
  facts::Seen seen;
  ASSERT_TRUE(facts::from_bytes(bytes, &seen));
  const auto without = facts::from_bytes(bytes, &seen);
  ASSERT_TRUE(without);
  EXPECT_TRUE(without->functions.empty());
  EXPECT_TRUE(without->classes.empty());
  EXPECT_EQ(without->suppressions.size(), 1U);
}

TEST(FactBytes, EveryCutAndEveryChangedByteIsNoticed) {
  facts::Unit unit;
  unit.path = "/a.cpp";
  unit.functions.resize(3);
  unit.functions[1].calls.resize(2);
  const std::string bytes = facts::to_bytes(unit);
  for (std::size_t length = 0; length < bytes.size(); ++length) EXPECT_FALSE(facts::from_bytes(std::string_view(bytes).substr(0, length)));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x11);
    EXPECT_FALSE(facts::from_bytes(changed)) << at;
  }
}

}  // namespace
}  // namespace concadvise
