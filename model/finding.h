// What the linter found in source code.
#pragma once

#include <string>
#include <vector>

namespace concadvise {

/// A step of the way from the reported place to the effect.
struct ChainLink {
  std::string file;
  int line = 0;
  std::string function;
};

struct Finding {
  std::string rule;
  std::string severity = "warning";  // error, warning, note
  double confidence = 1;             // 0..1
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
  std::string function;              // enclosing function, qualified
  std::string context;               // coroutine, loop-callback, pool-task, critical-section, plain; and why
  std::string effect;                // sleep, wait, dns, network, file, process, database, stdin, lock, compute
  std::vector<ChainLink> chain;
  std::string fix;                   // what to write instead; may be empty
  std::string fingerprint;           // survives line moves
  bool suppressed = false;
  // Joined with a measurement of the same program (rules/join.h); seen_s < 0: not joined, 0: never seen there.
  double seen_s = -1;
  double seen_count = 0;
  double seen_longest_s = 0;
};

struct FailedSource {
  std::string file;
  std::string error;
};

struct Sources {
  int analyzed = 0;
  std::vector<FailedSource> failed;
};

struct LintResult {
  std::string schema = "concadvise-lint/1";
  std::vector<Finding> findings;
  Sources sources;
};

}  // namespace concadvise
