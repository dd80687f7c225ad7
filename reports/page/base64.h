#pragma once

#include <string>
#include <string_view>

namespace concadvise {

/// Base64 with padding (RFC 4648, section 4).
std::string base64(std::string_view bytes);

/// The same of the text compressed as a gzip file (RFC 1952) without name and time, so that equal texts give equal bytes.
std::string gzip_base64(std::string_view text);

}  // namespace concadvise
