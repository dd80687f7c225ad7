#include "profiler/stacks/python_objects.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace concadvise {
namespace {

template <typename T>
T value_at(std::span<const std::byte> bytes, std::size_t offset) {
  T value{};
  if (offset <= bytes.size() && sizeof(T) <= bytes.size() - offset)
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

void append_utf8(std::string& text, std::uint32_t point) {
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xc0 | point >> 6);
    text += static_cast<char>(0x80 | (point & 63));
  } else if (point < 0x10000) {
    text += static_cast<char>(0xe0 | point >> 12);
    text += static_cast<char>(0x80 | (point >> 6 & 63));
    text += static_cast<char>(0x80 | (point & 63));
  } else if (point < 0x110000) {
    text += static_cast<char>(0xf0 | point >> 18);
    text += static_cast<char>(0x80 | (point >> 12 & 63));
    text += static_cast<char>(0x80 | (point >> 6 & 63));
    text += static_cast<char>(0x80 | (point & 63));
  }
}

/// Where a string's characters are and how wide; `width` 0 for what isn't a compact string.
struct TextShape {
  std::size_t offset = 0;
  std::size_t width = 0;
  std::size_t length = 0;
};

// How many bits stand before kind, compact and ascii differs by version and build: 2 of an `interned` that is a bit
// field, 8 (3.14 free-threaded) or 16 (some that came before it) of one that is not. Only one of them makes sense: kind
// is never 0.
constexpr std::array kTextShifts{2, 8, 16};

TextShape shape_of(const PythonLayout& layout, std::span<const std::byte> head) {
  const auto length = value_at<std::uint64_t>(head, layout.object.text_length);
  for (const int shift : kTextShifts) {
    const auto state = value_at<std::uint32_t>(head, layout.object.text_state) >> shift;
    const std::uint32_t kind = state & 7;
    const bool compact = (state >> 3 & 1) != 0;
    const bool ascii = (state >> 4 & 1) != 0;
    if (!compact || (kind != 1 && kind != 2 && kind != 4) || (ascii && kind != 1)) continue;
    return {ascii ? layout.object.ascii : layout.object.compact, kind, std::min<std::uint64_t>(length, kPythonTextMax)};
  }
  return {};
}

std::string decoded(std::span<const std::byte> bytes, const TextShape& shape) {
  std::string text;
  for (std::size_t i = 0; i < shape.length && (i + 1) * shape.width <= bytes.size(); ++i) {
    std::uint32_t point = 0;
    std::memcpy(&point, bytes.data() + i * shape.width, shape.width);
    append_utf8(text, point);
  }
  return text;
}

struct KeysShape {
  std::uint64_t entries_at = 0;
  std::uint64_t count = 0;
  std::size_t entry_bytes = 24;  // hash, key, value
  std::size_t key_at = 8;
};

// Up to 3.10: refcount, size, lookup, usable, nentries, indices. From 3.11 on: refcount, log2 of size, log2 of the
// indices' bytes, kind, version, usable, nentries, indices; kinds other than 0 have no hashes.
KeysShape keys_shape(const PythonLayout& layout, std::uint64_t keys, std::span<const std::byte> head) {
  KeysShape shape;
  if (layout.dict_sizes_are_logs) {
    const auto log_bytes = std::min<std::uint8_t>(value_at<std::uint8_t>(head, 9), 40);
    shape.entries_at = keys + 32 + (std::uint64_t{1} << log_bytes);
    shape.count = value_at<std::uint64_t>(head, 24);
    if (value_at<std::uint8_t>(head, 10) != 0) {
      shape.entry_bytes = 16;
      shape.key_at = 0;
    }
  } else {
    const auto size = value_at<std::uint64_t>(head, 8);
    const std::uint64_t width = size <= 0xff ? 1 : size <= 0xffff ? 2 : size <= 0xffffffff ? 4 : 8;
    shape.entries_at = keys + 40 + std::min<std::uint64_t>(size, 1u << 30) * width;
    shape.count = value_at<std::uint64_t>(head, 32);
  }
  return shape;
}

}  // namespace

std::string python_text(Memory& memory, const PythonLayout& layout, std::uint64_t address) {
  return python_texts(memory, layout, {address}).front();
}

std::vector<std::string> python_texts(Memory& memory, const PythonLayout& layout,
                                      const std::vector<std::uint64_t>& addresses) {
  constexpr std::size_t kHead = 128;  // enough for most names at once
  std::vector<std::array<std::byte, kHead>> heads(addresses.size());
  std::vector<MemoryRequest> requests;
  for (std::size_t i = 0; i < addresses.size(); ++i) requests.push_back({addresses[i], heads[i]});
  memory.read_many(requests);
  std::vector<std::string> texts(addresses.size());
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const std::span<const std::byte> head = std::span(heads[i]).first(requests[i].got);
    if (addresses[i] == 0 || head.size() < layout.object.ascii) continue;
    const TextShape shape = shape_of(layout, head);
    const std::size_t end = shape.offset + shape.length * shape.width;
    if (end <= head.size()) {
      texts[i] = decoded(head.subspan(shape.offset), shape);
    } else {
      std::vector<std::byte> bytes(shape.length * shape.width);
      bytes.resize(memory.read(addresses[i] + shape.offset, bytes));
      texts[i] = decoded(bytes, shape);
    }
  }
  return texts;
}

std::vector<std::byte> python_bytes(Memory& memory, const PythonLayout& layout, std::uint64_t address) {
  std::uint64_t size = 0;
  if (address == 0 || !memory.load(address + layout.object.bytes_size, size) || size > kPythonBytesMax) return {};
  std::vector<std::byte> bytes(size);
  bytes.resize(memory.read(address + layout.object.bytes_data, bytes));
  return bytes;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> python_dict(Memory& memory, const PythonLayout& layout,
                                                                 std::uint64_t address) {
  std::uint64_t keys = 0;
  std::array<std::byte, 40> head{};
  if (address == 0 || !memory.load(address + layout.object.dict_keys, keys) || !memory.load(keys, head)) return {};
  const KeysShape shape = keys_shape(layout, keys, head);
  std::vector<std::byte> bytes(std::min<std::uint64_t>(shape.count, kPythonEntriesMax) * shape.entry_bytes);
  bytes.resize(memory.read(shape.entries_at, bytes));
  std::vector<std::pair<std::uint64_t, std::uint64_t>> entries;
  for (std::size_t at = 0; at + shape.entry_bytes <= bytes.size(); at += shape.entry_bytes) {
    const auto key = value_at<std::uint64_t>(bytes, at + shape.key_at);
    const auto value = value_at<std::uint64_t>(bytes, at + shape.key_at + 8);
    if (key != 0 && value != 0) entries.emplace_back(key, value);
  }
  return entries;
}

}  // namespace concadvise
