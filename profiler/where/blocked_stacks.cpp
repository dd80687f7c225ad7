#include "profiler/where/blocked_stacks.h"

#include <algorithm>

#include "profiler/timeline/assemble.h"

namespace concadvise {
namespace {

// Of one core: a quarter of what the whole profiler may use. The allowance at the start is for the first stack of each
// place (opening files and reading their call frame information) and for programs that end soon.
constexpr double kBudget = 0.005;
constexpr std::uint64_t kAllowance_ns = 10'000'000;

}  // namespace

bool BlockedStacks::may_spend(std::uint64_t now) {
  if (start_ns_ == 0) start_ns_ = now;
  return static_cast<double>(spent_ns_) < static_cast<double>(kAllowance_ns) + kBudget * static_cast<double>(now - start_ns_);
}

bool BlockedStacks::take(ThreadRecord& thread, Last& last) {
  const SyscallState& at = thread.syscall;
  if (at.sp == 0 || at.pc == 0) return false;
  SeenStack seen;
  seen.native = book_.unwinder().blocked(thread.pid, thread.tid, BlockedAt{at.number, at.sp, at.pc});
  if (seen.native.torn) return false;
  last.task = book_.add_python(thread.pid, thread.tid, seen);
  if (!thread.runs_loop) thread.runs_loop = book_.runs_python_loop(seen);
  if (!thread.runs_loop && thread.wait.loop_wait) thread.looks_after_pool = book_.looks_after_python_pool(seen);
  last.stack = book_.intern(std::move(seen));
  return true;
}

void BlockedStacks::on_wait(ThreadRecord& thread, const WaitSite& site) {
  Last& last = last_[&site];
  // A thread that was given a CPU since is in another wait, or a step further in this one.
  const std::uint64_t wait = thread.last.slices + 1;
  const bool is_new = last.wait != wait;
  if (is_new) {
    last.wait = wait;
    last.own_stack = false;
    if (may_spend(thread.seen_ns)) {
      const std::uint64_t before = own_cpu_ns();
      last.own_stack = take(thread, last);
      PythonReader* python = thread.runs_loop && thread.wait.loop_wait ? book_.python(thread.pid) : nullptr;
      if (python != nullptr) thread.tasks_most = std::max(thread.tasks_most, python->tasks_alive().value_or(0));
      if (last.own_stack) last.account = &book_.weight(Doing{thread.pid, thread.tid, site.state, text_of(site)}, last.stack);
      spent_ns_ += own_cpu_ns() - before;
    }
  }
  if (last.account == nullptr) return;
  if (last.own_stack && thread.runs_loop && !thread.wait.loop_wait)
    book_.turns().blocked(Doing{thread.pid, thread.tid, site.state, text_of(site)}, last.stack, last.task,
                          static_cast<double>(thread.seen_ns - std::min(thread.blocked_since_ns, thread.seen_ns)) * 1e-9, is_new);
  last.account->seconds += site.samples_s - last.seen_s;
  last.account->count += is_new ? 1 : 0;
  last.seen_s = site.samples_s;
}

}  // namespace concadvise
