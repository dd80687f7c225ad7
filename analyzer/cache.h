// Facts kept from run to run, by content. An entry belongs to a key (the unit's path, its flags, the knowledge, this build of
// the program) and holds a few variants: what the files read had in them, and the facts that came of it. A variant is good
// while every file it read still has that content; size and time of change answer that without reading the file.
//
// Files are written aside and renamed, so runs at the same time see whole entries; what is cut, damaged or foreign counts
// as absent. When the folder outgrows its bound the entries not used for longest go.
//
// What is not seen: a file that did not exist when the unit was read and would now be found first (as with every compiler
// cache that goes by the files that were read).
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/facts.h"
#include "analyzer/facts_io.h"

namespace concadvise {

/// 128 bits of XXH3 as 32 hexadecimal digits.
std::string content_hash(std::string_view bytes);

/// Hash of texts in order; `{"a", "b"}` differs from `{"ab", ""}`.
std::string content_hash(const std::vector<std::string>& parts);

/// What this build of the program is: its build id, or size and time of its file where it has none.
std::string build_identity();

class FactCache {
 public:
  /// An empty folder: nothing is found and nothing is kept. A folder that can't be written is used as far as it goes.
  explicit FactCache(std::string folder, std::uint64_t max_bytes = default_max_bytes);

  /// 1 GiB: facts of about 30,000 units of average size.
  static constexpr std::uint64_t default_max_bytes = 1ULL << 30U;
  /// $CONCADVISE_CACHE_DIR, or concadvise/facts below $XDG_CACHE_HOME or ~/.cache; empty when there is no home.
  static std::string default_folder();

  bool enabled() const { return !folder_.empty(); }

  /// Whether a good variant is there. Thread-safe; contents of files are looked at once per run.
  bool has(const std::string& key);
  /// The facts of a good variant.
  std::optional<facts::Unit> find(const std::string& key, facts::Seen* seen = nullptr);
  /// Keeps the facts. `files` are all that were read (absolute paths), `started` is when reading began: a file changed since
  /// is not trusted. Failing to write is no error.
  void store(const std::string& key, const std::vector<std::string>& files, std::int64_t started_ns, const facts::Unit& unit);

  /// Content hash of a file, from its first reading in this run; empty when it can't be read.
  std::string file_hash(const std::string& path);

  /// Removes the entries used least recently until the folder is at nine tenths of its bound. Call once at the end of a run
  /// that stored something.
  void trim();

  static std::int64_t now_ns();

 private:
  struct FileState {
    bool there = false;
    std::uint64_t size = 0;
    std::int64_t changed_ns = 0;
    std::string hash;
  };
  struct Variant;
  FileState state(const std::string& path, bool with_hash);
  bool good(const Variant& variant);
  std::vector<Variant> read_entry(const std::string& bytes) const;
  std::string entry_path(const std::string& key) const;

  std::string folder_;
  std::uint64_t max_bytes_;
  bool stored_ = false;
  std::mutex mutex_;
  std::unordered_map<std::string, FileState> files_;
};

}  // namespace concadvise
