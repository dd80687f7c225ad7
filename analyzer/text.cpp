#include "analyzer/text.h"

#include <array>
#include <mutex>
#include <unordered_set>

#include "analyzer/text_hash.h"

namespace concadvise::facts {
namespace {

// Front ends on several threads spell at once: many small locks stand in nobody's way.
struct Shard {
  std::mutex mutex;
  std::unordered_set<std::string, TextHash, std::equal_to<>> texts;  // nodes keep their place
};
constexpr std::size_t kShards = 64;

std::array<Shard, kShards>& shards() {
  static auto* all = new std::array<Shard, kShards>;  // never destroyed: other statics may hold texts
  return *all;
}

}  // namespace

const std::string& Text::nothing() {
  static const auto* empty = new std::string;
  return *empty;
}

const std::string& Text::keep(std::string_view text) {
  // The low bits choose the bucket inside the shard.
  Shard& shard = shards()[(TextHash{}(text) >> 48U) % kShards];
  const std::lock_guard lock(shard.mutex);
  auto found = shard.texts.find(text);
  if (found == shard.texts.end()) found = shard.texts.emplace(text).first;
  return *found;
}

}  // namespace concadvise::facts
