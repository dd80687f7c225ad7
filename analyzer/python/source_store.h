// The texts of a run's files as they were read first, so that a tree that was let go can be had again and is the same one,
// whatever has become of the file since. In memory while they are few; beyond that in a file without a name, which costs no
// memory and goes with the process. There the trees are kept too: reading one back takes a small part of parsing.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "analyzer/python/syntax.h"

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
  /// The tree of a text, parsed at the first time. Where nothing is on disk that is the only time: the text goes into the tree.
  Tree tree(std::size_t number);
  std::size_t bytes(std::size_t number) const { return kept_[number].size; }
  bool on_disk() const { return file_ != nullptr; }

 private:
  struct Kept {
    std::string text;            // where the file could not take it
    std::int64_t offset = -1;    // in the file
    std::size_t size = 0;
    std::int64_t nodes = -1;     // of the tree's parts, in the file
    std::string error;
    std::uint32_t error_line = 0;
    std::uint32_t node_count = 0;
    std::uint32_t comment_count = 0;
    std::uint32_t line_count = 0;
  };
  std::string take(Kept& kept);
  bool write(const void* data, std::size_t size, std::int64_t offset);
  bool read(void* data, std::size_t size, std::int64_t offset) const;
  void keep(Kept& kept, const Tree& tree);
  bool restore(const Kept& kept, Tree& tree) const;

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::atomic<std::int64_t> end_{0};
  std::vector<Kept> kept_;
};

}  // namespace concadvise::python
