// Who waits how long, and who ends the wait: the kernel side. Runs at every switch and wake-up of the machine, so it does
// nothing for threads that are not the target's, sums up short stretches in place and tells of long ones.
// The kernel's helpers that this needs are open to programs under the GPL only, so this file is offered under it as well.
// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "records.h"

char LICENSE[] SEC("license") = "GPL";

// Of the kernel's types only what is read; libbpf finds the real offsets when it loads (CO-RE).

typedef struct {
  int counter;
} __attribute__((preserve_access_index)) atomic_t;

struct signal_struct {
  atomic_t live;
} __attribute__((preserve_access_index));

struct sched_entity {
  __u64 sum_exec_runtime;
} __attribute__((preserve_access_index));

struct task_struct {
  void* stack;
  int pid;
  int tgid;
  struct sched_entity se;
  struct signal_struct* signal;
} __attribute__((preserve_access_index));

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
  unsigned long orig_ax;
} __attribute__((preserve_access_index));
#endif

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 131072);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u32);    // process
  __type(value, __u32);
} processes SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, __u32);  // number of the account
} account_of SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, CONCADVISE_THREADS);
  __type(key, __u32);
  __type(value, struct concadvise_account);
} accounts SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4 << 20);
} stretches SEC(".maps");

__u64 shortest_told_ns = 100000;  // raised by the user side when too many are told
__u32 accounts_used = 1;          // 0 is nobody
__u64 dropped_threads = 0;
__u64 dropped_stretches = 0;

static __always_inline struct concadvise_account* account_at(__u32 number) {
  return bpf_map_lookup_elem(&accounts, &number);
}

// Makes the account of a thread of the target.
static __noinline struct concadvise_account* new_account(struct task_struct* task) {
  __u32* number = bpf_task_storage_get(&account_of, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (!number) {
    __sync_fetch_and_add(&dropped_threads, 1);
    return 0;
  }
  if (*number == 0) {
    if (accounts_used >= CONCADVISE_THREADS) {
      __sync_fetch_and_add(&dropped_threads, 1);
      return 0;
    }
    *number = __sync_fetch_and_add(&accounts_used, 1);
  }
  struct concadvise_account* account = account_at(*number);
  if (account) {
    account->tid = task->pid;
    account->tgid = task->tgid;
    account->start_ns = bpf_ktime_get_ns();
  }
  return account;
}

static __always_inline struct concadvise_account* known_account(struct task_struct* task) {
  __u32* number = bpf_task_storage_get(&account_of, task, 0, 0);
  return number ? account_at(*number) : 0;
}

static __always_inline struct concadvise_account* account(struct task_struct* task) {
  __u32 process = task->tgid;
  if (process == 0) return 0;  // the idle task
  struct concadvise_account* known = known_account(task);
  if (known) return known;
  return bpf_map_lookup_elem(&processes, &process) ? new_account(task) : 0;
}

static __always_inline int system_call_of(struct task_struct* task) {
#if defined(__TARGET_ARCH_x86)
  struct pt_regs* registers = (struct pt_regs*)bpf_task_pt_regs(task);
  return (int)BPF_CORE_READ(registers, orig_ax);
#else
  return -1;
#endif
}

static __always_inline struct concadvise_call* call_of(struct concadvise_account* account) {
#pragma unroll
  for (int i = 0; i < CONCADVISE_CALLS - 1; ++i) {
    struct concadvise_call* call = &account->calls[i];
    if (call->used && call->number == account->number) return call;
    if (!call->used) {
      call->used = 1;
      call->number = account->number;
      return call;
    }
  }
  account->calls[CONCADVISE_CALLS - 1].used = 1;
  account->calls[CONCADVISE_CALLS - 1].number = -2;
  return &account->calls[CONCADVISE_CALLS - 1];
}

static __always_inline void leaves_cpu(struct task_struct* task, bool wants_more) {
  struct concadvise_account* thread = account(task);
  if (!thread || (thread->flags & CONCADVISE_ENDED)) return;
  thread->tid = task->pid;  // an exec by another thread than the first renumbers it
  thread->off_since_ns = bpf_ktime_get_ns();
  thread->woken_ns = 0;
  thread->waker = 0;
  thread->flags = 0;
  if (wants_more) {
    thread->off = CONCADVISE_PREEMPTED;
    ++thread->preemptions;
    return;
  }
  thread->off = CONCADVISE_BLOCKED;
  thread->number = system_call_of(task);
}

static __always_inline void gets_cpu(struct task_struct* task) {
  struct concadvise_account* thread = account(task);
  if (!thread) return;
  const __u32 off = thread->off;
  if (off == CONCADVISE_ON) return;
  const __u64 now = bpf_ktime_get_ns();
  const __u64 start = thread->off_since_ns;
  const bool blocked = off == CONCADVISE_BLOCKED;
  // A wait that was over before the thread was off its CPU has no wake-up of its own.
  const __u64 woken = !blocked ? start : thread->woken_ns ? thread->woken_ns : now;
  thread->off = CONCADVISE_ON;
  struct concadvise_call* call = 0;
  if (blocked) {
    call = call_of(thread);
    ++call->count;
    call->blocked_ns += woken - start;
    if (woken - start > call->longest_ns) call->longest_ns = woken - start;
  }
  if (now - start >= shortest_told_ns) {
    struct concadvise_stretch* told = bpf_ringbuf_reserve(&stretches, sizeof *told, 0);
    if (told) {
      __u32* number = bpf_task_storage_get(&account_of, task, 0, 0);
      told->thread = number ? *number : 0;
      told->waker = thread->waker;
      told->start_ns = start;
      told->woken_ns = woken;
      told->end_ns = now;
      told->number = blocked ? thread->number : -1;
      told->flags = thread->flags | (off == CONCADVISE_PREEMPTED ? CONCADVISE_WAS_PREEMPTED : 0);
      bpf_ringbuf_submit(told, BPF_RB_NO_WAKEUP);
      return;
    }
    __sync_fetch_and_add(&dropped_stretches, 1);
  }
  thread->short_queue_ns += now - woken;
  if (!call) return;
  if (thread->waker)
    thread->short_inside_ns += woken - start;
  else
    call->short_outside_ns += woken - start;
}

// System calls that send: they may run the receiver's side of a local connection at once.
static __always_inline bool sends(int number) {
#if defined(__TARGET_ARCH_x86)
  return number == 1 || number == 20 || number == 44 || number == 46 || number == 42 || number == 3;
#else
  return false;
#endif
}

// Whether the running task is only where an interrupt struck. The count of nested interrupts can't be read on all kernels,
// but the stack tells: an interrupt in user code leaves its own entry frame (no system call) at the stack's base, one in the
// kernel runs on another stack, and so does what a sender does for the receiver.
#define STACK_BYTES 32768

static __always_inline bool is_interrupted(struct task_struct* task, void* here) {
  const int number = system_call_of(task);
  if (number < 0) return true;
  const unsigned long base = (unsigned long)task->stack;
  const bool own_stack = (unsigned long)here - base < STACK_BYTES;
  return !own_stack && !sends(number);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct* prev, struct task_struct* next, unsigned int prev_state) {
  leaves_cpu(prev, preempt || prev_state == 0);
  gets_cpu(next);
  return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(on_waking, struct task_struct* woken) {
  struct concadvise_account* thread = known_account(woken);
  if (!thread || thread->off != CONCADVISE_BLOCKED || thread->woken_ns) return 0;
  thread->woken_ns = bpf_ktime_get_ns();
  struct task_struct* waker = bpf_get_current_task_btf();
  __u32* number = bpf_task_storage_get(&account_of, waker, 0, 0);
  if (number && !is_interrupted(waker, ctx)) thread->waker = *number;
  return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct* parent, struct task_struct* child) {
  __u32 process = parent->tgid;
  if (!bpf_map_lookup_elem(&processes, &process)) return 0;
  __u32 new_process = child->tgid;
  if (new_process != process) {
    const __u32 one = 1;
    bpf_map_update_elem(&processes, &new_process, &one, BPF_ANY);
  }
  struct concadvise_account* thread = new_account(child);
  if (!thread) return 0;
  thread->off = CONCADVISE_NEW;
  thread->off_since_ns = thread->start_ns;
  return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct* task) {
  __u32 process = task->tgid;
  struct concadvise_account* thread = known_account(task);
  if (!thread) return 0;
  thread->end_ns = bpf_ktime_get_ns();
  thread->run_ns = task->se.sum_exec_runtime;
  thread->flags |= CONCADVISE_ENDED;
  if (BPF_CORE_READ(task, signal, live.counter) == 0) bpf_map_delete_elem(&processes, &process);
  return 0;
}
