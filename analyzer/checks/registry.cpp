// One row per rule.
#include <array>

#include "analyzer/checks/check.h"

namespace concadvise {

#define CONCADVISE_CHECKS(X) \
  X(blocking_in_callback) \
  X(blocking_in_coroutine) \
  X(file_io_in_async) \
  X(sync_over_async) \
  X(wait_in_async)

#define CONCADVISE_DECLARE(ident) extern const Check check_##ident;
CONCADVISE_CHECKS(CONCADVISE_DECLARE)

std::span<const Check* const> all_checks() {
#define CONCADVISE_ROW(ident) &check_##ident,
  static const std::array checks = {CONCADVISE_CHECKS(CONCADVISE_ROW)};
  return checks;
}

}  // namespace concadvise
