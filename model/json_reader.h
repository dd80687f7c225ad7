// Reads JSON straight into structures while the text is still coming: neither the text nor a tree of it is held, so that
// loading the largest session costs little more memory than the session itself.
//
// A type takes part by a Kind, which says what it accepts and where the parts of it go. Unknown members are skipped, missing
// ones keep what a fresh value has, of two the last one counts, and a value of the wrong type is an error that names its
// place ("threads[3].tid: a string where a number belongs").
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace concadvise::json_reader {

struct Number {
  double value = 0;
  std::uint64_t magnitude = 0;  // of a whole number
  bool whole = false;
  bool negative = false;
};

struct Kind;

/// Where a value goes.
struct Slot {
  const Kind* kind = nullptr;
  void* at = nullptr;
  std::string_view name;  // of the member, for messages; lives as long as the program
};

/// What a type accepts; a missing function is an error where such a value comes.
struct Kind {
  std::string_view wanted;  // "a number", for messages
  bool (*string)(void* at, std::string_view text) = nullptr;
  bool (*number)(void* at, const Number& number) = nullptr;
  bool (*boolean)(void* at, bool value) = nullptr;
  void (*begin)(void* at) = nullptr;  // of an object or an array: back to a fresh value
  /// An object's member, or nothing to skip it. `expected` is where to look first and is moved on.
  std::optional<Slot> (*member)(void* at, std::string_view key, std::size_t& expected) = nullptr;
  std::optional<Slot> (*element)(void* at, std::size_t index) = nullptr;
  bool (*end)(void* at, std::size_t count) = nullptr;  // false: too few
};

/// What was wrong; nothing when all went well.
struct Problem {
  std::string what;        // a phrase that begins with the place
  bool cut_short = false;  // the text ended too early; what came before it is in the slots, the last of it in part
};
using Complaint = std::optional<Problem>;

/// The next piece of the text, empty at its end. A piece is used until the next one is asked for.
using NextPiece = std::function<std::string_view()>;

Complaint read(const NextPiece& next_piece, const Slot& into);

template <typename T>
struct KindOf;  // has `static const Kind kind`

template <typename T>
Slot slot_of(T& value, std::string_view name = {}) {
  return {&KindOf<T>::kind, &value, name};
}

template <>
struct KindOf<std::string> {
  static constexpr Kind kind{.wanted = "a string", .string = [](void* at, std::string_view text) {
                               static_cast<std::string*>(at)->assign(text);
                               return true;
                             }};
};

template <>
struct KindOf<bool> {
  static constexpr Kind kind{.wanted = "true or false", .boolean = [](void* at, bool value) {
                               *static_cast<bool*>(at) = value;
                               return true;
                             }};
};

template <>
struct KindOf<double> {
  static constexpr Kind kind{.wanted = "a number", .number = [](void* at, const Number& number) {
                               *static_cast<double*>(at) = number.value;
                               return true;
                             }};
};

template <typename T>
  requires std::is_integral_v<T>
struct KindOf<T> {
  static bool set(void* at, const Number& number) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    if (!number.whole || number.magnitude > kMost || (number.negative && std::is_unsigned_v<T> && number.magnitude > 0)) return false;
    const T value = static_cast<T>(number.magnitude);
    *static_cast<T*>(at) = number.negative ? static_cast<T>(-value) : value;
    return true;
  }
  static constexpr Kind kind{.wanted = "a whole number", .number = set};
};

template <typename T>
struct KindOf<std::vector<T>> {
  static void begin(void* at) { static_cast<std::vector<T>*>(at)->clear(); }
  static std::optional<Slot> element(void* at, std::size_t) {
    constexpr std::size_t kFirst = 8;  // what most call stacks have at least
    auto& list = *static_cast<std::vector<T>*>(at);
    if (list.size() == list.capacity()) list.reserve(std::max(kFirst, 2 * list.size()));
    return slot_of(list.emplace_back());
  }
  static bool end(void* at, std::size_t) {
    static_cast<std::vector<T>*>(at)->shrink_to_fit();  // there can be many thousand small ones
    return true;
  }
  static constexpr Kind kind{.wanted = "a list", .begin = begin, .element = element, .end = end};
};

/// A member of a structure: its key and how to reach it.
template <typename T>
struct Field {
  std::string_view name;
  Slot (*slot)(T& of);
};

/// The field called `key`, if there is one. Writers keep the order of the table, so the one after the last is tried first.
template <typename T, std::size_t count>
std::optional<Slot> member_of(T& of, const Field<T> (&fields)[count], std::string_view key, std::size_t& expected) {
  for (std::size_t tried = 0; tried < count; ++tried) {
    const std::size_t at = (expected + tried) % count;
    if (fields[at].name != key) continue;
    expected = at + 1;
    Slot slot = fields[at].slot(of);
    slot.name = fields[at].name;
    return slot;
  }
  return std::nullopt;
}

}  // namespace concadvise::json_reader
