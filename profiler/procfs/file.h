// Reading /proc: the edge of the operating system. Descriptors are kept open because an open costs twice a read.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace concadvise {

/// An owned file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& from) noexcept : fd_(std::exchange(from.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& from) noexcept {
    if (this != &from) {
      reset();
      fd_ = std::exchange(from.fd_, -1);
    }
    return *this;
  }
  ~Descriptor() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

/// Opens for reading, close-on-exec; an empty Descriptor when that fails.
Descriptor open_file(const std::string& path);

/// The file's bytes from its start into `buffer`, at most size - 1 of them, as a view; empty when nothing could be read
/// (the process has ended, or permission is missing: errno says which).
std::string_view read_again(const Descriptor& file, char* buffer, std::size_t size);

/// The whole of a small file; empty when it can't be read.
std::string read_file(const std::string& path);

/// Where a symbolic link points to; empty when it can't be read.
std::string read_link(const std::string& path);

/// The names in a folder that are decimal numbers, as /proc names processes, threads and descriptors.
std::vector<int> numbers_in(const std::string& folder);

/// Takes the next blank-separated word off the front of `text`.
std::string_view next_word(std::string_view& text);

/// The value of `text` as an unsigned number in that base; 0 when it is none.
std::uint64_t to_number(std::string_view text, int base = 10);

}  // namespace concadvise
