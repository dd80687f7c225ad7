// An ELF file, read with distrust: whatever is wrong in it, nothing is returned and nothing crashes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct Elf;

namespace concadvise {

/// A function or object of a symbol table.
struct ElfSymbol {
  std::uint64_t address = 0;  // as linked
  std::uint64_t size = 0;     // 0: unknown
  std::string_view name;      // lives as long as the file
  bool function = false;
  bool global = false;
};

/// One PT_LOAD segment.
struct ElfSegment {
  std::uint64_t offset = 0;   // in the file
  std::uint64_t address = 0;  // as linked
  std::uint64_t file_size = 0;
  std::uint64_t memory_size = 0;
  bool executable = false;
};

class ElfFile {
 public:
  /// Takes over `fd`; nullptr when it isn't a 64-bit little-endian ELF file. The file is read, never mapped, so one that
  /// is truncated meanwhile can't raise SIGBUS.
  static std::unique_ptr<ElfFile> from_descriptor(int fd);
  static std::unique_ptr<ElfFile> from_path(const std::string& path);
  /// An ELF image that lies in memory, as the vDSO does. The bytes are copied.
  static std::unique_ptr<ElfFile> from_bytes(std::span<const std::byte> bytes);

  ~ElfFile();
  ElfFile(const ElfFile&) = delete;
  ElfFile& operator=(const ElfFile&) = delete;

  Elf* handle() const { return elf_; }
  const std::vector<ElfSegment>& segments() const { return segments_; }
  std::uint64_t file_bytes() const { return file_bytes_; }

  /// The linked address of the byte at `offset` in the file; nothing when no segment loads it.
  std::optional<std::uint64_t> address_at_offset(std::uint64_t offset) const;

  /// Bytes of the file's image at a linked address; empty when they aren't in the file.
  std::vector<std::byte> bytes_at(std::uint64_t address, std::size_t size) const;

  /// Lower-case hexadecimal; empty when there is none.
  std::string build_id() const;

  /// File name and checksum in .gnu_debuglink; the name is empty when there is none.
  struct DebugLink {
    std::string name;
    std::uint32_t checksum = 0;
  };
  DebugLink debug_link() const;

  /// Sum of the sizes of .debug_* sections.
  std::uint64_t debug_bytes() const;

  /// The section's contents, decompressed where the section is; empty when there is none or it is above `max_bytes`.
  std::span<const std::byte> section(std::string_view name, std::size_t max_bytes) const;

  /// Defined functions and objects of .symtab or .dynsym, unsorted.
  enum class Table { full, dynamic };
  std::vector<ElfSymbol> symbols(Table table) const;

  /// Looks in .dynsym, then in .symtab.
  std::optional<ElfSymbol> symbol_named(std::string_view name) const;

 private:
  ElfFile() = default;
  bool load();

  int fd_ = -1;
  std::vector<char> image_;
  Elf* elf_ = nullptr;
  std::uint64_t file_bytes_ = 0;
  std::vector<ElfSegment> segments_;
};

}  // namespace concadvise
