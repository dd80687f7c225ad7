// Building HTML and SVG so that text can't become markup: a fragment is made of elements, and every string that enters it
// is made inert and escaped on the way. There is no function that takes a string as markup, but `Html::trusted`, which is
// for the page's own assets.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "reports/inert.h"

namespace concadvise {

/// A finished fragment.
class Html {
 public:
  Html() = default;

  static Html trusted(std::string markup);

  Html& operator+=(const Html& rhs) {
    markup_ += rhs.markup_;
    return *this;
  }
  const std::string& markup() const { return markup_; }
  bool empty() const { return markup_.empty(); }

 private:
  std::string markup_;
};

/// An attribute; an empty name is skipped, so that attributes can be conditional.
struct Attribute {
  std::string_view name;
  std::string value;
};
using Attributes = std::vector<Attribute>;

/// `raw` as text of a page: inert and escaped.
Html text(std::string_view raw, std::size_t limit = kNoLimit, Lines lines = Lines::one);

/// An element around a finished fragment.
Html element(std::string_view tag, const Attributes& attributes, const Html& inside);

inline void append_to(Html& out, const Html& part) { out += part; }
inline void append_to(Html& out, std::string_view raw) { out += text(raw); }

/// An element with children; a child that is a string is text, not markup.
template <typename... Children>
Html el(std::string_view tag, const Attributes& attributes, const Children&... children) {
  Html inside;
  (append_to(inside, children), ...);
  return element(tag, attributes, inside);
}

/// Fragments and strings one after the other.
template <typename... Parts>
Html join(const Parts&... parts) {
  Html out;
  (append_to(out, parts), ...);
  return out;
}

/// A string as the value of `id` or a fragment: letters, digits and '-'; other bytes become "_hex".
std::string id_of(std::string_view prefix, std::string_view raw);

/// A coordinate with at most two digits after the point.
std::string coordinate(double value);

}  // namespace concadvise
