// Clang's own headers, unpacked from the program into a file system in memory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "llvm/ADT/IntrusiveRefCntPtr.h"
#include "llvm/Support/VirtualFileSystem.h"

namespace concadvise {

/// The folder that `-resource-dir` names; it exists in no real file system.
inline constexpr std::string_view kResourceDir = "/concadvise-clang";

/// A file that exists in memory only. The text must outlive the file system.
struct MemoryFile {
  std::string path;
  llvm::StringRef text;
};

/// A file system of the calling thread: the real one, with the headers under kResourceDir and, where given, more files,
/// in working folder `directory`.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> file_system_with_headers(const std::string& directory, const std::vector<MemoryFile>& more = {});

}  // namespace concadvise
