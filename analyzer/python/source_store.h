// The texts of a run's files as they were read first, so that a tree that was let go can be made again and is the same one,
// whatever has become of the file since. In memory while they are few; beyond that in a file without a name, which costs no
// memory and goes with the process.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace concadvise::python {

class SourceStore {
 public:
  /// For texts numbered from 0 to count - 1.
  SourceStore(std::size_t count, bool on_disk);

  /// Keeps a text, once per number. Different numbers may be given by different threads.
  void put(std::size_t number, std::string text);
  /// Gives a text another, lower number that is free.
  void renumber(std::size_t number, std::size_t to) {
    if (number != to) kept_[to] = std::move(kept_[number]);
  }
  /// The text again. From memory it is moved out, and then gone: only trees that are kept may be made from it.
  std::string take(std::size_t number);
  bool on_disk() const { return file_ != nullptr; }

 private:
  struct Kept {
    std::string text;            // where the file could not take it
    std::int64_t offset = -1;    // in the file
    std::size_t size = 0;
  };
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::atomic<std::int64_t> end_{0};
  std::vector<Kept> kept_;
};

}  // namespace concadvise::python
