// Facts as bytes: what the cache keeps, what `concadvise facts` writes and `concadvise link` reads. The same unit gives the
// same bytes, on every machine and in every run. Texts are kept once, in order of first use; numbers are LEB128.
//
//     "concadvise-facts/1\n"  count of bytes that follow (8, little-endian)  their FNV-1a hash (8)
//     texts  unit
//
// Each function is preceded by its length, so that a reader may pass over those that it has already.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/facts.h"
#include "model/result.h"

namespace concadvise::facts {

std::string to_bytes(const Unit& unit);

/// Called with a function's key, the absolute path of its file and its line, and whether it has a body; false: the
/// function is left out of the unit that is read.
using Wanted = std::function<bool(const std::string& key, const std::string& file, int line, int column, bool has_body)>;

/// Which functions the units read so far have, by the rule with which Program::link joins them: of equal functions in
/// several units the first with a body stays. So that those of headers are read once and not once per unit.
class Seen {
 public:
  bool wanted(const std::string& key, const std::string& file, int line, int column, bool has_body) const;
  void add(const Unit& unit);

 private:
  struct Known {
    std::string file;
    int line = 0;
    int column = 0;
    bool has_body = false;
  };
  std::unordered_map<std::string, std::vector<Known>> functions_;
};

/// A cut, changed or foreign file is an error that says where.
Result<Unit> from_bytes(std::string_view bytes, const Wanted& wanted = {});

/// Units stand one behind the other in a file (so `cat` joins files of facts). The bytes of each; they are not looked into.
Result<std::vector<std::string_view>> split_units(std::string_view bytes);

/// Language and path of the unit, without the rest.
Result<Unit> head_of(std::string_view bytes);

/// Replaces every `from` in paths, keys and nodes by `to`: facts that don't depend on the folder that they were made in.
void replace_path(Unit& unit, std::string_view from, std::string_view to);

}  // namespace concadvise::facts
