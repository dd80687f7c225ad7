// Metrics and their values in words, for sentences that people read.
#pragma once

#include <string>
#include <string_view>

namespace concadvise {

/// What a metric is, to be followed by "is 67 %"; the name itself when there are no words for it.
std::string words_of(std::string_view metric);

/// A value as it is read: a share as "67 %", seconds as "0.05 s", counts as "1.5 waits".
std::string value_words(double value, std::string_view unit);

}  // namespace concadvise
