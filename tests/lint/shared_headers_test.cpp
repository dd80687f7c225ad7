// Units that start from shared system headers say what they say alone, also those that the headers would change.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "analyzer/analyzer.h"
#include "model/json.h"

namespace concadvise {
namespace {

namespace fs = std::filesystem;

// Five units that include the same headers, so that a group forms; each sleeps in a coroutine once, at a line of its own.
constexpr const char* kCoroutine =
    "#include <coroutine>\n"
    "struct task { struct promise_type { task get_return_object() { return {}; } std::suspend_never initial_suspend() { return {}; }\n"
    "  std::suspend_never final_suspend() noexcept { return {}; } void return_void() {} void unhandled_exception() {} }; };\n";

class SharedHeadersTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!cpp_front_end()) GTEST_SKIP() << "built without the C++ front end";
    std::string name = testing::TempDir() + "concadvise-shared-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = fs::canonical(name);
    fs::create_directory(folder_ / "system");
    std::ofstream(folder_ / "system/steps.h") << "#pragma once\n#ifdef QUIET\n#define STEP() ((void)0)\n#else\n#define STEP() sleep(1)\n#endif\n";
    for (int i = 0; i < 5; ++i)
      write("plain" + std::to_string(i) + ".cpp", "#include <chrono>\n#include <cstdio>\n#include <steps.h>\n#include <strings.h>\n#include <thread>\n" + std::string(kCoroutine) +
                                                      "task run() {\n  std::this_thread::sleep_for(std::chrono::seconds(1));\n  co_return;\n}\n");
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    options_.paths.push_back((folder_ / name).string());
  }
  std::string findings(bool full) {
    options_.flags = {"-std=gnu++20", "-isystem", (folder_ / "system").string()};
    options_.jobs = 1;
    options_.full_parse = full;  // which shares nothing
    const auto result = lint(options_);
    return result ? lint_to_json(*result) : result.error().cause;
  }
  void expect_same(const std::string& file, bool blocks) {
    const std::string with = findings(false);
    EXPECT_EQ(with, findings(true));
    EXPECT_EQ(with.find(file) != std::string::npos, blocks) << with;
    EXPECT_NE(with.find("plain4.cpp"), std::string::npos);
  }
  fs::path folder_;
  LintOptions options_;
};

TEST_F(SharedHeadersTest, FindTheSame) { expect_same("plain0.cpp", true); }

TEST_F(SharedHeadersTest, AMacroBeforeAnIncludeCounts) {
  write("macro.cpp", "#include <unistd.h>\n#define QUIET\n#include <steps.h>\n" + std::string(kCoroutine) + "task run() {\n  STEP();\n  co_return;\n}\n");
  expect_same("macro.cpp", false);
}

TEST_F(SharedHeadersTest, AHeaderThatIsNotIncludedIsNotThere) {
  write("asks.cpp", "#include <unistd.h>\n" + std::string(kCoroutine) +
                        "#ifdef BUFSIZ\ntask run() { co_return; }\n#else\ntask run() {\n  sleep(1);\n  co_return;\n}\n#endif\n");
  expect_same("asks.cpp", true);
}

TEST_F(SharedHeadersTest, ANameOfAHeaderThatIsNotIncludedMayBeTaken) {
  write("taken.cpp", "#include <unistd.h>\n" + std::string(kCoroutine) + "extern int index;\nint index = 1;\ntask run() {\n  sleep(1);\n  co_return;\n}\n");
  expect_same("taken.cpp", true);
}

}  // namespace
}  // namespace concadvise
