// What a program's CPU time is spent on, as far as the stacks of its CPU samples tell.
#pragma once

#include <string>

#include "model/profile.h"

namespace concadvise {

/// Shares of the judged samples' CPU time, importing aside; `importing_s` in seconds.
struct CpuUse {
  double samples = 0;      // judged: with a stack that says what they belong to
  double importing_s = 0;  // starting and ending the interpreter and running import statements: once, and never divided
  double machinery = 0;    // starting, waking and ending workers, handing over, pickling
  double own = 0;          // the program's own code and the libraries that it calls
  double released = 0;     // of all: in libraries that compute without the GIL
  std::string library;     // the first of those libraries, without its version
};

/// `samples` is 0 when the profile has no CPU samples with stacks. Python processes are judged by their Python frames, so
/// stacks whose Python part could not be read are left out.
CpuUse cpu_use_of(const Profile& profile);

}  // namespace concadvise
