#include "profiler/stacks/bytecode_map.h"

#include <cstring>

namespace concadvise {
namespace {

constexpr std::size_t kMostRanges = 100'000;
constexpr std::int64_t kMostUnits = 1 << 24;
constexpr std::uint64_t kUnitBytes = 2;

}  // namespace

void BytecodeMap::add(std::uint64_t code, std::uint64_t start, std::int64_t units) {
  if (units <= 0 || units > kMostUnits || ranges_.size() >= kMostRanges) return;
  const std::uint64_t end = start + static_cast<std::uint64_t>(units) * kUnitBytes;
  // Code objects that lay there before have gone.
  auto at = ranges_.upper_bound(start);
  if (at != ranges_.begin() && std::prev(at)->second.end > start) --at;
  while (at != ranges_.end() && at->first < end) at = ranges_.erase(at);
  ranges_[start] = {end, code};
}

std::optional<BytecodeMap::Place> BytecodeMap::of(std::uint64_t word) const {
  const auto after = ranges_.upper_bound(word);
  if (after == ranges_.begin() || word % kUnitBytes != 0) return {};
  const auto& [start, range] = *std::prev(after);
  if (word > range.end) return {};
  return Place{range.code, static_cast<std::int64_t>(word - start) - static_cast<std::int64_t>(kUnitBytes)};
}

std::optional<BytecodeMap::Place> BytecodeMap::found_in(std::span<const std::uint64_t> registers, std::span<const std::byte> stack,
                                                        std::uint64_t expected) const {
  std::optional<Place> other;
  if (ranges_.empty()) return other;
  for (const std::uint64_t word : registers) {
    const auto place = of(word);
    if (place && place->code == expected) return place;
    if (place && !other) other = place;
  }
  if (other) return other;
  const std::uint64_t lowest = ranges_.begin()->first;
  for (std::size_t at = 0; at + sizeof(std::uint64_t) <= stack.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, stack.data() + at, sizeof word);
    if (word < lowest) continue;
    const auto place = of(word);
    if (place && place->code == expected) return place;
    if (place && !other) other = place;
  }
  return other;
}

}  // namespace concadvise
