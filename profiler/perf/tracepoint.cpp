#include "profiler/perf/tracepoint.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace concadvise {
namespace {

// The number after `key` in a line of "key:value;" parts.
std::optional<std::uint64_t> number_after(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return {};
  std::string_view rest = line.substr(at + key.size());
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc{}) return {};
  return value;
}

// "pid_t prev_pid" is prev_pid, "char comm[16]" is comm.
std::string_view name_in(std::string_view declaration) {
  declaration = declaration.substr(0, declaration.find('['));
  const std::size_t before = declaration.find_last_of(" *");
  return before == std::string_view::npos ? declaration : declaration.substr(before + 1);
}

std::string read_all(int folder, const std::string& path) {
  const Descriptor file(::openat(folder, path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  std::string text;
  char part[4096];
  for (ssize_t got = 0; (got = ::read(file.get(), part, sizeof part)) > 0;) text.append(part, static_cast<std::size_t>(got));
  return text;
}

}  // namespace

std::optional<Tracepoint> Tracepoint::parse(std::string_view format) {
  Tracepoint point;
  while (!format.empty()) {
    const std::string_view line = format.substr(0, format.find('\n'));
    format.remove_prefix(std::min(format.size(), line.size() + 1));
    if (line.starts_with("ID:")) point.id_ = number_after(line, "ID:").value_or(0);
    constexpr std::string_view start = "field:";
    const std::size_t at = line.find(start);
    if (at == std::string_view::npos) continue;
    const std::string_view declaration = line.substr(at + start.size(), line.find(';', at) - at - start.size());
    const auto offset = number_after(line, "offset:");
    const auto size = number_after(line, "size:");
    if (!offset || !size) continue;
    point.fields_.push_back({std::string(name_in(declaration)), *offset, *size, number_after(line, "signed:").value_or(0) != 0});
  }
  if (point.id_ == 0 || point.fields_.empty()) return {};
  return point;
}

std::int64_t Tracepoint::value(std::span<const std::byte> raw, std::string_view name) const {
  const auto field = std::find_if(fields_.begin(), fields_.end(), [name](const Field& each) { return each.name == name; });
  if (field == fields_.end() || field->size > sizeof(std::int64_t) || field->offset + field->size > raw.size()) return 0;
  std::uint64_t value = 0;
  std::memcpy(&value, raw.data() + field->offset, field->size);
  const unsigned unused = 64 - 8 * static_cast<unsigned>(field->size);
  return field->is_signed ? static_cast<std::int64_t>(value << unused) >> unused : static_cast<std::int64_t>(value);
}

std::optional<Tracefs> Tracefs::open() {
  // Not by way of debugfs: to look there mounts it.
  Descriptor mounted(::open("/sys/kernel/tracing", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (mounted && ::faccessat(mounted.get(), "events/sched", F_OK, 0) == 0) return Tracefs(std::move(mounted));
  const Descriptor made(::fsopen("tracefs", FSOPEN_CLOEXEC));
  if (!made || ::fsconfig(made.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return {};
  Descriptor root(::fsmount(made.get(), FSMOUNT_CLOEXEC, 0));
  if (!root) return {};
  return Tracefs(std::move(root));
}

std::optional<Tracepoint> Tracefs::find(const std::string& system, const std::string& event) const {
  return Tracepoint::parse(read_all(root_.get(), fmt::format("events/{}/{}/format", system, event)));
}

}  // namespace concadvise
