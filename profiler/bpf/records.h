/* What the kernel side and ours share: the layout of both directions. Plain C, read by both compilers. */
#ifndef CONCADVISE_PROFILER_BPF_RECORDS_H
#define CONCADVISE_PROFILER_BPF_RECORDS_H

#include <linux/types.h>

#define CONCADVISE_THREADS 32768 /* accounts; threads beyond are counted as dropped */
#define CONCADVISE_CALLS 6       /* system calls that are told apart for each thread; the last row takes the rest */

/* Why a thread is off its CPU. */
#define CONCADVISE_ON 0
#define CONCADVISE_BLOCKED 1
#define CONCADVISE_PREEMPTED 2
#define CONCADVISE_NEW 3 /* created, has not run yet */

/* Instead of a system call's number. */
#define CONCADVISE_OUTSIDE -1 /* a page fault */
#define CONCADVISE_REST -2    /* the last row of an account's calls */
#define CONCADVISE_ANY -3     /* not known which */

/* Of an account and of a record. */
#define CONCADVISE_WAS_PREEMPTED 1u
#define CONCADVISE_ENDED 2u

/* Waits in one system call. Times in ns. */
struct concadvise_call {
  __s32 number; /* -1: outside of one (a page fault) */
  __u32 used;
  __u64 count;
  __u64 blocked_ns;
  __u64 longest_ns;
  __u64 short_outside_ns; /* of the waits that were not streamed, those that no thread of the target ended */
};

/* One thread, from its birth or our start to its end. */
struct concadvise_account {
  __u32 tid;
  __u32 tgid;
  __u64 start_ns; /* CLOCK_MONOTONIC */
  __u64 end_ns;
  __u64 run_ns; /* CPU time at the end, of its whole life */
  __u64 off_since_ns;
  __u64 woken_ns;
  __u32 off;    /* CONCADVISE_ON ... */
  __u32 waker;  /* account of the target's thread that woke it; 0: somebody else */
  __s32 number; /* of the system call it is blocked in */
  __u32 flags;
  __u64 preemptions;
  __u64 short_queue_ns;  /* of what was not streamed: wanting a CPU */
  __u64 short_inside_ns; /* ... : blocked until a thread of the target woke it */
  struct concadvise_call calls[CONCADVISE_CALLS];
};

/* A stretch off the CPU that was long enough to be told. */
struct concadvise_stretch {
  __u32 thread; /* account */
  __u32 waker;  /* account; 0: somebody else, or an interrupt */
  __u64 start_ns;
  __u64 woken_ns; /* it wanted a CPU from then on; start_ns where it was preempted */
  __u64 end_ns;   /* it had one */
  __s32 number;
  __u32 flags;
};

#endif
