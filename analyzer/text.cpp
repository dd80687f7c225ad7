#include "analyzer/text.h"

#include <array>
#include <atomic>
#include <deque>
#include <mutex>

#include "analyzer/text_hash.h"

namespace concadvise::facts {

/// Front ends on several threads spell at once: many small locks stand in nobody's way. A shard is a table with open
/// addressing, which takes one memory access to ask where a list of nodes takes three.
class TextStore {
 public:
  static TextStore& all() {
    static auto* store = new TextStore;  // never destroyed: other statics may hold texts
    return *store;
  }

  const Text::Kept* find(std::string_view text, bool add) {
    const std::uint64_t hash = TextHash{}(text);
    // The low bits choose the slot inside the shard.
    Shard& shard = shards_[(hash >> 48U) % kShards];
    const std::lock_guard lock(shard.mutex);
    if ((shard.texts.size() + 1) * 4 > shard.slots.size() * 3) shard.grow();
    const std::size_t mask = shard.slots.size() - 1;
    std::size_t at = hash & mask;
    for (; shard.slots[at].kept; at = (at + 1) & mask)
      if (shard.slots[at].hash == hash && std::string_view(shard.slots[at].kept->text) == text) return shard.slots[at].kept;
    if (!add) return nullptr;
    shard.texts.push_back({std::string(text), next_.fetch_add(1, std::memory_order_relaxed)});
    shard.slots[at] = {hash, &shard.texts.back()};
    return shard.slots[at].kept;
  }

  const Text::Kept nothing;
  std::size_t numbers() const { return next_.load(); }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    const Text::Kept* kept = nullptr;
  };
  struct Shard {
    std::mutex mutex;
    std::vector<Slot> slots;
    std::deque<Text::Kept> texts;  // they keep their place

    void grow() {
      std::vector<Slot> larger(slots.empty() ? 64 : slots.size() * 2);
      for (const auto& slot : slots) {
        if (!slot.kept) continue;
        std::size_t at = slot.hash & (larger.size() - 1);
        while (larger[at].kept) at = (at + 1) & (larger.size() - 1);
        larger[at] = slot;
      }
      slots = std::move(larger);
    }
  };
  static constexpr std::size_t kShards = 64;

  std::array<Shard, kShards> shards_;
  std::atomic<std::uint32_t> next_{1};
};

const Text::Kept& Text::nothing() { return TextStore::all().nothing; }

const Text::Kept& Text::keep(std::string_view text) { return *TextStore::all().find(text, true); }

std::optional<Text> Text::known(std::string_view text) {
  if (text.empty()) return Text();
  const Kept* kept = TextStore::all().find(text, false);
  return kept ? std::optional(Text(*kept)) : std::nullopt;
}

std::size_t Text::numbers() { return TextStore::all().numbers(); }

}  // namespace concadvise::facts
