// Where a measurement's results go: checked before anything runs, written whole or not at all.
#pragma once

#include <string>

#include "model/result.h"

namespace concadvise::cli {

/// The common part of the names that -o means: "dir/name", "dir/name.json" and "dir/name.html" are the same, and a folder
/// stands for "concadvise" in it. Kind::usage for what can't hold two files (standard output, a device, a pipe); Kind::io
/// when results can't be written there.
Result<std::string> result_base(const std::string& output);

/// Writes beside the target and renames, so that a full disk leaves the old file and never half a new one, and
/// two of us at once do no harm.
Result<void> replace_file(const std::string& path, const std::string& text);

/// What was known at the last checkpoint, in BASE.partial.json: there while the measurement goes on, and left behind when it
/// is ended from outside.
class PartialResult {
 public:
  explicit PartialResult(const std::string& base) : path_(base + ".partial.json") {}

  /// A disk that is full is not complained about here: the result will not go there either.
  void write(const std::string& text);
  /// Also one that an earlier measurement left.
  void remove();
  bool written() const { return written_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool written_ = false;
};

/// Saves to where the user said; where that fails, to the temporary folder, because a measurement is expensive. Says on
/// stderr what failed. Returns the path; empty when it is lost.
std::string save_result(const std::string& base, const char* ending, const std::string& text);

}  // namespace concadvise::cli
