// Sources in, findings out: the entry that cli/ calls.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "analyzer/facts.h"
#include "analyzer/knowledge.h"
#include "model/finding.h"
#include "model/result.h"

namespace concadvise {

struct LintOptions {
  std::vector<std::string> paths;          // files and folders to look at; empty: all that the database names
  std::string database;                    // folder of compile_commands.json; empty: searched upward from each path
  std::vector<std::string> flags;          // after `--`: used for every C and C++ file instead of a database
  std::vector<std::string> rules;          // names to run; empty: all that are on by default
  std::vector<std::string> disabled;       // names not to run
  bool extended = false;                   // run the rules that are off by default too
  std::vector<std::string> exclude;        // absolute paths and patterns (fnmatch, `*` matches `/` too): nothing is reported there
  std::map<std::string, std::string> severities;  // of rules, in place of their own
  std::vector<std::string> packs;          // further knowledge files
  std::string root;                        // folder of the project; what lies outside is third-party
  int jobs = 0;                            // 0: as many as processors
  std::string cache;                       // folder of facts from earlier runs; empty: none are kept
  std::uint64_t cache_bytes = 1ULL << 30U; // the folder is kept below that
  bool process_ends = false;               // after this: what was linked is left to the system, which is faster than taking it apart
  bool full_parse = false;                 // parse bodies of system headers too
  std::function<void(const std::vector<std::string>& files)> files_read;  // may be empty; given all files that a C or C++ source was made of
  std::function<void(int done, int total, const std::string& file)> progress;  // may be empty; called by one thread at a time
};

/// A front end: one language's way from files to facts. Units come back in the order of the paths; a file that can't be
/// read or parsed is a unit with its status and error, never an error of the whole.
struct FrontEnd {
  facts::Language language;
  std::vector<std::string> extensions;     // with the dot: ".py"
  Result<std::vector<facts::Unit>> (*extract)(const std::vector<std::string>& files, const LintOptions& options,
                                              const Knowledge& knowledge);
};

/// nullptr where the program was built without it.
const FrontEnd* cpp_front_end();
const FrontEnd* python_front_end();

/// Finds the sources, extracts facts, links them and runs the checks. Findings are sorted by file, line and rule.
Result<LintResult> lint(const LintOptions& options);

/// The first half of lint: sources to facts.
Result<std::vector<facts::Unit>> extract_units(const LintOptions& options);

/// The second half: files that `concadvise facts` wrote (facts_io.h) to findings. The order of the files does not matter.
/// Equals lint over the same sources.
Result<LintResult> link_facts(const std::vector<std::string>& files, const LintOptions& options);

/// The same from facts at hand (both front ends' units together).
LintResult lint_units(std::vector<facts::Unit> units, const Knowledge& knowledge, const LintOptions& options);

}  // namespace concadvise
