#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cstring>

#include "profiler/stacks/dynamic_symbol.h"
#include "profiler/stacks/elf_file.h"
#include "profiler/stacks/python.h"

namespace concadvise {

/// What the file of an interpreter says about itself. Addresses are as linked.
struct PythonRecogniser::FileFacts {
  bool interpreter = false;
  int major = 0;
  int minor = 0;
  int micro = -1;
  bool debug = false;
  bool free_threaded = false;
  ElfSymbol runtime;
  std::uint64_t code_type = 0;
  std::vector<ElfSegment> segments;
};

namespace {

struct Version {
  int major = 0;
  int minor = 0;
  int micro = -1;
};

/// Py_Version (exported since 3.11) has the form of PY_VERSION_HEX.
std::optional<Version> exported_version(const ElfFile& file) {
  const auto symbol = file.symbol_named("Py_Version");
  if (!symbol || symbol->size < 4) return {};
  const std::vector<std::byte> bytes = file.bytes_at(symbol->address, 4);
  if (bytes.size() < 4) return {};
  std::uint32_t hex = 0;
  std::memcpy(&hex, bytes.data(), 4);
  return Version{static_cast<int>(hex >> 24), static_cast<int>(hex >> 16 & 255), static_cast<int>(hex >> 8 & 255)};
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// "python3.11", "libpython3.8.so.1.0" and the like; not extension modules, which have ".cpython-311" in their names.
bool has_python_name(std::string_view path) {
  const std::string_view name = base_name(path);
  return (name.starts_with("python") || name.starts_with("libpython")) && name.find(".cpython-") == std::string_view::npos;
}

/// The minor version in "libpython3.8.so.1.0", "/lib/python3.8" and the like, wherever it first stands in `text`.
std::optional<Version> version_in(std::string_view text) {
  constexpr std::string_view kBefore = "python3.";
  for (std::size_t at = text.find(kBefore); at != std::string_view::npos; at = text.find(kBefore, at + 1)) {
    const std::string_view digits = text.substr(at + kBefore.size(), 3);
    Version version{3, 0, -1};
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), version.minor);
    if (parsed.ec == std::errc{} && version.minor >= 7 && version.minor < 100) return version;
  }
  return {};
}

/// The path to the standard library stands among the read-only data of every interpreter.
std::optional<Version> version_of_data(const ElfFile& file) {
  constexpr std::size_t kReadOnlyMax = 64u << 20;
  const std::span<const std::byte> data = file.section(".rodata", kReadOnlyMax);
  return version_in(std::string_view(reinterpret_cast<const char*>(data.data()), data.size()));
}

/// From 3.13 on _PyRuntime begins with "xdebugpy", a version and whether the build has no GIL, also in the file.
bool is_free_threaded(const ElfFile& file, const ElfSymbol& runtime) {
  const std::vector<std::byte> bytes = file.bytes_at(runtime.address, 24);
  return bytes.size() == 24 && std::memcmp(bytes.data(), "xdebugpy", 8) == 0 && bytes[16] != std::byte{0};
}

}  // namespace

std::string PythonRuntime::name() const {
  std::string text = fmt::format("CPython {}.{}", major, minor);
  if (micro >= 0) text += fmt::format(".{}", micro);
  if (free_threaded) text += " free-threaded";
  if (debug) text += " debug";
  return text;
}

PythonRecogniser::PythonRecogniser() = default;
PythonRecogniser::~PythonRecogniser() = default;

const PythonRecogniser::FileFacts& PythonRecogniser::facts_of(pid_t pid, const Mapping& mapping) {
  const auto [entry, is_new] = files_.try_emplace({mapping.device, mapping.inode});
  FileFacts& facts = entry->second;
  if (!is_new) return facts;
  const int fd = open_mapped_file(pid, mapping);
  if (fd < 0) return facts;
  // Most executables are no Python and must cost next to nothing; one named so may hide its symbols from the dynamic table.
  if (!has_python_name(mapping.path) && !exports_symbol(fd, "_PyRuntime")) {
    close(fd);
    return facts;
  }
  const auto file = ElfFile::from_descriptor(fd);
  if (file == nullptr) return facts;
  const auto runtime = file->symbol_named("_PyRuntime");
  if (!runtime || runtime->size < 256) return facts;
  auto version = exported_version(*file);
  if (!version) version = version_in(base_name(mapping.path));
  if (!version) version = version_of_data(*file);
  if (!version || version->major != 3 || version->minor < 7) return facts;
  facts.interpreter = true;
  facts.major = version->major;
  facts.minor = version->minor;
  facts.micro = version->micro;
  facts.runtime = *runtime;
  facts.runtime.name = {};
  if (const auto code = file->symbol_named("PyCode_Type")) facts.code_type = code->address;
  facts.debug = file->symbol_named("_Py_NegativeRefcount").has_value();
  facts.free_threaded = is_free_threaded(*file, *runtime);
  facts.segments = file->segments();
  return facts;
}

std::optional<PythonRuntime> PythonRecogniser::recognise(pid_t pid) {
  Maps maps(pid);
  return recognise(maps);
}

std::optional<PythonRuntime> PythonRecogniser::recognise(Maps& maps) {
  if (!maps.refresh() || maps.all().empty()) return {};
  // The executable (mapped lowest) may embed or be the interpreter whatever its name; libraries go by name, so that the
  // hundreds that a process can map need not be opened.
  std::uint64_t last_inode = 0;
  bool executable_seen = false;
  for (const Mapping& mapping : maps.all()) {
    if (mapping.inode == 0 || mapping.inode == last_inode) continue;
    last_inode = mapping.inode;
    const bool first = !std::exchange(executable_seen, true);
    if (!first && !has_python_name(mapping.path)) continue;
    const FileFacts& facts = facts_of(maps.pid(), mapping);
    if (!facts.interpreter) continue;
    // Where the segment with the mapping's first byte was put tells where everything was.
    for (const ElfSegment& segment : facts.segments) {
      const std::uint64_t page_start = segment.offset & ~std::uint64_t{4095};
      if (mapping.offset != page_start) continue;
      const std::uint64_t bias = mapping.start - (segment.address & ~std::uint64_t{4095});
      PythonRuntime runtime{facts.major, facts.minor, facts.micro, facts.free_threaded, facts.debug, {}, {}, {}, mapping.path};
      runtime.runtime_address = facts.runtime.address + bias;
      runtime.runtime_size = facts.runtime.size;
      runtime.code_type = facts.code_type == 0 ? 0 : facts.code_type + bias;
      return runtime;
    }
  }
  return {};
}

}  // namespace concadvise
