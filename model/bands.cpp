#include "model/bands.h"

#include <algorithm>
#include <cmath>

namespace concadvise {
namespace {

constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr double kMost = 35;

}  // namespace

std::string bands_to_text(const std::vector<Band>& bands) {
  std::string out;
  out.reserve(bands.size() * 2);
  for (const Band& band : bands) {
    if (!band.lived) {
      out += "..";
      continue;
    }
    out += kDigits[static_cast<std::size_t>(std::lround(std::clamp(band.on_cpu, 0.0, 1.0) * kMost))];
    out += kDigits[static_cast<std::size_t>(band.rest)];
  }
  return out;
}

std::vector<Band> bands_of(std::string_view text) {
  std::vector<Band> out(text.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t share = kDigits.find(text[2 * i]);
    const std::size_t state = kDigits.find(text[2 * i + 1]);
    if (share == std::string_view::npos || state >= kStateCount || state == 0) continue;
    out[i] = {true, static_cast<double>(share) / kMost, kAllStates[state]};
  }
  return out;
}

}  // namespace concadvise
