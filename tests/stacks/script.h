// A Python program that a test looks at from outside.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/stacks/child.h"

namespace concadvise {

/// Another interpreter can be tried with CONCADVISE_TEST_PYTHON.
inline std::string python_program() {
  const char* other = getenv("CONCADVISE_TEST_PYTHON");
  return other == nullptr ? "/usr/bin/python3" : other;
}

/// A script in a file of its own, "ready" on its standard output once it is where it wants to be.
class Script {
 public:
  explicit Script(const std::string& text, uid_t user = 0)
      : path_(fmt::format("{}concadvise-stacks-{}.py", ::testing::TempDir(), getpid())), child_(start(path_, text, user)) {
    EXPECT_EQ(child_->line(), "ready");
  }
  ~Script() { std::filesystem::remove(path_); }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  const std::string& path() const { return path_; }
  pid_t pid() const { return child_->pid(); }
  const Child& child() const { return *child_; }
  void end() { child_->end(); }

 private:
  static std::unique_ptr<Child> start(const std::string& path, const std::string& text, uid_t user) {
    std::ofstream(path) << text;
    return std::make_unique<Child>(std::vector<std::string>{python_program(), path}, user);
  }

  std::string path_;
  std::unique_ptr<Child> child_;
};

}  // namespace concadvise
