// One row per rule.
#include <array>

#include "analyzer/checks/check.h"

namespace concadvise {

#define CONCADVISE_CHECKS(X) \
  X(async_sibling) \
  X(async_without_await) \
  X(blocking_in_callback) \
  X(blocking_in_coroutine) \
  X(blocking_under_lock) \
  X(compute_in_async) \
  X(compute_in_io_pool) \
  X(compute_in_threads_gil) \
  X(coroutine_lambda_capture) \
  X(coroutine_reference_parameter) \
  X(create_then_wait) \
  X(detached_thread_captures) \
  X(discarded_async_future) \
  X(dropped_awaitable) \
  X(file_io_in_async) \
  X(io_in_compute_pool) \
  X(large_task_arguments) \
  X(lock_across_await) \
  X(loop_without_suspension) \
  X(missing_main_guard) \
  X(mt_unsafe_libc) \
  X(nested_parallelism) \
  X(pool_per_call) \
  X(pool_waits_on_itself) \
  X(process_shared_state) \
  X(resume_in_await_suspend) \
  X(serial_await) \
  X(serialized_pool) \
  X(sleep_polling) \
  X(sync_over_async) \
  X(thread_local_across_await) \
  X(thread_per_task) \
  X(tiny_tasks) \
  X(unbounded_fan_out) \
  X(unpicklable_process_task) \
  X(wait_in_async) \
  X(wait_without_predicate)

#define CONCADVISE_DECLARE(ident) extern const Check check_##ident;
CONCADVISE_CHECKS(CONCADVISE_DECLARE)

std::span<const Check* const> all_checks() {
#define CONCADVISE_ROW(ident) &check_##ident,
  static const std::array checks = {CONCADVISE_CHECKS(CONCADVISE_ROW)};
  return checks;
}

}  // namespace concadvise
