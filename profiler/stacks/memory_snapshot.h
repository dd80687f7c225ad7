// Many small pieces of a process's memory, read together so that they fit each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <vector>

#include "profiler/stacks/memory.h"

namespace concadvise {

/// Structures of a running process hang together by pointers, so they are read one after another while they change. But
/// they mostly lie where they lay last time: everything that was used then is read first, in one system call of a few
/// microseconds, and only what is missing is read singly.
class MemorySnapshot {
 public:
  explicit MemorySnapshot(Memory& memory) : memory_(memory) {}

  /// Forgets what was read and reads again all that was used lately.
  void begin();

  /// `size` bytes at `address`; empty when they can't be read. Good until the next begin().
  std::span<const std::byte> bytes(std::uint64_t address, std::size_t size);

  template <typename T>
  bool load(std::uint64_t address, T& value) {
    const std::span<const std::byte> found = bytes(address, sizeof(T));
    if (found.size() != sizeof(T)) return false;
    std::memcpy(&value, found.data(), sizeof(T));
    return true;
  }

  /// True when begin() had read everything that was asked for since.
  bool complete() const { return singles_.empty(); }

 private:
  void plan();
  std::span<const std::byte> planned(std::uint64_t address, std::size_t size) const;

  struct Piece {
    std::uint64_t address = 0;
    std::vector<std::byte> contents;
    std::size_t got = 0;
  };
  struct Use {
    std::size_t size = 0;
    std::uint64_t round = 0;  // when it was last used
  };

  static constexpr std::uint64_t kRoundsKept = 16;
  static constexpr std::size_t kUsesMax = 4096;
  static constexpr std::uint64_t kGap = 512;  // pieces nearer than that are read as one

  Memory& memory_;
  std::uint64_t round_ = 0;
  std::map<std::uint64_t, Use> uses_;
  std::vector<Piece> pieces_;  // by address, apart from each other
  bool uses_changed_ = false;
  std::map<std::uint64_t, std::vector<std::byte>> singles_;
};

}  // namespace concadvise
