#include "profiler/waits/classify.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/uio.h>

#include <algorithm>
#include <vector>

#include "profiler/waits/syscalls.h"

namespace concadvise {
namespace {

bool contains(const std::vector<GilRange>& gils, std::uint64_t address) {
  return std::any_of(gils.begin(), gils.end(), [&](const GilRange& gil) { return gil.contains(address); });
}

using Kind = DescriptorInfo::Kind;

// Reads exactly `size` bytes of another process; false when they can't be had.
bool read_memory(int pid, std::uint64_t address, void* into, std::size_t size) {
  if (address == 0) return false;
  iovec local{into, size};
  iovec remote{reinterpret_cast<void*>(address), size};
  return ::process_vm_readv(pid, &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}

constexpr std::size_t kMostPolled = 1024;
constexpr std::uint64_t kSemaphores = 1ULL << 63;  // their numbers, beside the addresses of futexes, which are user space's

// A time-out of up to ten seconds; what can't be read is taken to be short.
bool short_timeout(int pid, std::uint64_t address) {
  timespec limit{};
  return !read_memory(pid, address, &limit, sizeof limit) || limit.tv_sec < 10;
}

// Another thread or the clock ends the wait: the clock's, unless another thread does something.
void ends_by_time(Observation& out) {
  out.state = State::timer;
  out.hop = Hop::threads;
  out.only_if_active = true;
}

// Shells and supervisors wait for the signal of a child's end: for the child, as long as there is one that does something.
void waits_for_signal(Observation& out) {
  out.state = State::idle;
  out.hop = Hop::children;
  out.only_if_active = true;
}

}  // namespace

FutexWait futex_wait_kind(std::uint64_t op, std::uint64_t value, bool has_timeout) {
  const std::uint64_t command = op & static_cast<std::uint64_t>(FUTEX_CMD_MASK);
  const bool is_private = (op & FUTEX_PRIVATE_FLAG) != 0;
  const bool realtime = (op & FUTEX_CLOCK_REALTIME) != 0;
  if (command == FUTEX_LOCK_PI || command == FUTEX_LOCK_PI2) return FutexWait::priority_mutex;
  if (command == FUTEX_WAIT && value != 2) return FutexWait::value;
  if (command == FUTEX_WAIT) return is_private ? FutexWait::mutex : FutexWait::shared_mutex_or_value;
  if (command != FUTEX_WAIT_BITSET) return FutexWait::unknown;
  if (realtime && value == 3 && !has_timeout) return FutexWait::rwlock;
  // What a join waits for is a thread's number, and 1 is the first process of all.
  if (realtime && !is_private && !has_timeout && value > 1) return FutexWait::join;
  if (value == 2 && has_timeout) return FutexWait::timed_mutex_or_condition;
  if (value % 2 == 0) return FutexWait::condition;
  return FutexWait::value;
}

void Classifier::classify_futex(int pid, int tid, const SyscallState& syscall,
                                const std::function<bool(int, int)>& is_thread_of, Observation& out) {
  const std::uint64_t address = syscall.args[0];
  out.address = address;
  if (const auto gil = gil_.find(pid); gil != gil_.end() && contains(gil->second, address)) {
    out.state = State::gil;
    out.hop = Hop::threads;
    out.what = "GIL";
    return;
  }
  const bool has_timeout = syscall.args[3] != 0;
  // CPython's locks are semaphores: the word is 0 while somebody holds it.
  const auto python = gil_.find(pid);
  out.lock_or_signal = python != gil_.end() && python->second.front().end != 0 && syscall.args[2] == 0;
  out.shared_memory = (syscall.args[1] & FUTEX_PRIVATE_FLAG) == 0;
  out.lock_called = out.shared_memory ? "multiprocessing.Lock" : "threading.Lock";
  const FutexWait kind = futex_wait_kind(syscall.args[1], syscall.args[2], has_timeout);
  // glibc's mutex: word, recursion count, owner; the owner sits 8 bytes on.
  std::uint32_t words[3] = {};
  const bool readable = read_memory(pid, address, words, sizeof words);
  const auto lock_held_by = [&](std::uint32_t owner) {
    out.state = State::lock;
    const int holder = static_cast<int>(owner);
    const bool named = readable && holder != tid && holder > 0 && is_thread_of(out.shared_memory ? 0 : pid, holder);
    out.holder = named ? holder : 0;
    out.hop = named ? Hop::thread : Hop::threads;
  };
  out.state = State::handoff;
  out.hop = Hop::threads;
  switch (kind) {
    case FutexWait::mutex:
      lock_held_by(words[2]);
      out.what = "mutex";
      return;
    case FutexWait::shared_mutex_or_value:
      // A standard library's atomic wait looks the same; only behind a mutex' word stands the number of its owner.
      if (readable && words[0] == 2 && static_cast<int>(words[2]) != tid && is_thread_of(0, static_cast<int>(words[2]))) {
        lock_held_by(words[2]);
        out.what = "mutex in shared memory";
        return;
      }
      out.what = "semaphore or atomic wait";
      return;
    case FutexWait::priority_mutex:
      lock_held_by(words[0] & FUTEX_TID_MASK);
      out.what = "priority-inheritance mutex";
      return;
    case FutexWait::timed_mutex_or_condition:
      if (readable && words[0] == 2 && is_thread_of(pid, static_cast<int>(words[2]))) {
        lock_held_by(words[2]);
        out.what = "timed mutex";
        return;
      }
      out.what = "condition variable, with time-out";
      ends_by_time(out);
      return;
    case FutexWait::rwlock:
      out.state = State::lock;
      out.what = "reader-writer lock";
      return;
    case FutexWait::condition:
      out.what = has_timeout ? "condition variable, with time-out" : "condition variable";
      if (out.shared_memory) out.what = "semaphore or condition variable in shared memory";
      if (has_timeout) ends_by_time(out);
      return;
    case FutexWait::join: out.what = "join"; return;
    case FutexWait::value:
      out.what = has_timeout ? "semaphore or atomic wait, with time-out" : "semaphore or atomic wait";
      if (has_timeout) ends_by_time(out);
      return;
    case FutexWait::unknown: out.what = "unknown futex"; return;
  }
}

void Classifier::classify_descriptor(int pid, const SyscallState& syscall, bool sends, Observation& out) {
  const DescriptorInfo info = descriptors_.describe(pid, static_cast<int>(syscall.args[0]));
  out.what = info.name;
  out.incomplete = info.incomplete;
  switch (info.kind) {
    case Kind::file: out.state = State::disk; return;
    case Kind::device: out.state = State::other; return;
    case Kind::terminal:
      out.state = sends ? State::other : State::idle;  // a person types
      return;
    case Kind::pipe:
      out.state = State::ipc;
      out.peers = info.peers;
      if (!out.peers.empty()) {
        out.hop = Hop::processes;
      } else if (info.own_peer) {
        out.state = State::handoff;
        out.hop = Hop::threads;
      }
      return;
    case Kind::eventfd:
      out.state = State::handoff;
      out.hop = Hop::threads;
      return;
    case Kind::timerfd: out.state = State::timer; return;
    case Kind::signalfd: waits_for_signal(out); return;
    case Kind::inotify: out.state = State::idle; return;
    case Kind::pidfd: out.state = State::child; out.hop = Hop::children; return;
    case Kind::socket: break;
    case Kind::epoll:
    case Kind::io_uring:
    case Kind::memory:
    case Kind::null_device:
    case Kind::unknown: return;
  }
  const SocketInfo& socket = info.socket;
  if (info.own_peer && info.peers.empty()) {
    out.state = State::handoff;
    out.hop = Hop::threads;
    return;
  }
  out.peers = info.peers;
  if (!out.peers.empty()) out.hop = Hop::processes;
  const bool receives_from_client = !sends && socket.direction == SocketInfo::Direction::inbound;
  if (receives_from_client || socket.direction == SocketInfo::Direction::listening) {
    out.state = State::idle;
    return;
  }
  if (info.quiet && !sends) {
    out.state = State::idle;
    out.hop = Hop::none;
    return;
  }
  out.state = socket.internet ? State::network : State::ipc;
}

void Classifier::classify_watch(WatchSet set, bool has_timeout, bool is_loop, Observation& out) {
  out.connections_inbound = set.inbound;
  out.inbound_inodes = std::move(set.inbound_inodes);
  out.connections_outbound = set.outbound + set.local_outbound;
  out.listens = set.listening > 0;
  out.has_clock = has_timeout || set.timers > 0;
  // A set of timers or signals alone is a sleeping helper, not a loop that serves events.
  out.loop_wait = is_loop && set.inbound + set.outbound + set.local_outbound + set.listening + set.wakeups > 0;
  out.incomplete = set.incomplete;
  out.peers = set.peers;
  const bool serves = set.listening > 0 || set.inbound > 0 || set.quiet > 0;
  if (set.outbound > set.quiet) {
    out.state = State::network;
    out.what = set.outbound == 1 ? set.an_outbound : fmt::format("{} connections", set.outbound);
    if (!set.peers.empty()) out.hop = Hop::processes;
  } else if (set.children > 0) {
    out.state = State::child;
    out.hop = Hop::children;
    out.what = "child process";
  } else if (set.local_outbound > 0 && !(serves && set.local_outside == 0)) {
    out.state = State::ipc;
    out.what = set.an_outbound;
    if (!set.peers.empty()) out.hop = Hop::processes;
  } else if (serves) {
    out.state = State::idle;
    out.what = set.inbound > 0     ? fmt::format("{} clients", set.inbound)
               : set.listening > 0 ? "clients"
                                   : fmt::format("{} quiet connections", set.quiet);
    if (!set.peers.empty()) {  // channels to its own processes: waiting for them only if they have something to do
      out.hop = Hop::processes;
      out.only_if_active = true;
    }
  } else if (set.timers > 0) {
    out.state = State::timer;
    out.what = "timerfd";
  } else if (set.terminals > 0 || (set.signals + set.files > 0 && !has_timeout && set.wakeups == 0)) {
    out.what = set.terminals > 0 ? "terminal" : set.files > 0 ? "changes of files" : "signal";
    out.state = State::idle;
    if (set.terminals == 0 && set.files == 0) waits_for_signal(out);
  } else if (set.wakeups > 0 && !has_timeout) {
    out.state = State::handoff;  // only another thread of the process can end it
    out.hop = Hop::threads;
    out.what = "wake-up by another thread";
  } else if (has_timeout) {
    out.state = State::timer;
    out.what = "time-out";
    if (set.wakeups > 0) ends_by_time(out);
  } else if (set.total > 0) {
    out.state = State::other;
    out.what = "unknown descriptors";
  } else {
    out.state = State::idle;
    out.what = "nothing";
  }
}

void Classifier::classify_poll(int pid, const SyscallState& syscall, Observation& out) {
  const std::size_t count = std::min<std::uint64_t>(syscall.args[1], kMostPolled);
  std::vector<pollfd> polled(count);
  std::vector<int> fds;
  if (count > 0 && read_memory(pid, syscall.args[0], polled.data(), count * sizeof(pollfd)))
    for (const pollfd& each : polled)
      if (each.fd >= 0) fds.push_back(each.fd);
  const bool is_ppoll = std::string_view(out.syscall_name) == "ppoll";
  const bool has_timeout = is_ppoll ? syscall.args[2] != 0 : static_cast<int>(syscall.args[2]) >= 0;
  classify_watch(descriptors_.describe_all(pid, fds), has_timeout, fds.size() > 1, out);
}

void Classifier::classify_select(int pid, const SyscallState& syscall, Observation& out) {
  const std::size_t count = std::min<std::uint64_t>(syscall.args[0], kMostPolled);
  std::vector<int> fds;
  for (int set = 1; set <= 3; ++set) {
    std::vector<std::uint64_t> bits((count + 63) / 64);
    if (bits.empty() || !read_memory(pid, syscall.args[set], bits.data(), bits.size() * sizeof bits[0])) continue;
    for (std::size_t fd = 0; fd < count; ++fd)
      if ((bits[fd / 64] >> (fd % 64) & 1) != 0) fds.push_back(static_cast<int>(fd));
  }
  classify_watch(descriptors_.describe_all(pid, fds), syscall.args[4] != 0, fds.size() > 1, out);
}

Observation Classifier::classify(int pid, int tid, const SyscallState& syscall,
                                 const std::function<bool(int, int)>& is_thread_of) {
  Observation out;
  if (syscall.kind == SyscallState::Kind::outside_syscall) {
    // A page fault sleeps uninterruptibly; a thread that was stopped by a signal is outside a system call too.
    const auto stat = read_stat(fmt::format("/proc/{}/task/{}/stat", pid, tid));
    const char state = stat ? stat->state : '?';
    out.state = state == 'D' ? State::fault : State::other;
    out.what = state == 'D' ? "page fault" : state == 'T' || state == 't' ? "stopped" : "outside a system call";
    return out;
  }
  if (syscall.kind != SyscallState::Kind::in_syscall) return out;
  out.syscall = syscall.number;
  const BlockingCall& call = blocking_call(syscall.number);
  out.syscall_name = call.name;
  switch (call.blocks) {
    case Blocks::never: out.what = fmt::format("system call {}", syscall.number); break;
    case Blocks::descriptor: classify_descriptor(pid, syscall, false, out); break;
    case Blocks::descriptor_to: classify_descriptor(pid, syscall, true, out); break;
    case Blocks::files: out.state = State::disk; break;
    case Blocks::poll: classify_poll(pid, syscall, out); break;
    case Blocks::select: classify_select(pid, syscall, out); break;
    case Blocks::epoll: {
      const bool is_pwait2 = std::string_view(call.name) == "epoll_pwait2";
      const bool has_timeout = is_pwait2 ? syscall.args[3] != 0 : static_cast<int>(syscall.args[3]) >= 0;
      classify_watch(descriptors_.describe_epoll(pid, static_cast<int>(syscall.args[0])), has_timeout, true, out);
      break;
    }
    case Blocks::sleep: out.state = State::timer; break;
    case Blocks::futex: classify_futex(pid, tid, syscall, is_thread_of, out); break;
    case Blocks::child:
      out.state = State::child;
      out.hop = Hop::children;
      break;
    case Blocks::accept: out.state = State::idle; out.what = "clients"; break;
    case Blocks::connect: {
      const DescriptorInfo info = descriptors_.describe(pid, static_cast<int>(syscall.args[0]));
      out.state = info.socket.family == SocketInfo::Family::unix_domain ? State::ipc : State::network;
      out.what = info.name;
      out.incomplete = info.incomplete;
      break;
    }
    case Blocks::fcntl:
      out.state = syscall.args[1] == F_SETLKW || syscall.args[1] == F_OFD_SETLKW ? State::lock : State::disk;
      out.what = "file lock";
      break;
    case Blocks::lock: out.state = State::lock; out.what = "file lock"; break;
    case Blocks::block_io: out.state = State::disk; out.what = "asynchronous block I/O"; break;
    case Blocks::ring:
      out.state = State::disk;
      out.what = "io_uring";
      out.loop_wait = true;
      break;
    case Blocks::signal: waits_for_signal(out); out.what = "signal"; break;
    case Blocks::signal_timed:
      // With a time-out that recurs it is a clock; most who wait for a signal for long wait to be told to end.
      waits_for_signal(out);
      if (syscall.args[2] != 0 && short_timeout(pid, syscall.args[2])) out.state = State::timer;
      out.what = "signal";
      break;
    case Blocks::message: out.state = State::ipc; out.what = "System V or POSIX queue"; break;
    case Blocks::semaphore:
      out.state = State::ipc;
      out.what = "System V semaphore";
      out.hop = Hop::threads;
      out.shared_memory = out.lock_or_signal = true;
      out.lock_called = "System V semaphore";
      out.address = kSemaphores + syscall.args[0];
      break;
    case Blocks::device: out.state = State::other; out.what = "device"; break;
  }
  return out;
}

}  // namespace concadvise
