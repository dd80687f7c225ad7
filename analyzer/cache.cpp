#include "analyzer/cache.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <zstd.h>

#define XXH_INLINE_ALL
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include <xxhash.h>
#pragma GCC diagnostic pop

namespace concadvise {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kEntryMagic = "concadvise-cache/1\n";
constexpr std::size_t kVariants = 4;  // enough to go back and forth between two branches and their build types

std::optional<std::string> read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  struct stat info = {};
  std::string text;
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
    text.resize(static_cast<std::size_t>(info.st_size));
    std::size_t at = 0;
    while (at < text.size()) {
      const ssize_t got = ::read(fd, text.data() + at, text.size() - at);
      if (got <= 0) break;
      at += static_cast<std::size_t>(got);
    }
    text.resize(at);
  }
  ::close(fd);
  return text;
}

void put_number(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

/// Reads what put_number and put_text wrote; `ok` turns false at the first thing that does not fit.
struct Cursor {
  std::string_view rest;
  bool ok = true;

  std::uint64_t number() {
    if (rest.size() < 8) {
      ok = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest[i])) << (8 * i);
    rest.remove_prefix(8);
    return value;
  }
  std::string_view text() {
    const std::uint64_t length = number();
    if (length > rest.size()) ok = false;
    if (!ok) return {};
    const auto out = rest.substr(0, static_cast<std::size_t>(length));
    rest.remove_prefix(static_cast<std::size_t>(length));
    return out;
  }
};

// Level 3 is zstd's own default; facts shrink to a fifth and come back at over 500 MB/s.
std::string compressed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
  out.resize(ZSTD_isError(size) ? 0 : size);
  return out;
}

std::optional<std::string> expanded(std::string_view bytes) {
  constexpr unsigned long long most = 1ULL << 30U;  // a damaged length must not ask for all memory
  const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > most) return std::nullopt;
  std::string out(static_cast<std::size_t>(size), '\0');
  if (ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size()) != size) return std::nullopt;
  return out;
}

int find_build_id(dl_phdr_info* info, std::size_t, void* out) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const char* at = reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr);  // the loader mapped it there
    const char* end = at + segment.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      ElfW(Nhdr) note;
      std::memcpy(&note, at, sizeof note);
      const char* name = at + sizeof note;
      const char* content = name + ((note.n_namesz + 3U) & ~3U);
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
        for (unsigned b = 0; b < note.n_descsz; ++b) *static_cast<std::string*>(out) += fmt::format("{:02x}", static_cast<unsigned char>(content[b]));
        return 1;
      }
      at = content + ((note.n_descsz + 3U) & ~3U);
    }
  }
  return 1;  // the first object is the program itself
}

std::int64_t changed_ns(const struct stat& info) { return static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec; }

std::string hex(XXH128_hash_t value) { return fmt::format("{:016x}{:016x}", value.high64, value.low64); }

}  // namespace

std::string content_hash(std::string_view bytes) { return hex(XXH3_128bits(bytes.data(), bytes.size())); }

std::string content_hash(const std::vector<std::string>& parts) {
  std::string all;
  for (const auto& part : parts) put_text(all, part);
  return content_hash(all);
}

std::string build_identity() {
  static const std::string identity = [] {
    std::string id;
    ::dl_iterate_phdr(find_build_id, &id);
    if (!id.empty()) return id;
    struct stat info = {};
    if (::stat("/proc/self/exe", &info) != 0) return std::string("unknown");
    return fmt::format("{}-{}.{}", info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  }();
  return identity;
}

struct FactCache::Variant {
  struct File {
    std::string_view path;
    std::uint64_t size = 0;
    std::int64_t changed_ns = 0;  // 0: not to be trusted, look at the content
    std::string_view hash;
  };
  std::string list;  // what `files` points into
  std::vector<File> files;
  std::string_view facts;  // compressed
  std::string_view whole;  // this variant's own bytes
};

FactCache::FactCache(std::string folder, std::uint64_t max_bytes) : folder_(std::move(folder)), max_bytes_(max_bytes) {}

std::string FactCache::default_folder() {
  if (const char* own = std::getenv("CONCADVISE_CACHE_DIR"); own && *own) return own;
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg && *xdg == '/') return std::string(xdg) + "/concadvise/facts";
  if (const char* home = std::getenv("HOME"); home && *home == '/') return std::string(home) + "/.cache/concadvise/facts";
  return {};
}

std::int64_t FactCache::now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string FactCache::entry_path(const std::string& key) const { return fmt::format("{}/{}/{}", folder_, key.substr(0, 2), key.substr(2)); }

FactCache::FileState FactCache::state(const std::string& path, bool with_hash) {
  FileState known;
  {
    const std::lock_guard lock(mutex_);
    const auto at = files_.find(path);
    if (at != files_.end() && (!with_hash || !at->second.hash.empty() || !at->second.there)) return at->second;
  }
  struct stat info = {};
  if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
    known.there = true;
    known.size = static_cast<std::uint64_t>(info.st_size);
    known.changed_ns = changed_ns(info);
    if (with_hash) {
      const auto text = read_file(path);
      if (text) known.hash = content_hash(*text);
      else known.there = false;
    }
  }
  const std::lock_guard lock(mutex_);
  return files_[path] = known;
}

std::string FactCache::file_hash(const std::string& path) { return state(path, true).hash; }

bool FactCache::good(const Variant& variant) {
  return !variant.files.empty() && std::ranges::all_of(variant.files, [&](const Variant::File& file) {
    const std::string path(file.path);
    const FileState now = state(path, false);
    if (!now.there || now.size != file.size) return false;
    return (file.changed_ns != 0 && now.changed_ns == file.changed_ns) || state(path, true).hash == file.hash;
  });
}

std::vector<FactCache::Variant> FactCache::read_entry(const std::string& bytes) const {
  std::vector<Variant> out;
  if (!bytes.starts_with(kEntryMagic)) return out;
  Cursor at{std::string_view(bytes).substr(kEntryMagic.size())};
  while (at.ok && !at.rest.empty()) {
    const char* begin = at.rest.data();
    const auto list = expanded(at.text());
    const auto facts = at.text();
    if (!at.ok || !list) break;
    Variant& variant = out.emplace_back();
    variant.list = *list;
    variant.facts = facts;
    variant.whole = {begin, static_cast<std::size_t>(at.rest.data() - begin)};
  }
  // Views into the lists only now: the variants have moved while the vector grew.
  for (auto& variant : out) {
    Cursor in{variant.list};
    while (in.ok && !in.rest.empty()) {
      Variant::File file;
      file.path = in.text();
      file.size = in.number();
      file.changed_ns = static_cast<std::int64_t>(in.number());
      file.hash = in.text();
      variant.files.push_back(file);
    }
    if (!in.ok) variant.files.clear();
  }
    return out;
}

bool FactCache::has(const std::string& key) {
  if (!enabled()) return false;
  const auto bytes = read_file(entry_path(key));
  if (!bytes) return false;
  const auto variants = read_entry(*bytes);
  return std::ranges::any_of(variants, [&](const Variant& variant) { return good(variant); });
}

std::optional<facts::Unit> FactCache::find(const std::string& key, facts::Seen* seen) {
  if (!enabled()) return std::nullopt;
  const std::string path = entry_path(key);
  const auto bytes = read_file(path);
  if (!bytes) return std::nullopt;
  for (const auto& variant : read_entry(*bytes)) {
    if (!good(variant)) continue;
    const auto bytes_of_facts = expanded(variant.facts);
    if (!bytes_of_facts) continue;
    auto unit = facts::from_bytes(*bytes_of_facts, seen);
    if (!unit) continue;
    // The time of last use; an hour is exact enough to choose what goes first.
    struct stat info = {};
    if (::stat(path.c_str(), &info) == 0 && info.st_mtim.tv_sec + 3600 < now_ns() / 1'000'000'000) ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
    return std::move(*unit);
  }
  return std::nullopt;
}

void FactCache::store(const std::string& key, const std::vector<std::string>& files, std::int64_t started_ns, const facts::Unit& unit) {
  if (!enabled() || files.empty()) return;
  std::vector<FileState> states;
  for (const auto& file : files) {
    const FileState now = state(file, true);
    struct stat info = {};
    // Changed while it was being read, or since its hash was taken: what was read is not known.
    if (!now.there || now.changed_ns >= started_ns || ::stat(file.c_str(), &info) != 0 || changed_ns(info) != now.changed_ns) return;
    states.push_back(now);
  }
  std::string list;
  for (std::size_t i = 0; i < files.size(); ++i) {
    put_text(list, files[i]);
    put_number(list, states[i].size);
    // A file can change again within a tick of the clock that stamps it (10 ms at most on Linux): content decides then.
    put_number(list, states[i].changed_ns + 20'000'000 < started_ns ? static_cast<std::uint64_t>(states[i].changed_ns) : 0);
    put_text(list, states[i].hash);
  }
  std::string fresh(kEntryMagic);
  put_text(fresh, compressed(list));
  put_text(fresh, compressed(facts::to_bytes(unit)));
  const auto replaced = [&](const Variant& variant) {
    return std::ranges::equal(variant.files, states, {}, &Variant::File::hash, &FileState::hash);
  };
  const std::string path = entry_path(key);
  if (const auto before = read_file(path)) {
    std::size_t kept = 1;
    for (const auto& variant : read_entry(*before))
      if (!replaced(variant) && kept++ < kVariants) fresh += variant.whole;
  }
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  const std::string aside = fmt::format("{}.{}.{}", path, ::getpid(), reinterpret_cast<std::uintptr_t>(&fresh));
  std::ofstream out(aside, std::ios::binary);
  out << fresh;
  out.close();
  if (out) fs::rename(aside, path, error);
  if (!out || error) fs::remove(aside, error);
  const std::lock_guard lock(mutex_);
  stored_ = true;
}

void FactCache::trim() {
  if (!enabled() || !stored_) return;
  // What backup programs ask for, so that they leave the folder out (bford.info/cachedir).
  std::error_code error;
  const fs::path tag = fs::path(folder_) / "CACHEDIR.TAG";
  if (!fs::exists(tag, error)) std::ofstream(tag) << "Signature: 8a477f597d28d172789f06886806bc55\n# facts of concadvise lint; may be removed at any time\n";
  struct Entry {
    fs::file_time_type used;
    std::uint64_t size;
    fs::path path;
  };
  std::vector<Entry> entries;
  std::uint64_t total = 0;
  for (fs::recursive_directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (!at->is_regular_file(ignored) || at->path() == tag) continue;
    entries.push_back({at->last_write_time(ignored), at->file_size(ignored), at->path()});
    total += entries.back().size;
  }
  if (total <= max_bytes_) return;
  std::ranges::sort(entries, {}, &Entry::used);
  for (const auto& entry : entries) {
    if (total <= max_bytes_ / 10 * 9) break;
    if (fs::remove(entry.path, error)) total -= std::min(total, entry.size);
  }
}

}  // namespace concadvise
