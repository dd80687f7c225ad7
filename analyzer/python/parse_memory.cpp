#include "analyzer/python/parse_memory.h"

#include <tree_sitter/api.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

namespace concadvise::python {
namespace {

// In front of each piece stands its size, for realloc. The parser's structures need no more than the alignment of a pointer.
constexpr std::size_t head = 8;
constexpr std::size_t step = 16;
constexpr std::size_t small = 2048;              // larger pieces are few
constexpr std::size_t chunk_bytes = 1U << 20U;
static_assert(alignof(void*) <= head && sizeof(std::uint64_t) == head);

struct Free {
  Free* next;
};

class Pool {
 public:
  void* take(std::size_t size) {
    const std::size_t room = (size + head + step - 1) / step * step;
    if (room > small) return alone(room);
    Free*& list = free_[room / step];
    if (list) {
      Free* piece = list;
      list = piece->next;
      return piece;
    }
    if (static_cast<std::size_t>(end_ - at_) < room) next_chunk();
    char* piece = at_;
    at_ += room;
    return mark(piece, room);
  }
  void give(void* piece) {
    const std::size_t room = room_of(piece);
    if (room > small) return;  // with the parse
    Free*& list = free_[room / step];
    list = new (piece) Free{list};
  }
  static std::size_t size_of(void* piece) { return room_of(piece) - head; }

  /// Forgets all pieces. Few chunks are kept: the next file is about as large as this one.
  void reset() {
    alone_.clear();
    free_ = {};
    constexpr std::size_t kept = 8;
    if (chunks_.size() > kept) chunks_.resize(kept);
    used_ = 0;
    at_ = end_ = nullptr;
  }
  bool active = false;

 private:
  using Bytes = std::unique_ptr<char[]>;
  static std::size_t room_of(void* piece) {
    std::uint64_t room = 0;
    std::memcpy(&room, static_cast<char*>(piece) - head, head);
    return room;
  }
  static void* mark(char* at, std::size_t room) {
    const std::uint64_t written = room;
    std::memcpy(at, &written, head);
    return at + head;
  }
  void* alone(std::size_t room) {
    alone_.push_back(std::make_unique_for_overwrite<char[]>(room));
    return mark(alone_.back().get(), room);
  }
  void next_chunk() {
    if (used_ == chunks_.size()) chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk_bytes));
    at_ = chunks_[used_++].get();
    end_ = at_ + chunk_bytes;
  }

  std::vector<Bytes> chunks_;
  std::vector<Bytes> alone_;
  std::array<Free*, small / step + 1> free_ = {};
  std::size_t used_ = 0;
  char* at_ = nullptr;
  char* end_ = nullptr;
};

thread_local Pool pool;

void* take(std::size_t size) { return pool.active ? pool.take(size) : std::malloc(size); }

void* take_zeroed(std::size_t count, std::size_t size) {
  if (!pool.active) return std::calloc(count, size);
  void* piece = pool.take(count * size);
  std::memset(piece, 0, count * size);
  return piece;
}

void give(void* piece) {
  if (!piece) return;
  if (pool.active) pool.give(piece);
  else std::free(piece);
}

void* resize(void* piece, std::size_t size) {
  if (!pool.active) return std::realloc(piece, size);
  if (!piece) return pool.take(size);
  const std::size_t had = Pool::size_of(piece);
  if (had >= size) return piece;
  void* larger = pool.take(size);
  std::memcpy(larger, piece, had);
  pool.give(piece);
  return larger;
}

}  // namespace

ParseMemory::ParseMemory() {
  static const bool set = [] {
    ts_set_allocator(take, take_zeroed, resize, give);
    return true;
  }();
  pool.active = set;
}

ParseMemory::~ParseMemory() {
  pool.active = false;
  pool.reset();
}

}  // namespace concadvise::python
