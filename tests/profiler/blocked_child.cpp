#include "tests/profiler/blocked_child.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "profiler/procfs/task.h"

namespace concadvise::testing {

BlockedChild::BlockedChild(const std::function<void()>& block) : pid_(::fork()) {
  if (pid_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  block();
  ::_exit(0);
}

BlockedChild::~BlockedChild() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool BlockedChild::wait_until_blocked(int tid) const {
  const std::string path = fmt::format("/proc/{}/task/{}/stat", pid_, tid == 0 ? pid_ : tid);
  // It sleeps for a moment on its way as well (page faults): it has to sleep at two looks without a switch in between.
  std::uint64_t last_slices = 0;
  int still = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto stat = read_stat(path);
    const auto account = TaskFiles(pid_, tid == 0 ? pid_ : tid).schedstat();
    const bool sleeps = stat && (stat->state == 'S' || stat->state == 'D') && account && account->slices == last_slices;
    still = sleeps ? still + 1 : 0;
    if (still >= 3) return true;
    last_slices = account ? account->slices : 0;
    ::usleep(10'000);
  }
  return false;
}

}  // namespace concadvise::testing
