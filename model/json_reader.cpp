#include "model/json_reader.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

namespace concadvise::json_reader {
namespace {

// The text as RapidJSON wants it. At its end it gives zeros, as that library expects.
class Text {
 public:
  using Ch = char;

  explicit Text(const NextPiece& next_piece) : next_piece_(&next_piece) { refill(); }

  Ch Peek() const { return *at_; }
  Ch Take() {
    const Ch taken = *at_++;
    if (at_ == end_) refill();
    return taken;
  }
  std::size_t Tell() const { return before_ + static_cast<std::size_t>(at_ - begin_); }
  bool at_end() const { return ended_; }

  // Only asked for by parsing in place.
  Ch* PutBegin() { return nullptr; }
  void Put(Ch) {}
  void Flush() {}
  std::size_t PutEnd(Ch*) { return 0; }

 private:
  void refill() {
    static constexpr Ch kEnd = '\0';
    if (!ended_) before_ += static_cast<std::size_t>(end_ - begin_);
    const std::string_view piece = ended_ ? std::string_view() : (*next_piece_)();
    ended_ = piece.empty();
    begin_ = at_ = ended_ ? &kEnd : piece.data();
    end_ = begin_ + (ended_ ? 1 : piece.size());
  }

  const NextPiece* next_piece_;
  const Ch* begin_ = nullptr;
  const Ch* at_ = nullptr;
  const Ch* end_ = nullptr;
  std::size_t before_ = 0;
  bool ended_ = false;
};

// Receives what the parser finds and passes it to the slots.
class Receiver {
 public:
  explicit Receiver(const Slot& root) : next_(root) {}

  bool Null() { return scalar("nothing", [](const Slot&) { return false; }); }
  bool Bool(bool value) {
    return scalar("true or false", [value](const Slot& to) { return to.kind->boolean != nullptr && to.kind->boolean(to.at, value); });
  }
  bool Int(int value) { return Int64(value); }
  bool Uint(unsigned value) { return Uint64(value); }
  bool Int64(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    return number({static_cast<double>(value), value < 0 ? 0 - bits : bits, true, value < 0});
  }
  bool Uint64(std::uint64_t value) { return number({static_cast<double>(value), value, true, false}); }
  bool Double(double value) { return number({value, 0, false, value < 0}); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }  // not asked for
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return scalar("a string", [&](const Slot& to) { return to.kind->string != nullptr && to.kind->string(to.at, {text, size}); });
  }
  bool StartObject() { return enter("an object", [](const Kind& kind) { return kind.member != nullptr; }); }
  bool StartArray() { return enter("a list", [](const Kind& kind) { return kind.element != nullptr; }); }
  bool EndObject(rapidjson::SizeType) { return leave(); }
  bool EndArray(rapidjson::SizeType) { return leave(); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (skipping_ > 0) return true;
    Level& level = levels_.back();
    next_ = level.slot.kind->member(level.slot.at, {text, size}, level.at);
    return true;
  }

  const std::string& complaint() const { return complaint_; }

 private:
  struct Level {
    Slot slot;
    std::size_t at = 0;  // of an array the elements that came, of an object the member to expect
  };

  bool number(const Number& value) {
    return scalar("a number", [&](const Slot& to) { return to.kind->number != nullptr && to.kind->number(to.at, value); });
  }

  // Where the value that begins now goes; nothing: it is skipped.
  std::optional<Slot> place() {
    if (levels_.empty() || levels_.back().slot.kind->element == nullptr) return next_;
    Level& level = levels_.back();
    return level.slot.kind->element(level.slot.at, level.at++);
  }

  template <typename Set>
  bool scalar(std::string_view what, Set set) {
    if (skipping_ > 0) return true;
    const std::optional<Slot> to = place();
    return !to || set(*to) || complain(*to, what);
  }

  template <typename Accepts>
  bool enter(std::string_view what, Accepts accepts) {
    std::optional<Slot> to;
    if (skipping_ == 0) to = place();
    if (!to) {
      ++skipping_;
      return true;
    }
    if (!accepts(*to->kind)) return complain(*to, what);
    if (to->kind->begin != nullptr) to->kind->begin(to->at);
    levels_.push_back({*to, 0});
    return true;
  }

  bool leave() {
    if (skipping_ > 0) {
      --skipping_;
      return true;
    }
    const Level level = levels_.back();
    levels_.pop_back();
    return level.slot.kind->end == nullptr || level.slot.kind->end(level.slot.at, level.at) || complain(level.slot, "a list that is too short");
  }

  bool complain(const Slot& to, std::string_view what) {
    std::string place;
    for (const Level& level : levels_) {
      if (!level.slot.name.empty()) place += std::string(place.empty() ? "" : ".") + std::string(level.slot.name);
      if (level.slot.kind->element != nullptr) place += "[" + std::to_string(level.at - 1) + "]";
    }
    if (!to.name.empty()) place += std::string(place.empty() ? "" : ".") + std::string(to.name);
    if (place.empty()) place = "the whole file";
    complaint_ = place + ": " + std::string(what) + " where " + std::string(to.kind->wanted) + " belongs";
    return false;
  }

  std::optional<Slot> next_;
  std::vector<Level> levels_;
  std::size_t skipping_ = 0;  // depth inside of what nobody wants
  std::string complaint_;
};

}  // namespace

}  // namespace concadvise::json_reader

// A local copy of the text's position, which the compiler then keeps in registers.
template <>
struct rapidjson::StreamTraits<concadvise::json_reader::Text> {
  enum { copyOptimization = 1 };
};

namespace concadvise::json_reader {

Complaint read(const NextPiece& next_piece, const Slot& into) {
  // Iterative: nesting takes no stack, however deep. Full precision: what was written comes back the same.
  constexpr unsigned kHow = rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag;
  Text text(next_piece);
  Receiver receiver(into);
  rapidjson::Reader reader;
  const rapidjson::ParseResult parsed = reader.Parse<kHow>(text, receiver);
  if (!receiver.complaint().empty()) return Problem{receiver.complaint()};
  if (parsed.IsError())
    return Problem{"byte " + std::to_string(parsed.Offset()) + ": " + rapidjson::GetParseError_En(parsed.Code()), text.at_end()};
  if (!text.at_end()) return Problem{"byte " + std::to_string(text.Tell()) + ": it goes on after its end"};
  return std::nullopt;
}

}  // namespace concadvise::json_reader
