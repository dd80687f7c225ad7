// Facts as bytes: what the cache keeps, what `concadvise facts` writes and `concadvise link` reads. The same unit gives the
// same bytes, on every machine and in every run. Texts are kept once, in order of first use; numbers are LEB128.
//
//     "concadvise-facts/N\n"  count of bytes that follow (8, little-endian)  their FNV-1a hash (8)
//     fingerprint of the knowledge that they were made with (8)  language  path  texts  contents
//
// Functions and classes are preceded by their key and their length, so that a reader may pass over those that it has already:
// most of what a unit has stands in headers that it shares with others.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyzer/facts.h"
#include "model/result.h"

namespace concadvise::facts {

std::string to_bytes(const Unit& unit);

/// A unit whose contents are known but not decoded yet; points into the bytes.
struct Packed {
  struct Function {
    Text key;
    Text file;              // of Packed::unit's; empty: not known
    int line = 0;
    int column = 0;
    bool has_body = false;
    bool attributes = false;
    bool wanted = true;
    std::string_view bytes;
  };
  struct Class {
    Text key;
    bool wanted = true;
    std::string_view bytes;
  };
  Unit unit;  // without functions, classes, flows and suppressions
  std::vector<Function> functions;
  std::vector<Class> classes;
  std::vector<std::string_view> texts;
  std::string_view rest;
};

/// Which functions and classes the units read so far have, by the rule with which Program::link joins them: of equal functions
/// in several units the first with a body stays. So that those of headers are read once and not once per unit.
class Seen {
 public:
  void add(const Unit& unit);
  /// Sets `wanted` for what no unit before had, and remembers it.
  void choose(Packed& packed);

 private:
  struct Known {
    Text file;
    int line = 0;
    int column = 0;
    bool has_body = false;
    int next = -1;                // of the same key
  };
  bool add(Text key, const Known& one);
  bool add_class(Text key);
  std::vector<int> first_;        // by the number of the key, into known_; -1: none
  std::vector<Known> known_;
  std::vector<bool> classes_;     // by the number of the key
};

/// The first half of reading, which checks the bytes: a cut, changed or foreign file is an error that says where. They must
/// stay until the second half is done.
Result<Packed> unpack(std::string_view bytes);

/// The second half: decodes what is wanted.
Result<Unit> read(Packed packed);

/// Both; what `seen` has already is left out, what it has not is added to it.
Result<Unit> from_bytes(std::string_view bytes, Seen* seen = nullptr);

/// Units stand one behind the other in a file (so `cat` joins files of facts). The bytes of each; they are not looked into.
Result<std::vector<std::string_view>> split_units(std::string_view bytes);

/// Language, path and knowledge of the unit, without the rest.
Result<Unit> head_of(std::string_view bytes);

/// Replaces every `from` in paths, keys and nodes by `to`: facts that don't depend on the folder that they were made in.
void replace_path(Unit& unit, std::string_view from, std::string_view to);

}  // namespace concadvise::facts
