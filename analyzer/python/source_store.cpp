#include "analyzer/python/source_store.h"

#include <unistd.h>

#include <type_traits>

namespace concadvise::python {

static_assert(std::is_trivially_copyable_v<Node> && std::is_trivially_copyable_v<Comment>);

// Where no such file can be made the texts stay in memory.
SourceStore::SourceStore(std::size_t count, bool on_disk) : file_(on_disk ? std::tmpfile() : nullptr), kept_(count) {}

bool SourceStore::write(const void* data, std::size_t size, std::int64_t offset) {
  const char* from = static_cast<const char*>(data);
  for (std::size_t done = 0; done < size;) {
    const ssize_t now = ::pwrite(::fileno(file_.get()), from + done, size - done, offset + static_cast<std::int64_t>(done));
    if (now <= 0) return false;
    done += static_cast<std::size_t>(now);
  }
  return true;
}

bool SourceStore::read(void* data, std::size_t size, std::int64_t offset) const {
  char* to = static_cast<char*>(data);
  for (std::size_t done = 0; done < size;) {
    const ssize_t now = ::pread(::fileno(file_.get()), to + done, size - done, offset + static_cast<std::int64_t>(done));
    if (now <= 0) return false;
    done += static_cast<std::size_t>(now);
  }
  return true;
}

void SourceStore::put(std::size_t number, std::string text) {
  Kept& kept = kept_[number];
  kept.size = text.size();
  if (file_) {
    const std::int64_t offset = end_.fetch_add(static_cast<std::int64_t>(text.size()));
    if (write(text.data(), text.size(), offset)) {
      kept.offset = offset;
      return;
    }
  }
  kept.text = std::move(text);
}

std::string SourceStore::take(Kept& kept) {
  if (!file_) return std::move(kept.text);
  if (kept.offset < 0) return kept.text;
  std::string text(kept.size, '\0');
  // Nobody can have cut a file that has no name; where the disk fails the module counts as empty.
  return read(text.data(), text.size(), kept.offset) ? text : std::string(kept.size, ' ');
}

void SourceStore::keep(Kept& kept, const Tree& tree) {
  const std::size_t nodes = tree.nodes.size() * sizeof(Node);
  const std::size_t comments = tree.comments.size() * sizeof(Comment);
  const std::size_t lines = tree.lines.size() * sizeof(tree.lines[0]);
  const std::int64_t at = end_.fetch_add(static_cast<std::int64_t>(nodes + comments + lines));
  if (!write(tree.nodes.data(), nodes, at) || !write(tree.comments.data(), comments, at + static_cast<std::int64_t>(nodes)) ||
      !write(tree.lines.data(), lines, at + static_cast<std::int64_t>(nodes + comments)))
    return;
  kept.node_count = static_cast<std::uint32_t>(tree.nodes.size());
  kept.comment_count = static_cast<std::uint32_t>(tree.comments.size());
  kept.line_count = static_cast<std::uint32_t>(tree.lines.size());
  kept.error = tree.error;
  kept.error_line = tree.error_line;
  kept.nodes = at;
}

bool SourceStore::restore(const Kept& kept, Tree& tree) const {
  tree.nodes.resize(kept.node_count);
  tree.comments.resize(kept.comment_count);
  tree.lines.resize(kept.line_count);
  const std::size_t nodes = tree.nodes.size() * sizeof(Node);
  const std::size_t comments = tree.comments.size() * sizeof(Comment);
  tree.error = kept.error;
  tree.error_line = kept.error_line;
  return read(tree.nodes.data(), nodes, kept.nodes) && read(tree.comments.data(), comments, kept.nodes + static_cast<std::int64_t>(nodes)) &&
         read(tree.lines.data(), tree.lines.size() * sizeof(tree.lines[0]), kept.nodes + static_cast<std::int64_t>(nodes + comments));
}

Tree SourceStore::tree(std::size_t number) {
  Kept& kept = kept_[number];
  if (kept.nodes >= 0) {
    Tree tree;
    if (restore(kept, tree)) {
      tree.source = take(kept);
      return tree;
    }
  }
  Tree tree = parse(take(kept));
  if (file_ && kept.nodes < 0) keep(kept, tree);
  return tree;
}

}  // namespace concadvise::python
