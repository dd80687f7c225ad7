#include "profiler/stacks/maps.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace concadvise {
namespace {

constexpr std::size_t kMapsBytesMax = 16u << 20;  // about 150,000 mappings; Linux allows 65,530 by default
constexpr auto kStaleAfter = std::chrono::milliseconds(100);

/// Takes a number off the front of `text` and the character behind it, which must be `delimiter`.
bool take_number(std::string_view& text, int base, char delimiter, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  const auto used = static_cast<std::size_t>(end - text.data());
  if (error != std::errc{} || used >= text.size() || *end != delimiter) return false;
  text.remove_prefix(used + 1);
  return true;
}

/// The kernel writes newlines in file names as \012 and leaves everything else.
std::string unescaped(std::string_view path) {
  constexpr std::string_view kNewline = "\\012";
  std::string result;
  for (std::size_t at = 0; at < path.size();) {
    const bool newline = path.substr(at, kNewline.size()) == kNewline;
    result.push_back(newline ? '\n' : path[at]);
    at += newline ? kNewline.size() : 1;
  }
  return result;
}

std::optional<Mapping> parse_line(std::string_view line) {
  Mapping mapping;
  std::uint64_t major_number = 0;
  std::uint64_t minor_number = 0;
  if (!take_number(line, 16, '-', mapping.start) || !take_number(line, 16, ' ', mapping.end)) return {};
  if (line.size() < 5 || line[4] != ' ' || mapping.end <= mapping.start) return {};
  mapping.readable = line[0] == 'r';
  mapping.writable = line[1] == 'w';
  mapping.executable = line[2] == 'x';
  line.remove_prefix(5);
  if (!take_number(line, 16, ' ', mapping.offset) || !take_number(line, 16, ':', major_number)) return {};
  if (!take_number(line, 16, ' ', minor_number)) return {};
  mapping.device = makedev(static_cast<unsigned>(major_number), static_cast<unsigned>(minor_number));
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), mapping.inode);
  if (error != std::errc{}) return {};
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  constexpr std::string_view kDeleted = " (deleted)";
  if (line.ends_with(kDeleted)) {
    mapping.deleted = true;
    line.remove_suffix(kDeleted.size());
  }
  mapping.path = unescaped(line);
  return mapping;
}

/// The kernel hands out at most a page of text a call, so the buffer grows by what was read, not per call.
std::optional<std::string> read_bounded(const std::string& path, std::size_t max) {
  constexpr std::size_t kSpare = 8192;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string text(4 * kSpare, '\0');
  std::size_t used = 0;
  ssize_t got = 0;
  while ((got = read(fd, text.data() + used, text.size() - used)) > 0 && used < max) {
    used += static_cast<std::size_t>(got);
    if (text.size() - used < kSpare) text.resize(text.size() * 2);
  }
  close(fd);
  if (got < 0) return {};
  text.resize(used);
  return text;
}

/// A file of another name may stand at the path by now. Overlay file systems show another device in maps than to stat,
/// so only the same device with another inode is proof.
bool is_another_file(int fd, const Mapping& mapping) {
  struct stat status{};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return true;
  return status.st_dev == mapping.device && status.st_ino != mapping.inode;
}

}  // namespace

std::vector<Mapping> parse_maps(std::string_view text) {
  std::vector<Mapping> mappings;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto mapping = parse_line(text.substr(0, end))) mappings.push_back(std::move(*mapping));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::sort(mappings.begin(), mappings.end(), [](const Mapping& a, const Mapping& b) { return a.start < b.start; });
  return mappings;
}

const Mapping* Maps::known(std::uint64_t address) const {
  const auto next = std::upper_bound(mappings_.begin(), mappings_.end(), address,
                                     [](std::uint64_t wanted, const Mapping& mapping) { return wanted < mapping.start; });
  return next != mappings_.begin() && address < std::prev(next)->end ? &*std::prev(next) : nullptr;
}

const Mapping* Maps::find(std::uint64_t address) {
  const Mapping* mapping = known(address);
  if (mapping != nullptr || (read_once_ && std::chrono::steady_clock::now() - read_at_ < kStaleAfter)) return mapping;
  return refresh() ? known(address) : nullptr;
}

bool Maps::refresh() {
  read_once_ = true;
  read_at_ = std::chrono::steady_clock::now();
  auto text = read_bounded(fmt::format("/proc/{}/maps", pid_), kMapsBytesMax);
  if (!text || text->empty()) return false;
  if (*text == text_) return true;
  text_ = std::move(*text);
  mappings_ = parse_maps(text_);
  ++generation_;
  return true;
}

int open_mapped_file(pid_t pid, const Mapping& mapping) {
  if (mapping.inode == 0 || mapping.path.empty() || mapping.path.front() != '/') return -1;
  const std::string by_address = fmt::format("/proc/{}/map_files/{:x}-{:x}", pid, mapping.start, mapping.end);
  const std::string by_root = fmt::format("/proc/{}/root{}", pid, mapping.path);
  for (const std::string& path : {by_address, by_root, mapping.path}) {
    // O_NONBLOCK: what stands there by now may be a pipe.
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) continue;
    if (!is_another_file(fd, mapping)) return fd;
    close(fd);
  }
  return -1;
}

}  // namespace concadvise
