#include "reports/page/base64.h"

#include <zlib.h>

#include <cstdint>
#include <new>

namespace concadvise {
namespace {

std::string gzipped(std::string_view text) {
  constexpr int kGzip = 16;  // added to the window's bits: a gzip header and trailer
  z_stream stream{};
  // The last percent of a large text takes as long as all before it.
  constexpr std::size_t kLarge = 1U << 20U;
  if (deflateInit2(&stream, text.size() > kLarge ? Z_DEFAULT_COMPRESSION : Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzip, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  std::string out(deflateBound(&stream, text.size()), '\0');
  // zlib's interface takes bytes that it does not change through pointers that are not const.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int done = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (done != Z_STREAM_END) throw std::bad_alloc();
  return out;
}

}  // namespace

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = (group << 8U) | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      out += at + i > bytes.size() ? '=' : kDigits[(group >> (18U - 6U * static_cast<unsigned>(i))) & 63U];
  }
  return out;
}

std::string gzip_base64(std::string_view text) { return base64(gzipped(text)); }

}  // namespace concadvise
