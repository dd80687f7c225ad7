// Names, arguments and paths come from the target and are hostile: they may hold terminal escapes, markup, text-direction
// marks or broken UTF-8. Everything that is shown passes through here first.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace concadvise {

/// What may stay of white space.
enum class Lines {
  one,   // line feeds and tabs become visible symbols
  many,  // line feeds and tabs stay: code
};

inline constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

/// `raw` as text that can be shown anywhere: valid UTF-8, control characters as their Unicode pictures (␛), characters
/// that are invisible or turn the direction of text as ‹U+202E›, bytes that are no UTF-8 as U+FFFD. When it has more than
/// `limit` characters its middle is replaced by "…" and the number of characters left out; both ends of a long symbol tell
/// more than its start.
std::string inert(std::string_view raw, std::size_t limit = kNoLimit, Lines lines = Lines::one);

/// Number of characters (code points) of valid UTF-8.
std::size_t length_of(std::string_view text);

}  // namespace concadvise
