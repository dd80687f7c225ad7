// Does a file export a symbol? Asked of every executable of a process tree, so by its hash table, reading a few hundred bytes.
#pragma once

#include <string_view>

namespace concadvise {

/// True when the 64-bit ELF file behind `fd` (which stays open) defines `name` in its dynamic symbol table, by
/// DT_GNU_HASH; false also for what is damaged, has no such table, or isn't ELF.
bool exports_symbol(int fd, std::string_view name);

}  // namespace concadvise
