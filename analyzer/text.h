// What facts are spelled with: texts that are kept once however often they are named, and values that may be unknown in
// no more room than the value takes. A large code base has millions of both.
#pragma once

#include <fmt/format.h>

#include <compare>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace concadvise::facts {

/// A constant text of which one copy exists in the process; as large as a pointer. What is kept stays until the process
/// ends. Reads like a `const std::string`; safe to make and read on any thread.
class Text {
 public:
  Text() : kept_(&nothing()) {}
  Text(std::string_view text) : kept_(text.empty() ? &nothing() : &keep(text)) {}
  Text(const std::string& text) : Text(std::string_view(text)) {}
  Text(const char* text) : Text(std::string_view(text)) {}

  /// The text if it is kept already.
  static std::optional<Text> known(std::string_view text);
  /// This text's own, 0 of the empty one: the place of what a table knows of it. Differs from run to run.
  std::uint32_t number() const { return kept_->number; }
  /// All numbers given so far are below.
  static std::size_t numbers();

  operator const std::string&() const { return kept_->text; }
  operator std::string_view() const { return kept_->text; }
  const std::string& str() const { return kept_->text; }

  bool empty() const { return kept_->text.empty(); }
  std::size_t size() const { return kept_->text.size(); }
  char front() const { return kept_->text.front(); }
  char back() const { return kept_->text.back(); }
  char operator[](std::size_t at) const { return kept_->text[at]; }
  auto begin() const { return kept_->text.begin(); }
  auto end() const { return kept_->text.end(); }
  const char* data() const { return kept_->text.data(); }
  const char* c_str() const { return kept_->text.c_str(); }
  bool starts_with(auto what) const { return kept_->text.starts_with(what); }
  bool ends_with(auto what) const { return kept_->text.ends_with(what); }
  std::string substr(std::size_t from, std::size_t count = std::string::npos) const { return kept_->text.substr(from, count); }
  std::size_t find(auto what, std::size_t from = 0) const { return kept_->text.find(what, from); }
  std::size_t rfind(auto what, std::size_t from = std::string::npos) const { return kept_->text.rfind(what, from); }
  std::size_t find_first_of(auto what, std::size_t from = 0) const { return kept_->text.find_first_of(what, from); }
  std::size_t find_last_of(auto what, std::size_t from = std::string::npos) const { return kept_->text.find_last_of(what, from); }
  int compare(std::size_t from, std::size_t count, std::string_view other) const { return kept_->text.compare(from, count, other); }

  friend bool operator==(const Text& a, const Text& b) { return a.kept_ == b.kept_; }
  friend auto operator<=>(const Text& a, const Text& b) { return a.kept_->text <=> b.kept_->text; }
  friend std::ostream& operator<<(std::ostream& out, const Text& text) { return out << text.kept_->text; }

 private:
  friend class TextStore;
  struct Kept {
    std::string text;
    std::uint32_t number = 0;
  };
  explicit Text(const Kept& kept) : kept_(&kept) {}
  static const Kept& nothing();
  static const Kept& keep(std::string_view text);

  const Kept* kept_;
};

using Texts = std::vector<Text>;

template <typename T>
concept OtherText = std::convertible_to<const T&, std::string_view> && !std::same_as<std::remove_cvref_t<T>, Text>;

// Only where one side is a Text: comparing other texts must not make one for it.
template <std::same_as<Text> Own, OtherText T> bool operator==(const Own& a, const T& b) { return std::string_view(a) == std::string_view(b); }
template <std::same_as<Text> Own, OtherText T> auto operator<=>(const Own& a, const T& b) { return std::string_view(a) <=> std::string_view(b); }
inline std::string operator+(const Text& a, const Text& b) { return a.str() + b.str(); }
template <OtherText T> std::string operator+(const Text& a, const T& b) { return std::string(a.str()).append(std::string_view(b)); }
template <OtherText T> std::string operator+(const T& a, const Text& b) { return std::string(std::string_view(a)).append(b.str()); }
inline std::string operator+(const Text& a, char b) { return a.str() + b; }

/// std::optional in the room of its value, which gives up one value for it: the smallest integer, and not-a-number.
template <typename T>
class Maybe {
 public:
  Maybe() = default;
  Maybe(std::nullopt_t) {}
  Maybe(T value) : value_(value) {}
  Maybe(const std::optional<T>& value) : value_(value.value_or(none())) {}
  operator std::optional<T>() const { return has_value() ? std::optional<T>(value_) : std::nullopt; }

  bool has_value() const {
    if constexpr (std::floating_point<T>) return value_ == value_;
    else return value_ != none();
  }
  explicit operator bool() const { return has_value(); }
  const T& operator*() const { return value_; }
  T& operator*() { return value_; }
  T value_or(T other) const { return has_value() ? value_ : other; }
  void reset() { value_ = none(); }

  friend bool operator==(const Maybe& a, const Maybe& b) { return a.has_value() == b.has_value() && (!a.has_value() || a.value_ == b.value_); }

 private:
  static constexpr T none() {
    return std::floating_point<T> ? std::numeric_limits<T>::quiet_NaN() : std::numeric_limits<T>::min();
  }
  T value_ = none();
};

}  // namespace concadvise::facts

template <>
struct std::hash<concadvise::facts::Text> {
  std::size_t operator()(const concadvise::facts::Text& text) const noexcept { return text.number(); }
};

template <>
struct fmt::formatter<concadvise::facts::Text> : fmt::formatter<std::string_view> {
  auto format(const concadvise::facts::Text& text, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format(text, context);
  }
};
