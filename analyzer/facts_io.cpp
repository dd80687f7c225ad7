#include "analyzer/facts_io.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstring>
#include <unordered_map>

namespace concadvise::facts {
namespace {

constexpr std::string_view kMagic = "concadvise-facts/3\n";
constexpr std::size_t kHeader = kMagic.size() + 16;

std::uint64_t fnv(std::string_view bytes) {
  std::uint64_t value = 14695981039346656037ULL;
  for (const unsigned char byte : bytes) value = (value ^ byte) * 1099511628211ULL;
  return value;
}

// FNV over words: the facts of a large code base are read on every run.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t value = 14695981039346656037ULL;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    value = (value ^ word) * 1099511628211ULL;
    value ^= value >> 29;
    bytes.remove_prefix(8);
  }
  return value ^ fnv(bytes);
}

template <typename T, typename Named>
concept Is = std::same_as<std::remove_const_t<T>, Named>;

// One list of fields per structure, for both directions. A structured binding names all members: a field that is added to
// facts.h and not here does not compile.
template <typename A, Is<Place> T> void fields(A& a, T& v) { auto& [file, line, column] = v; a(file, line, column); }
template <typename A, Is<Flow> T> void fields(A& a, T& v) { auto& [from, to] = v; a(from, to); }
template <typename A, Is<Value> T> void fields(A& a, T& v) {
  auto& [sources, integer, seconds, elements, payload, largest, null, text, type, keyword, lifetime, by_address, address_taken, spelling] = v;
  a(sources, integer, seconds, elements, payload, largest, null, text, type, keyword, lifetime, by_address, address_taken, spelling);
}
template <typename A, Is<Call> T> void fields(A& a, T& v) {
  auto& [place, name, names, targets, through, arguments, spread, virtual_call, iterates, constructs, use, passed_to, loop, end_line, stored_in, held, after,
         guards, implicit, result_type, twin, object] = v;
  a(place, name, names, targets, virtual_call, through, iterates, object, arguments, spread, use, stored_in, passed_to, loop, held, after, guards,
    implicit, constructs, end_line, result_type, twin);
}
template <typename A, Is<Suspension> T> void fields(A& a, T& v) {
  auto& [place, kind, operand, hands_to, call, loop, held, after] = v;
  a(place, kind, operand, hands_to, call, loop, held, after);
}
template <typename A, Is<Loop> T> void fields(A& a, T& v) {
  auto& [place, end_line, parent, bound, trips, cores, suspends, always_suspends, polls, exits, advances_outer, arithmetic, comprehension, async, repeats, after, over] = v;
  a(place, end_line, parent, bound, trips, cores, suspends, always_suspends, polls, exits, advances_outer, arithmetic, comprehension, async, repeats, after, over);
}
template <typename A, Is<Lock> T> void fields(A& a, T& v) {
  auto& [place, mutex, type, guard, cooperative, shared, first_line, last_line, whole_body] = v;
  a(place, mutex, type, guard, cooperative, shared, first_line, last_line, whole_body);
}
template <typename A, Is<Parameter> T> void fields(A& a, T& v) {
  auto& [name, type, passing, used_after_suspension, has_default] = v;
  a(name, type, passing, used_after_suspension, has_default);
}
template <typename A, Is<Capture> T> void fields(A& a, T& v) {
  auto& [name, by_reference, is_this, node, type, lifetime, used_after_suspension] = v;
  a(name, by_reference, is_this, node, type, lifetime, used_after_suspension);
}
template <typename A, Is<Access> T> void fields(A& a, T& v) {
  auto& [place, node, name, write, thread_local_storage, after] = v;
  a(place, node, name, write, thread_local_storage, after);
}
template <typename A, Is<Function> T> void fields(A& a, T& v) {
  auto& [key, name, place, end_line, kind, lambda, parent, owner, has_body, from_template, destructor, constructor, internal, test, overrides,
         attributes, return_type, returns_awaitable, lazy, parameters, captures, calls, suspensions, loops, locks, accesses, at_exit] = v;
  a(key, name, place, end_line, kind, lambda, parent, owner, has_body, from_template, destructor, constructor, internal, test, overrides, attributes,
    return_type, returns_awaitable, lazy, parameters, captures, calls, suspensions, loops, locks, accesses, at_exit);
}
template <typename A, Is<Field> T> void fields(A& a, T& v) { auto& [name, type, of, node] = v; a(name, type, of, node); }
template <typename A, Is<Class> T> void fields(A& a, T& v) {
  auto& [key, name, place, bases, fields, methods, method_names, awaitable, lazy] = v;
  a(key, name, place, bases, fields, methods, method_names, awaitable, lazy);
}
template <typename A, Is<Suppression> T> void fields(A& a, T& v) {
  auto& [file, first_line, last_line, written_at, rules, reason] = v;
  a(file, first_line, last_line, written_at, rules, reason);
}

class Writer {
 public:
  template <typename... T> void operator()(const T&... values) { (put(values), ...); }

  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) out_.push_back(static_cast<char>(value | 0x80U));
    out_.push_back(static_cast<char>(value));
  }
  void text(std::string_view value) {
    const auto [at, fresh] = ids_.try_emplace(std::string(value), ids_.size());
    if (fresh) texts_.push_back(at->first);
    number(at->second);
  }
  void function(const Function& f) {
    text(f.key);
    put(f.place);
    number((f.has_body ? 1U : 0U) | (f.attributes.empty() ? 0U : 2U));
    with_length(f);
  }
  void klass(const Class& c) {
    text(c.key);
    with_length(c);
  }
  void unit(const Unit& unit) {
    auto& [path, language, knowledge, status, error, error_place, files, functions, classes, flows, suppressions] = unit;
    (*this)(status, error, error_place, files);
    number(functions.size());
    for (const auto& one : functions) function(one);
    number(classes.size());
    for (const auto& one : classes) klass(one);
    (*this)(flows, suppressions);
  }
  std::string finish(const Unit& unit) const {
    Writer table;
    for (int i = 0; i < 8; ++i) table.out_.push_back(static_cast<char>(unit.knowledge >> (8 * i)));
    table.put(unit.language);
    table.number(unit.path.size());
    table.out_ += unit.path;
    table.number(texts_.size());
    for (const auto text : texts_) {
      table.number(text.size());
      table.out_ += text;
    }
    const std::string payload = table.out_ + out_;
    std::string bytes(kMagic);
    const auto word = [&](std::uint64_t value) {
      for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
    };
    word(payload.size());
    word(checksum(payload));
    return bytes + payload;
  }

 private:
  template <typename T> void with_length(const T& value) {
    const std::size_t start = out_.size();
    fields(*this, value);
    std::string body = out_.substr(start);
    out_.resize(start);
    number(body.size());
    out_ += body;
  }
  void put(const std::string& value) { text(value); }
  void put(const Text& value) { text(value); }
  template <typename T> void put(const Maybe<T>& value) { put(std::optional<T>(value)); }
  void put(bool value) { number(value ? 1 : 0); }
  void put(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i) out_.push_back(static_cast<char>(bits >> (8 * i)));
  }
  template <std::integral T> void put(T value) {
    // Zigzag: -1 is common and stays one byte.
    const auto wide = static_cast<std::int64_t>(value);
    number((static_cast<std::uint64_t>(wide) << 1U) ^ static_cast<std::uint64_t>(wide >> 63));
  }
  template <typename T> requires std::is_enum_v<T> void put(T value) { number(static_cast<std::uint64_t>(value)); }
  template <typename T> void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <typename T> void put(const std::vector<T>& list) {
    number(list.size());
    for (const auto& one : list) put(one);
  }
  template <typename T> requires std::is_aggregate_v<T> void put(const T& value) { fields(*this, value); }

  std::string out_;
  std::unordered_map<std::string, std::size_t> ids_;  // nodes keep their place, so texts_ may point into it
  std::vector<std::string_view> texts_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes), size_(bytes.size()) {}
  template <typename... T> void operator()(T&... values) { (get(values), ...); }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return value;
    }
    wrong("a number is cut");
    return 0;
  }
  /// How many elements follow; each takes a byte at least.
  std::size_t count() {
    const std::uint64_t value = number();
    if (value <= rest_.size()) return static_cast<std::size_t>(value);
    wrong("a list is longer than the file");
    return 0;
  }
  std::string_view take(std::uint64_t length) {
    if (length > rest_.size()) {
      wrong("a text is longer than the file");
      return {};
    }
    const auto out = rest_.substr(0, static_cast<std::size_t>(length));
    rest_.remove_prefix(static_cast<std::size_t>(length));
    return out;
  }
  std::string_view text() {
    const std::uint64_t id = number();
    if (id < texts_.size()) return texts_[static_cast<std::size_t>(id)];
    wrong("a text is missing");
    return {};
  }
  void head(Unit& unit) {
    unit.knowledge = 0;
    const auto bytes = take(8);
    for (std::size_t i = 0; i < bytes.size(); ++i) unit.knowledge |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    get(unit.language);
    unit.path = take(number());
  }
  void contents(Packed& packed) {
    texts_.resize(count());
    for (auto& text : texts_) text = take(number());
    auto& unit = packed.unit;
    (*this)(unit.status, unit.error, unit.error_place, unit.files);
    const Texts files(unit.files.begin(), unit.files.end());
    packed.functions.resize(count());
    for (auto& function : packed.functions) {
      function.key = text();
      Place place;
      get(place);
      if (place.file < files.size()) function.file = files[place.file];
      function.line = place.line;
      function.column = place.column;
      const std::uint64_t flags = number();
      function.has_body = (flags & 1U) != 0;
      function.attributes = (flags & 2U) != 0;
      function.bytes = take(number());
    }
    packed.classes.resize(count());
    for (auto& one : packed.classes) {
      one.key = text();
      one.bytes = take(number());
    }
    packed.rest = rest_;
    packed.texts = std::move(texts_);
  }
  template <typename T> void add_wanted(std::vector<T>& list, const auto& packed) {
    list.reserve(static_cast<std::size_t>(std::ranges::count_if(packed, [](const auto& one) { return one.wanted; })));
    for (const auto& one : packed) {
      if (!one.wanted || !error_.empty()) continue;
      rest_ = one.bytes;
      size_ = rest_.size();
      fields(*this, list.emplace_back());
      if (error_.empty() && !rest_.empty()) wrong("there is more than a function or class");
    }
  }
  void read(Packed& packed) {
    texts_ = std::move(packed.texts);
    kept_.resize(texts_.size());
    add_wanted(packed.unit.functions, packed.functions);
    add_wanted(packed.unit.classes, packed.classes);
    if (!error_.empty()) return;
    rest_ = packed.rest;
    size_ = rest_.size();
    (*this)(packed.unit.flows, packed.unit.suppressions);
    if (error_.empty() && !rest_.empty()) wrong("there is more than the unit");
  }
  const std::string& error() const { return error_; }

 private:
  void wrong(std::string_view what) {
    if (error_.empty()) error_ = fmt::format("{} (at byte {} of {})", what, size_ - rest_.size(), size_);
    rest_ = {};
  }
  void get(std::string& value) { value = text(); }
  void get(Text& value) {
    const std::uint64_t id = number();
    if (id >= texts_.size()) return wrong("a text is missing");
    auto& kept = kept_[static_cast<std::size_t>(id)];
    if (!kept) kept = Text(texts_[static_cast<std::size_t>(id)]);
    value = *kept;
  }
  template <typename T> void get(Maybe<T>& value) {
    std::optional<T> read;
    get(read);
    value = read;
  }
  void get(bool& value) { value = number() != 0; }
  void get(double& value) {
    std::uint64_t bits = 0;
    const auto bytes = take(8);
    for (std::size_t i = 0; i < bytes.size(); ++i) bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    value = std::bit_cast<double>(bits);
  }
  template <std::integral T> void get(T& value) {
    const std::uint64_t raw = number();
    value = static_cast<T>(static_cast<std::int64_t>((raw >> 1U) ^ (~(raw & 1U) + 1U)));
  }
  template <typename T> requires std::is_enum_v<T> void get(T& value) {
    const std::uint64_t raw = number();
    if (raw > 32) wrong("a kind is not known");
    value = static_cast<T>(raw);
  }
  template <typename T> void get(std::optional<T>& value) {
    bool there = false;
    get(there);
    if (there) get(value.emplace());
  }
  template <typename T> void get(std::vector<T>& list) {
    list.resize(count());
    for (auto& one : list) get(one);
  }
  template <typename T> requires std::is_aggregate_v<T> void get(T& value) { fields(*this, value); }

  std::string_view rest_;
  std::size_t size_;
  std::vector<std::string_view> texts_;
  std::vector<std::optional<Text>> kept_;  // of them, those that were named already
  std::string error_;
};

class PathReplacer {
 public:
  PathReplacer(std::string_view from, std::string_view to) : from_(from), to_(to) {}
  template <typename... T> void operator()(T&... values) { (visit(values), ...); }

 private:
  void visit(std::string& value) {
    for (std::size_t at = value.find(from_); at != std::string::npos; at = value.find(from_, at + to_.size())) value.replace(at, from_.size(), to_);
  }
  void visit(Text& value) {
    std::string text = value;
    visit(text);
    value = text;
  }
  template <typename T> requires std::is_arithmetic_v<T> || std::is_enum_v<T> void visit(T&) {}
  template <typename T> void visit(Maybe<T>&) {}
  template <typename T> void visit(std::optional<T>& value) {
    if (value) visit(*value);
  }
  template <typename T> void visit(std::vector<T>& list) {
    for (auto& one : list) visit(one);
  }
  template <typename T> requires std::is_aggregate_v<T> void visit(T& value) { fields(*this, value); }
  std::string_view from_;
  std::string_view to_;
};

std::uint64_t word_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

}  // namespace

// Of what has one key: the first definition at each place, and a declaration only as long as there is no definition.
bool Seen::add(Text key, const Known& one) {
  if (first_.size() <= key.number()) first_.resize(std::max(first_.size() * 2, Text::numbers()), -1);
  int* at = &first_[key.number()];
  int without = -1;
  bool twin = false;
  bool twin_has_body = false;
  for (int i = *at; i >= 0; i = *at) {
    Known& known = known_[static_cast<std::size_t>(i)];
    if (!known.has_body && without < 0) without = i;
    if (!twin && (!known.has_body || !one.has_body || (known.line == one.line && known.column == one.column && known.file == one.file))) {
      twin = true;
      twin_has_body = known.has_body;
    }
    at = &known.next;
  }
  if (twin && (twin_has_body || !one.has_body)) return false;
  if (without >= 0) {
    const int next = known_[static_cast<std::size_t>(without)].next;
    known_[static_cast<std::size_t>(without)] = one;
    known_[static_cast<std::size_t>(without)].next = next;
  } else {
    *at = static_cast<int>(known_.size());
    known_.push_back(one);
  }
  return true;
}

bool Seen::add_class(Text key) {
  if (classes_.size() <= key.number()) classes_.resize(std::max(classes_.size() * 2, Text::numbers()));
  if (classes_[key.number()]) return false;
  classes_[key.number()] = true;
  return true;
}

void Seen::add(const Unit& unit) {
  const Texts files(unit.files.begin(), unit.files.end());
  const Text path = unit.path;
  for (const auto& f : unit.functions) add(f.key, {f.place.file < files.size() ? files[f.place.file] : path, f.place.line, f.place.column, f.has_body});
  for (const auto& c : unit.classes) add_class(c.key);
}

void Seen::choose(Packed& packed) {
  for (auto& f : packed.functions) f.wanted = add(f.key, {f.file, f.line, f.column, f.has_body}) || f.attributes || f.file.empty();
  for (auto& c : packed.classes) c.wanted = add_class(c.key);
}

std::string to_bytes(const Unit& unit) {
  Writer writer;
  writer.unit(unit);
  return writer.finish(unit);
}

namespace {

Result<std::string_view> payload_of(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return fail(Error::Kind::bad_input, "it does not hold facts of this version of concadvise");
  if (bytes.size() < kHeader || word_at(bytes, kMagic.size()) != bytes.size() - kHeader) return fail(Error::Kind::bad_input, "it is cut short");
  return bytes.substr(kHeader);
}

}  // namespace

Result<Packed> unpack(std::string_view bytes) {
  const auto payload = payload_of(bytes);
  if (!payload) return tl::unexpected(payload.error());
  if (word_at(bytes, kMagic.size() + 8) != checksum(*payload)) return fail(Error::Kind::bad_input, "it was changed or damaged");
  Reader reader(*payload);
  Packed packed;
  reader.head(packed.unit);
  reader.contents(packed);
  if (!reader.error().empty()) return fail(Error::Kind::bad_input, reader.error());
  return packed;
}

Result<Unit> read(Packed packed) {
  Reader reader(packed.rest);
  reader.read(packed);
  if (!reader.error().empty()) return fail(Error::Kind::bad_input, reader.error());
  return std::move(packed.unit);
}

Result<Unit> from_bytes(std::string_view bytes, Seen* seen) {
  auto packed = unpack(bytes);
  if (!packed) return tl::unexpected(packed.error());
  if (seen) seen->choose(*packed);
  return read(std::move(*packed));
}

Result<std::vector<std::string_view>> split_units(std::string_view bytes) {
  std::vector<std::string_view> units;
  while (!bytes.empty()) {
    if (!bytes.starts_with(kMagic)) return fail(Error::Kind::bad_input, "it does not hold facts of this version of concadvise");
    if (bytes.size() < kHeader || word_at(bytes, kMagic.size()) > bytes.size() - kHeader) return fail(Error::Kind::bad_input, "it is cut short");
    const std::size_t size = kHeader + static_cast<std::size_t>(word_at(bytes, kMagic.size()));
    units.push_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return units;
}

Result<Unit> head_of(std::string_view bytes) {
  const auto payload = payload_of(bytes);
  if (!payload) return tl::unexpected(payload.error());
  Reader reader(*payload);
  Unit unit;
  reader.head(unit);
  if (!reader.error().empty()) return fail(Error::Kind::bad_input, reader.error());
  return unit;
}

void replace_path(Unit& unit, std::string_view from, std::string_view to) {
  if (from.empty()) return;
  auto& [path, language, knowledge, status, error, error_place, files, functions, classes, flows, suppressions] = unit;
  PathReplacer(from, to)(path, error, files, functions, classes, flows, suppressions);
}

}  // namespace concadvise::facts
