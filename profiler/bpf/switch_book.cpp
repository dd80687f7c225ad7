#include "profiler/bpf/switch_book.h"

#include <algorithm>

namespace concadvise {

concadvise_account* SwitchBook::account(int tid) {
  const auto found = by_tid_.find(tid);
  return found == by_tid_.end() ? nullptr : &accounts_[found->second];
}

void SwitchBook::add(int pid, int tid, std::uint64_t now, std::uint32_t off) {
  const concadvise_account* known = account(tid);
  if (known != nullptr && (known->flags & CONCADVISE_ENDED) == 0) return;
  if (accounts_.size() >= CONCADVISE_THREADS) {
    ++dropped_;
    return;
  }
  concadvise_account thread{};
  thread.tid = static_cast<std::uint32_t>(tid);
  thread.tgid = static_cast<std::uint32_t>(pid);
  thread.start_ns = thread.off_since_ns = now;
  thread.off = off;
  by_tid_[tid] = static_cast<std::uint32_t>(accounts_.size());
  ++processes_[pid];
  accounts_.push_back(thread);
}

void SwitchBook::watch(int pid, const std::vector<int>& tids, std::uint64_t now) {
  for (const int tid : tids) add(pid, tid, now, CONCADVISE_ON);
}

// A thread that was off its CPU does something on it: nobody told that it came back. (Seen on Linux 6.18, where a CPU's idle
// task can lose the right to record events until the machine restarts: perf record -C shows no swapper there either.)
void SwitchBook::miss(concadvise_account& thread) {
  if (thread.off != CONCADVISE_BLOCKED && thread.off != CONCADVISE_PREEMPTED) return;
  ++dropped_;
  thread.off = CONCADVISE_ON;
}

void SwitchBook::leaves_cpu(int tid, bool wants_more, std::uint64_t now) {
  concadvise_account* thread = account(tid);
  if (thread == nullptr || (thread->flags & CONCADVISE_ENDED) != 0) return;
  miss(*thread);
  thread->off_since_ns = now;
  thread->woken_ns = 0;
  thread->waker = 0;
  thread->flags = 0;
  thread->off = wants_more ? CONCADVISE_PREEMPTED : CONCADVISE_BLOCKED;
  thread->number = CONCADVISE_ANY;
  if (wants_more) ++thread->preemptions;
}

void SwitchBook::gets_cpu(int tid, std::uint64_t now, const Tell& tell) {
  concadvise_account* thread = account(tid);
  if (thread == nullptr || thread->off == CONCADVISE_ON) return;
  const bool blocked = thread->off == CONCADVISE_BLOCKED;
  const std::uint64_t start = thread->off_since_ns;
  // A wait that was over before the thread was off its CPU has no wake-up of its own.
  const std::uint64_t woken = !blocked ? start : thread->woken_ns != 0 ? thread->woken_ns : now;
  const bool preempted = thread->off == CONCADVISE_PREEMPTED;
  thread->off = CONCADVISE_ON;
  concadvise_call& call = thread->calls[0];
  if (blocked) {
    call.used = 1;
    call.number = CONCADVISE_ANY;
    ++call.count;
    call.blocked_ns += woken - start;
    call.longest_ns = std::max<std::uint64_t>(call.longest_ns, woken - start);
  }
  if (now - start >= shortest_told_ns_) {
    concadvise_stretch told{};
    told.thread = by_tid_[tid];
    told.waker = thread->waker;
    told.start_ns = start;
    told.woken_ns = woken;
    told.end_ns = now;
    told.number = blocked ? CONCADVISE_ANY : CONCADVISE_OUTSIDE;
    told.flags = thread->flags | (preempted ? CONCADVISE_WAS_PREEMPTED : 0);
    tell(told);
    return;
  }
  thread->short_queue_ns += now - woken;
  if (!blocked) return;
  if (thread->waker != 0)
    thread->short_inside_ns += woken - start;
  else
    call.short_outside_ns += woken - start;
}

void SwitchBook::wakes(int tid, int waker, std::uint64_t now) {
  concadvise_account* thread = account(tid);
  if (thread == nullptr || thread->off != CONCADVISE_BLOCKED || thread->woken_ns != 0) return;
  thread->woken_ns = std::max<std::uint64_t>(now, thread->off_since_ns);
  if (const auto known = by_tid_.find(waker); waker != 0 && known != by_tid_.end()) thread->waker = known->second;
}

void SwitchBook::born(int pid, int tid, int parent, std::uint64_t now) {
  if (!processes_.contains(parent) && !processes_.contains(pid)) return;
  add(pid, tid, now, CONCADVISE_NEW);
}

void SwitchBook::died(int tid, std::uint64_t now) {
  concadvise_account* thread = account(tid);
  if (thread == nullptr) return;
  if ((thread->flags & CONCADVISE_ENDED) == 0) miss(*thread);
  thread->end_ns = now;
  thread->flags |= CONCADVISE_ENDED;
  // The process' number may be given to a stranger: forgotten with its last thread. The thread's is kept until then: it ends
  // the waits of those that join it after this (Linux 6.18 tells of an end before the thread lets go of its memory).
  const int pid = static_cast<int>(thread->tgid);
  if (const auto left = processes_.find(pid); left != processes_.end() && --left->second == 0) processes_.erase(left);
}

}  // namespace concadvise
