#include "profiler/stacks/dynamic_symbol.h"

#include <elf.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace concadvise {
namespace {

constexpr std::size_t kHeadersMax = 128;
constexpr std::size_t kDynamicMax = 256;
constexpr std::uint32_t kChainMax = 4096;  // symbols of one hash bucket that are looked at

class DynamicTable {
 public:
  explicit DynamicTable(int fd) : fd_(fd) {}

  bool load();
  bool defines(std::string_view name) const;

 private:
  template <typename T>
  bool read_at_offset(std::uint64_t offset, T& value) const {
    return pread(fd_, &value, sizeof(T), static_cast<off_t>(offset)) == static_cast<ssize_t>(sizeof(T));
  }
  template <typename T>
  bool read_at(std::uint64_t address, T& value) const {
    for (const Elf64_Phdr& segment : segments_) {
      if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz) {
        return read_at_offset(segment.p_offset + (address - segment.p_vaddr), value);
      }
    }
    return false;
  }
  bool is_named(std::uint64_t symbol_address, std::string_view name) const;

  int fd_;
  std::vector<Elf64_Phdr> segments_;
  std::uint64_t hash_ = 0;
  std::uint64_t symbols_ = 0;
  std::uint64_t strings_ = 0;
};

bool DynamicTable::load() {
  Elf64_Ehdr header;
  if (!read_at_offset(0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return false;
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) return false;
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > kHeadersMax) return false;
  segments_.resize(header.e_phnum);
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (!read_at_offset(header.e_phoff + i * sizeof(Elf64_Phdr), segments_[i])) return false;
  }
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type != PT_DYNAMIC) continue;
    for (std::size_t i = 0; i < kDynamicMax; ++i) {
      Elf64_Dyn entry;
      if (!read_at_offset(segment.p_offset + i * sizeof(entry), entry) || entry.d_tag == DT_NULL) break;
      if (entry.d_tag == DT_GNU_HASH) hash_ = entry.d_un.d_ptr;
      if (entry.d_tag == DT_SYMTAB) symbols_ = entry.d_un.d_ptr;
      if (entry.d_tag == DT_STRTAB) strings_ = entry.d_un.d_ptr;
    }
  }
  return hash_ != 0 && symbols_ != 0 && strings_ != 0;
}

bool DynamicTable::is_named(std::uint64_t symbol_address, std::string_view name) const {
  Elf64_Sym symbol;
  std::array<char, 64> text{};
  if (name.size() >= text.size() || !read_at(symbol_address, symbol) || symbol.st_shndx == SHN_UNDEF) return false;
  return read_at(strings_ + symbol.st_name, text) && std::string_view(text.data(), name.size() + 1).substr(0, name.size()) == name &&
         text[name.size()] == '\0';
}

// Layout of the table: buckets, first hashed symbol, words of the Bloom filter, its shift; the filter; the buckets; then per
// hashed symbol its hash, bit 0 set on the last of a bucket.
bool DynamicTable::defines(std::string_view name) const {
  std::uint32_t hash = 5381;
  for (const char c : name) hash = hash * 33 + static_cast<unsigned char>(c);
  std::array<std::uint32_t, 4> head{};
  if (!read_at(hash_, head)) return false;
  const auto [buckets, first, filter_words, filter_shift] = head;
  if (buckets == 0 || filter_words == 0 || filter_shift >= 32) return false;
  const std::uint64_t filter_at = hash_ + sizeof(head);
  std::uint64_t filter = 0;
  if (!read_at(filter_at + 8 * std::uint64_t{hash / 64 % filter_words}, filter)) return false;
  if ((filter >> hash % 64 & filter >> (hash >> filter_shift) % 64 & 1) == 0) return false;
  const std::uint64_t buckets_at = filter_at + 8 * std::uint64_t{filter_words};
  const std::uint64_t chain_at = buckets_at + 4 * std::uint64_t{buckets};
  std::uint32_t index = 0;
  if (!read_at(buckets_at + 4 * std::uint64_t{hash % buckets}, index) || index < first) return false;
  for (std::uint32_t i = 0; i < kChainMax; ++i, ++index) {
    std::uint32_t stored = 0;
    if (!read_at(chain_at + 4 * std::uint64_t{index - first}, stored)) return false;
    if ((stored | 1) == (hash | 1) && is_named(symbols_ + sizeof(Elf64_Sym) * std::uint64_t{index}, name)) return true;
    if ((stored & 1) != 0) return false;
  }
  return false;
}

}  // namespace

bool exports_symbol(int fd, std::string_view name) {
  DynamicTable table(fd);
  return table.load() && table.defines(name);
}

}  // namespace concadvise
