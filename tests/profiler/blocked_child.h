// A child process that blocks in a way of the test's choosing.
#pragma once

#include <functional>

namespace concadvise::testing {

/// The thread sanitizer runs a thread of its own in each process, also in a forked one.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool kThreadsOfTheSanitizer = true;
#else
inline constexpr bool kThreadsOfTheSanitizer = false;
#endif

/// Forks; the child runs `block` and is killed when this goes away.
class BlockedChild {
 public:
  explicit BlockedChild(const std::function<void()>& block);
  ~BlockedChild();
  BlockedChild(const BlockedChild&) = delete;
  BlockedChild& operator=(const BlockedChild&) = delete;

  int pid() const { return pid_; }

  /// Waits until thread `tid` of the child (0: its first) sleeps in the kernel. False when it does not within 20 s.
  bool wait_until_blocked(int tid = 0) const;

 private:
  int pid_;
};

}  // namespace concadvise::testing
