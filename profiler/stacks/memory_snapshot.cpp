#include "profiler/stacks/memory_snapshot.h"

#include <algorithm>

namespace concadvise {

void MemorySnapshot::begin() {
  ++round_;
  singles_.clear();
  if (uses_changed_ || round_ % kRoundsKept == 0) plan();
  std::vector<MemoryRequest> requests;
  requests.reserve(pieces_.size());
  for (Piece& piece : pieces_) requests.push_back({piece.address, piece.contents});
  memory_.read_many(requests);
  for (std::size_t i = 0; i < pieces_.size(); ++i) pieces_[i].got = requests[i].got;
}

void MemorySnapshot::plan() {
  uses_changed_ = false;
  std::erase_if(uses_, [this](const auto& use) { return use.second.round + kRoundsKept < round_; });
  if (uses_.size() > kUsesMax) uses_.clear();
  pieces_.clear();
  for (const auto& [address, use] : uses_) {
    const std::uint64_t end = address + use.size;
    if (end < address) continue;
    if (!pieces_.empty()) {
      Piece& last = pieces_.back();
      const std::uint64_t last_end = last.address + last.contents.size();
      if (address < last_end || address - last_end < kGap) {
        if (end > last_end) last.contents.resize(end - last.address);
        continue;
      }
    }
    pieces_.push_back({address, std::vector<std::byte>(use.size), 0});
  }
}

std::span<const std::byte> MemorySnapshot::planned(std::uint64_t address, std::size_t size) const {
  const auto next = std::upper_bound(pieces_.begin(), pieces_.end(), address,
                                     [](std::uint64_t wanted, const Piece& piece) { return wanted < piece.address; });
  if (next == pieces_.begin()) return {};
  const Piece& piece = *std::prev(next);
  const std::uint64_t inside = address - piece.address;
  if (inside > piece.got || size > piece.got - inside) return {};
  return std::span(piece.contents).subspan(inside, size);
}

std::span<const std::byte> MemorySnapshot::bytes(std::uint64_t address, std::size_t size) {
  Use& use = uses_[address];
  if (use.size < size) {
    use.size = size;
    uses_changed_ = true;
  }
  use.round = round_;
  const std::span<const std::byte> known = planned(address, size);
  if (known.size() == size) return known;
  std::vector<std::byte>& single = singles_[address];
  if (single.size() < size) {
    single.resize(size);
    single.resize(memory_.read(address, single));
  }
  return single.size() < size ? std::span<const std::byte>{} : std::span<const std::byte>(single).first(size);
}

}  // namespace concadvise
