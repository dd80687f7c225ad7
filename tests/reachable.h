// Tests that start a program as another user need it to be where other users may go: a checkout below /root is not.
#pragma once

#include <filesystem>

namespace concadvise::test {

/// True when every folder on the way to the absolute `path`, and the file itself, may be entered or run by others.
inline bool others_may_run(std::filesystem::path path) {
  for (; path.has_relative_path(); path = path.parent_path()) {
    const auto permissions = std::filesystem::status(path).permissions();
    if ((permissions & std::filesystem::perms::others_exec) == std::filesystem::perms::none) return false;
  }
  return true;
}

}  // namespace concadvise::test
