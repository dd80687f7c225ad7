// Another process's memory, read from outside: bounded, never stopping it, never throwing.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace concadvise {

/// One piece of a batched read.
struct MemoryRequest {
  std::uint64_t address = 0;
  std::span<std::byte> into;
  std::size_t got = 0;  // leading bytes that were read
};

/// Something to read memory from: a live process, or bytes that a test laid out. What is read may change meanwhile and
/// may be hostile: callers check everything.
class Memory {
 public:
  virtual ~Memory() = default;

  /// Reads from `address` on; returns how many leading bytes were read, 0 when nothing is mapped or allowed.
  virtual std::size_t read(std::uint64_t address, std::span<std::byte> into) = 0;

  /// Reads many pieces with as few system calls as possible; one that fails does not harm the others.
  virtual void read_many(std::span<MemoryRequest> requests);

  /// True when all of `value` was read.
  template <typename T>
  bool load(std::uint64_t address, T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    return read(address, std::as_writable_bytes(std::span(&value, 1))) == sizeof(T);
  }
};

/// The memory of process `pid` (or of the process that thread belongs to) through process_vm_readv: needs ptrace-read
/// permission of it.
class ProcessMemory final : public Memory {
 public:
  explicit ProcessMemory(pid_t pid) : pid_(pid) {}

  std::size_t read(std::uint64_t address, std::span<std::byte> into) override;
  void read_many(std::span<MemoryRequest> requests) override;

  pid_t pid() const { return pid_; }
  std::uint64_t calls() const { return calls_; }        // system calls made
  std::uint64_t failures() const { return failures_; }  // pieces of which nothing could be read

 private:
  pid_t pid_;
  std::uint64_t calls_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace concadvise
