#include "profiler/stacks/elf_file.h"

#include <elf.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace concadvise {
namespace {

constexpr std::size_t kNameBytesMax = 16384;  // longer symbol names are cut: they are either hostile or unreadable

std::string_view section_name(Elf* elf, Elf_Scn* section) {
  GElf_Shdr header;
  std::size_t strings = 0;
  if (gelf_getshdr(section, &header) == nullptr || elf_getshdrstrndx(elf, &strings) != 0) return {};
  const char* name = elf_strptr(elf, strings, header.sh_name);
  return name == nullptr ? std::string_view{} : std::string_view(name, strnlen(name, kNameBytesMax));
}

/// Calls `visit(symbol)` for each defined function or object until it returns false.
template <typename Visit>
void each_symbol(Elf* elf, Elf64_Word type, Visit visit) {
  for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr; section = elf_nextscn(elf, section)) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != type || header.sh_entsize == 0) continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr) continue;
    const std::size_t count = std::min<std::size_t>(data->d_size / sizeof(Elf64_Sym), INT32_MAX);
    for (std::size_t i = 0; i < count; ++i) {
      GElf_Sym raw;
      if (gelf_getsym(data, static_cast<int>(i), &raw) == nullptr) return;
      const auto kind = GELF_ST_TYPE(raw.st_info);
      const bool function = kind == STT_FUNC || kind == STT_GNU_IFUNC;
      if (raw.st_shndx == SHN_UNDEF || raw.st_value == 0) continue;
      if (!function && kind != STT_OBJECT && kind != STT_NOTYPE) continue;
      const char* name = elf_strptr(elf, header.sh_link, raw.st_name);
      if (name == nullptr || *name == '\0') continue;
      const ElfSymbol symbol{raw.st_value, raw.st_size, std::string_view(name, strnlen(name, kNameBytesMax)), function,
                             GELF_ST_BIND(raw.st_info) != STB_LOCAL};
      if (!visit(symbol)) return;
    }
  }
}

}  // namespace

std::unique_ptr<ElfFile> ElfFile::from_descriptor(int fd) {
  if (fd < 0) return nullptr;
  std::unique_ptr<ElfFile> file(new ElfFile);
  file->fd_ = fd;
  struct stat status{};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0) return nullptr;
  file->file_bytes_ = static_cast<std::uint64_t>(status.st_size);
  elf_version(EV_CURRENT);
  file->elf_ = elf_begin(fd, ELF_C_READ, nullptr);
  return file->load() ? std::move(file) : nullptr;
}

std::unique_ptr<ElfFile> ElfFile::from_path(const std::string& path) {
  return from_descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

std::unique_ptr<ElfFile> ElfFile::from_bytes(std::span<const std::byte> bytes) {
  std::unique_ptr<ElfFile> file(new ElfFile);
  if (bytes.empty()) return nullptr;
  file->image_.resize(bytes.size());
  std::memcpy(file->image_.data(), bytes.data(), bytes.size());
  file->file_bytes_ = bytes.size();
  elf_version(EV_CURRENT);
  file->elf_ = elf_memory(file->image_.data(), file->image_.size());
  return file->load() ? std::move(file) : nullptr;
}

ElfFile::~ElfFile() {
  if (elf_ != nullptr) elf_end(elf_);
  if (fd_ >= 0) close(fd_);
}

bool ElfFile::load() {
  if (elf_ == nullptr || elf_kind(elf_) != ELF_K_ELF || gelf_getclass(elf_) != ELFCLASS64) return false;
  const char* ident = elf_getident(elf_, nullptr);
  if (ident == nullptr || ident[EI_DATA] != ELFDATA2LSB) return false;
  std::size_t count = 0;
  if (elf_getphdrnum(elf_, &count) != 0) count = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(count, 4096); ++i) {
    GElf_Phdr header;
    if (gelf_getphdr(elf_, static_cast<int>(i), &header) == nullptr) break;
    if (header.p_type != PT_LOAD) continue;
    segments_.push_back({header.p_offset, header.p_vaddr, header.p_filesz, header.p_memsz, (header.p_flags & PF_X) != 0});
  }
  return true;
}

std::optional<std::uint64_t> ElfFile::address_at_offset(std::uint64_t offset) const {
  for (const ElfSegment& segment : segments_) {
    if (offset >= segment.offset && offset - segment.offset < segment.file_size) {
      return segment.address + (offset - segment.offset);
    }
  }
  return {};
}

std::vector<std::byte> ElfFile::bytes_at(std::uint64_t address, std::size_t size) const {
  for (const ElfSegment& segment : segments_) {
    if (address < segment.address || address - segment.address >= segment.file_size) continue;
    const std::uint64_t inside = address - segment.address;
    const std::uint64_t offset = segment.offset + inside;
    if (offset < segment.offset || offset >= file_bytes_) return {};
    const std::uint64_t there = std::min({std::uint64_t{size}, segment.file_size - inside, file_bytes_ - offset});
    std::vector<std::byte> bytes(there);
    if (fd_ < 0) {
      std::memcpy(bytes.data(), image_.data() + offset, there);
    } else {
      const ssize_t got = pread(fd_, bytes.data(), there, static_cast<off_t>(offset));
      bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    return bytes;
  }
  return {};
}

std::string ElfFile::build_id() const {
  for (Elf_Scn* section = elf_nextscn(elf_, nullptr); section != nullptr; section = elf_nextscn(elf_, section)) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_NOTE) continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    GElf_Nhdr note;
    std::size_t name = 0;
    std::size_t bytes = 0;
    for (std::size_t at = 0, next = 0; data != nullptr && (next = gelf_getnote(data, at, &note, &name, &bytes)) > 0; at = next) {
      const auto* start = static_cast<const char*>(data->d_buf);
      if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 || std::memcmp(start + name, "GNU", 4) != 0) continue;
      if (note.n_descsz == 0 || note.n_descsz > 64) continue;
      std::string hex;
      for (std::size_t i = 0; i < note.n_descsz; ++i) {
        const auto byte = static_cast<unsigned char>(start[bytes + i]);
        hex += "0123456789abcdef"[byte >> 4];
        hex += "0123456789abcdef"[byte & 15];
      }
      return hex;
    }
  }
  return {};
}

ElfFile::DebugLink ElfFile::debug_link() const {
  const std::span<const std::byte> bytes = section(".gnu_debuglink", 4096);
  if (bytes.size() < 8) return {};
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  const std::size_t length = strnlen(text, bytes.size());
  const std::size_t checksum_at = (length + 4) & ~std::size_t{3};
  if (length == 0 || checksum_at + 4 > bytes.size()) return {};
  DebugLink link{std::string(text, length), 0};
  std::memcpy(&link.checksum, bytes.data() + checksum_at, 4);
  return link;
}

std::uint64_t ElfFile::debug_bytes() const {
  std::uint64_t sum = 0;
  for (Elf_Scn* section = elf_nextscn(elf_, nullptr); section != nullptr; section = elf_nextscn(elf_, section)) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type == SHT_NOBITS) continue;
    if (section_name(elf_, section).starts_with(".debug_")) sum += std::min(header.sh_size, file_bytes_);
  }
  return sum;
}

std::span<const std::byte> ElfFile::section(std::string_view name, std::size_t max_bytes) const {
  for (Elf_Scn* section = elf_nextscn(elf_, nullptr); section != nullptr; section = elf_nextscn(elf_, section)) {
    if (section_name(elf_, section) != name) continue;
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type == SHT_NOBITS || header.sh_size > max_bytes) return {};
    if ((header.sh_flags & SHF_COMPRESSED) != 0) {
      GElf_Chdr compressed;
      if (gelf_getchdr(section, &compressed) == nullptr || compressed.ch_size > max_bytes) return {};
      elf_compress(section, 0, 0);
    }
    const Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr || data->d_buf == nullptr) return {};
    return {static_cast<const std::byte*>(data->d_buf), data->d_size};
  }
  return {};
}

std::vector<ElfSymbol> ElfFile::symbols(Table table) const {
  std::vector<ElfSymbol> symbols;
  each_symbol(elf_, table == Table::full ? SHT_SYMTAB : SHT_DYNSYM, [&](const ElfSymbol& symbol) {
    symbols.push_back(symbol);
    return true;
  });
  return symbols;
}

std::optional<ElfSymbol> ElfFile::symbol_named(std::string_view name) const {
  std::optional<ElfSymbol> found;
  for (const Elf64_Word type : {SHT_DYNSYM, SHT_SYMTAB}) {
    each_symbol(elf_, type, [&](const ElfSymbol& symbol) {
      if (symbol.name == name) found = symbol;
      return !found;
    });
    if (found) break;
  }
  return found;
}

}  // namespace concadvise
