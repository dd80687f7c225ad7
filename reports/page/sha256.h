// SHA-256 for the Content-Security-Policy, which pins the page's style and script by their hashes.
#pragma once

#include <string>
#include <string_view>

namespace concadvise {

/// The digest of `bytes` (FIPS 180-4) in base64 (RFC 4648), as CSP writes it.
std::string sha256_base64(std::string_view bytes);

}  // namespace concadvise
