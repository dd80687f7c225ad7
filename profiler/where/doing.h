// What a thread was found doing.
#pragma once

#include <compare>
#include <string>

#include "model/state.h"

namespace concadvise {

/// A state, and for a wait the words that name it (see Wait::what).
struct Doing {
  int pid = 0;
  int tid = 0;
  State state = State::on_cpu;
  std::string what;

  auto operator<=>(const Doing&) const = default;
};

}  // namespace concadvise
