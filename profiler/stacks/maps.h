// What is mapped where in a process: /proc/PID/maps, kept and refreshed cheaply, and the files behind it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace concadvise {

struct Mapping {
  std::uint64_t start = 0;
  std::uint64_t end = 0;     // first address behind it
  std::uint64_t offset = 0;  // of `start` in the file
  std::uint64_t device = 0;  // makedev(major, minor)
  std::uint64_t inode = 0;   // 0: no file
  bool readable = false;
  bool writable = false;
  bool executable = false;
  bool deleted = false;  // the file was unlinked or replaced since
  std::string path;      // as the process sees it, without " (deleted)"; "[stack]", "[vdso]" ...; may be empty
};

/// The mappings in `text`, in the format of /proc/PID/maps, sorted by address; lines that make no sense are left out.
std::vector<Mapping> parse_maps(std::string_view text);

/// The mappings of a live process, and the last ones known once it has ended.
class Maps {
 public:
  explicit Maps(pid_t pid) : pid_(pid) {}

  /// The mapping that contains `address`, or nullptr. Reads the list when it was never read, or when the address is
  /// unknown and the list is older than a tenth of a second. Valid until the next call.
  const Mapping* find(std::uint64_t address);

  /// The same among the mappings known so far: never reads the list.
  const Mapping* known(std::uint64_t address) const;

  /// Reads the list again; false (and the old list stays) when the process is gone or may not be looked at.
  bool refresh();

  /// Rises whenever the list changed.
  std::uint64_t generation() const { return generation_; }

  pid_t pid() const { return pid_; }
  const std::vector<Mapping>& all() const { return mappings_; }

 private:
  pid_t pid_;
  std::vector<Mapping> mappings_;
  std::string text_;
  std::uint64_t generation_ = 0;
  bool read_once_ = false;
  std::chrono::steady_clock::time_point read_at_;
};

/// Opens the file behind a mapping for reading as process `pid` sees it (its mount namespace, deleted files too where
/// permitted); -1 when it can't be had or is certainly another file. The caller closes it.
int open_mapped_file(pid_t pid, const Mapping& mapping);

}  // namespace concadvise
