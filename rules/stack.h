// Is the stack async-compatible? What the program's libraries can do, from what is mapped, imported and seen running.
#pragma once

#include <string>
#include <vector>

#include "model/finding.h"
#include "model/profile.h"

namespace concadvise {

/// What a library can do (libraries.toml).
struct Library {
  std::string name;      // Python module or soname without version
  std::string language;  // python, native
  std::string kind;      // blocking: only blocks; both: blocking and async API in it; async: only async; loop: an event loop
  std::string effect;    // network, disk, any
  std::string async_api; // what to use in it
  std::string sibling;   // what to use instead of it
  bool base = false;     // carries others: counts only when nothing built on it is found
  std::string source;
};

const std::vector<Library>& libraries();

/// The answer with its evidence.
struct Stack {
  bool known = false;
  double async_share = 0;              // of the I/O libraries found, those that can work asynchronously; 1 with a running loop
  bool runs_loop = false;
  std::string framework;               // of the loop, when known
  std::vector<const Library*> found;
  std::vector<std::string> evidence;   // sentences
  std::vector<std::string> replace;    // "requests -> httpx or aiohttp": what async would have to replace
};

/// `effect`: what the program waits for ("network", "disk"); libraries of that effect decide, others only when there are
/// none. `lint` may be null.
Stack stack_of(const Profile& profile, const LintResult* lint, const std::string& effect);

}  // namespace concadvise
