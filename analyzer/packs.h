// The knowledge files that are part of the program (generated list, rules/packs/*.toml).
#pragma once

#include <string_view>
#include <vector>

namespace concadvise {

struct Pack {
  std::string_view name;
  std::string_view text;
};

const std::vector<Pack>& embedded_packs();

}  // namespace concadvise
