#include "analyzer/python/source_store.h"

#include <unistd.h>

namespace concadvise::python {
namespace {

bool write_all(int fd, const std::string& text, std::int64_t offset) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t now = ::pwrite(fd, text.data() + done, text.size() - done, offset + static_cast<std::int64_t>(done));
    if (now <= 0) return false;
    done += static_cast<std::size_t>(now);
  }
  return true;
}

}  // namespace

// Where no such file can be made the texts stay in memory.
SourceStore::SourceStore(std::size_t count, bool on_disk) : file_(on_disk ? std::tmpfile() : nullptr), kept_(count) {}

void SourceStore::put(std::size_t number, std::string text) {
  Kept& kept = kept_[number];
  kept.size = text.size();
  if (file_) {
    const std::int64_t offset = end_.fetch_add(static_cast<std::int64_t>(text.size()));
    if (write_all(::fileno(file_.get()), text, offset)) {
      kept.offset = offset;
      return;
    }
  }
  kept.text = std::move(text);
}

std::string SourceStore::take(std::size_t number) {
  Kept& kept = kept_[number];
  if (!file_) return std::move(kept.text);
  if (kept.offset < 0) return kept.text;
  std::string text(kept.size, '\0');
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t now = ::pread(::fileno(file_.get()), text.data() + done, text.size() - done, kept.offset + static_cast<std::int64_t>(done));
    // The file has no name, so nobody can have cut it; a disk that fails leaves blanks, which parse as nothing.
    if (now <= 0) return std::string(kept.size, ' ');
    done += static_cast<std::size_t>(now);
  }
  return text;
}

}  // namespace concadvise::python
