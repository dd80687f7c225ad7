#include "profiler/where/kernel_symbols.h"

#include <algorithm>

#include "profiler/procfs/file.h"

namespace concadvise {

// "ffffffff81000000 T _stext [module]", one a line, not sorted
KernelSymbols::KernelSymbols() : text_(read_file("/proc/kallsyms")) {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const std::uint64_t address = to_number(next_word(line), 16);
    const std::string_view type = next_word(line);
    if (address == 0 || type.empty() || (type[0] != 't' && type[0] != 'T' && type[0] != 'w' && type[0] != 'W')) continue;
    const std::string_view name = next_word(line);
    if (name.empty()) continue;
    symbols_.push_back({address, static_cast<std::uint32_t>(name.data() - text_.data())});
  }
  std::sort(symbols_.begin(), symbols_.end(), [](const Symbol& a, const Symbol& b) { return a.address < b.address; });
}

std::string KernelSymbols::function(std::uint64_t address) const {
  const auto after = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                                      [](std::uint64_t wanted, const Symbol& symbol) { return wanted < symbol.address; });
  if (after == symbols_.begin()) return {};
  std::string_view name = std::string_view(text_).substr(std::prev(after)->name);
  return std::string(next_word(name));
}

}  // namespace concadvise
