#include "analyzer/cpp/builtin_headers.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Compression.h"
#include "llvm/Support/MemoryBuffer.h"

extern "C" const char clang_headers_begin[];
extern "C" const char clang_headers_end[];

namespace concadvise {
namespace {

struct Header {
  std::string path;
  llvm::StringRef bytes;
};

// The archive is our own (pack_headers.py), made at build time.
const std::vector<Header>& headers() {
  static llvm::SmallVector<std::uint8_t, 0> raw;
  static const std::vector<Header> list = [] {
    std::vector<Header> found;
    std::uint64_t size = 0;
    std::memcpy(&size, clang_headers_begin, sizeof size);
    const llvm::StringRef packed(clang_headers_begin + 8, static_cast<std::size_t>(clang_headers_end - clang_headers_begin) - 8);
    if (auto error = llvm::compression::zstd::decompress(llvm::arrayRefFromStringRef(packed), raw, size)) {
      llvm::consumeError(std::move(error));
      return found;
    }
    llvm::StringRef rest = llvm::toStringRef(raw);
    while (!rest.empty()) {
      auto [name, after_name] = rest.split('\0');
      auto [length, after_length] = after_name.split('\0');
      std::uint64_t bytes = 0;
      if (length.getAsInteger(10, bytes) || bytes > after_length.size()) break;
      found.push_back({fmt::format("{}/include/{}", kResourceDir, std::string_view(name.data(), name.size())), after_length.take_front(bytes)});
      rest = after_length.drop_front(bytes);
    }
    return found;
  }();
  return list;
}

}  // namespace

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> file_system_with_headers(const std::string& directory, const std::vector<MemoryFile>& more) {
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> real(llvm::vfs::createPhysicalFileSystem().release());
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(real);
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  for (const auto& header : headers())
    memory->addFile(header.path, 0, llvm::MemoryBuffer::getMemBuffer(header.bytes, header.path, false));
  for (const auto& file : more) memory->addFile(file.path, 0, llvm::MemoryBuffer::getMemBuffer(file.text, file.path, false));
  overlay->pushOverlay(memory);
  overlay->setCurrentWorkingDirectory(directory);
  return overlay;
}

}  // namespace concadvise
