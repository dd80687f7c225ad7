// A hash for long texts with equal beginnings, such as keys and nodes: 16 bytes per multiplication, folded as wyhash does it
// (github.com/wangyi-fudan/wyhash). std::hash takes several times as long, which is a good part of a large link.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace concadvise {

/// Lets maps by text be asked without making a std::string. Not noexcept: libstdc++ then keeps each element's hash, so that
/// growing and searching a map compare few texts.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    std::uint64_t value = 0x9e3779b97f4a7c15ULL ^ text.size();
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 16; at += 16, left -= 16) value = fold(load(at) ^ 0xa0761d6478bd642fULL, load(at + 8) ^ value);
    std::uint64_t last[2] = {};
    if (left > 0) std::memcpy(last, at, left);
    return static_cast<std::size_t>(fold(last[0] ^ 0xe7037ed1a0b428dbULL, last[1] ^ value));
  }

 private:
  __extension__ using Wide = unsigned __int128;
  static std::uint64_t load(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    return word;
  }
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
  }
};

}  // namespace concadvise
