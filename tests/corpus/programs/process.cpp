// Trees of processes, and what processes do to those who watch them.
#include <grp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <string>
#include <thread>
#include <vector>

#include "scenario.h"

extern char** environ;

namespace {

std::string self() {
  char path[4096];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  must(size > 0, "readlink");
  return std::string(path, static_cast<std::size_t>(size));
}

/// Replaces the program by `process SCENARIO SECONDS`.
void exec_scenario(const char* scenario, double seconds) {
  const std::string program = self();
  execl(program.c_str(), program.c_str(), scenario, std::to_string(seconds).c_str(), nullptr);
  must(false, "execl");
}

void burn(double seconds) { compute(seconds); }
void nothing(double) {}
void instant(double) { compute(0.01); }
void snooze(double seconds) { sleep_for(seconds); }

void wait_for_all() {
  while (wait(nullptr) > 0 || errno == EINTR) {
  }
}

void fork_burners(int count, double seconds) {
  for (int i = 0; i < count; ++i) {
    if (fork() == 0) {
      compute(seconds);
      _exit(0);
    }
  }
  wait_for_all();
}

void children_on_all_cpus(double seconds) { fork_burners(cpus(), seconds); }
void six_children_per_cpu(double seconds) { fork_burners(6 * cpus(), seconds / 6); }

// One after the other, each is waited for.
void sleeping_children(double seconds) {
  for (const double end = now_s() + seconds; now_s() < end;) {
    const std::string program = self();
    std::string name = "snooze";
    std::string amount = "0.2";
    char* arguments[] = {const_cast<char*>(program.c_str()), name.data(), amount.data(), nullptr};
    pid_t child = 0;
    must(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) == 0, "posix_spawn");
    waitpid(child, nullptr, 0);
  }
}

// SECONDS is the number of children, in thousands.
void short_children(double thousands) {
  for (int i = 0; i < static_cast<int>(thousands * 1000); ++i) {
    if (fork() == 0) _exit(0);
    wait(nullptr);
  }
}

void short_exec_children(double thousands) {
  const std::string program = self();
  for (int i = 0; i < static_cast<int>(thousands * 1000); ++i) {
    const pid_t child = vfork();
    if (child == 0) {
      execl(program.c_str(), program.c_str(), "nothing", nullptr);
      _exit(1);
    }
    waitpid(child, nullptr, 0);
  }
}

void exec_chain_end(double seconds) { exec_scenario("burn", seconds); }
void exec_chain(double seconds) { exec_scenario("exec-chain-end", seconds); }

void exec_from_thread(double seconds) {
  std::thread thread(exec_scenario, "burn", seconds);
  thread.join();
}

void daemon_burns(double seconds) {
  if (fork() != 0) _exit(0);
  setsid();
  if (fork() != 0) _exit(0);
  for (int fd = 0; fd < 3; ++fd) close(fd);
  compute(seconds);
}

void drops_privileges(double seconds) {
  must(setgroups(0, nullptr) == 0 && setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0, "setresuid");
  compute(seconds);
}

void not_dumpable(double seconds) {
  prctl(PR_SET_DUMPABLE, 0);
  compute(seconds);
}

void closes_descriptors(double seconds) {
  for (int fd = 0; fd < 1024; ++fd) close(fd);
  compute(seconds);
}

void ignores_sigterm(double seconds) {
  signal(SIGTERM, SIG_IGN);
  compute(seconds);
}

void crashes(double seconds) {
  compute(seconds);
  raise(SIGSEGV);
}

void killed(double seconds) {
  compute(seconds);
  raise(SIGKILL);
}

// Stopped for a fifth of the time by its own child.
void stopped_and_continued(double seconds) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    sleep_for(seconds * 0.3);
    kill(parent, SIGSTOP);
    sleep_for(seconds * 0.2);
    kill(parent, SIGCONT);
    _exit(0);
  }
  compute(seconds);
  waitpid(child, nullptr, 0);
}

void producer(double seconds) {
  const std::vector<char> block(65536, 'x');
  for (const double end = thread_cpu_s() + seconds; thread_cpu_s() < end;) {
    if (write(1, block.data(), block.size()) <= 0) return;
  }
}

// Reads its input to the end and computes a millisecond for each 64 KiB, for SECONDS of CPU time at most.
void consumer(double seconds) {
  std::vector<char> block(65536);
  for (const double end = thread_cpu_s() + seconds; thread_cpu_s() < end;) {
    if (read(0, block.data(), block.size()) <= 0) return;
    compute(0.001);
  }
}

// Ends the child after SECONDS, waiting for a signal all the while, as timeout(1) does.
void waits_for_signals(pid_t child, double seconds) {
  sigset_t none, both;
  sigemptyset(&none);
  sigemptyset(&both);
  sigaddset(&both, SIGALRM);
  sigaddset(&both, SIGCHLD);
  sigprocmask(SIG_BLOCK, &both, nullptr);
  struct sigaction wake {};
  wake.sa_handler = [](int) {};
  sigaction(SIGALRM, &wake, nullptr);
  sigaction(SIGCHLD, &wake, nullptr);
  alarm(static_cast<unsigned>(seconds));
  sigsuspend(&none);
  kill(child, SIGTERM);
  waitpid(child, nullptr, 0);
}

void time_limit(double seconds) {
  const pid_t child = fork();
  if (child == 0) {
    compute(seconds * 100);
    _exit(0);
  }
  waits_for_signals(child, seconds);
}

// Looks every 5 ms how its child is doing, which syncs a file all the time: as fio(1) does.
void naps_beside_syncs(double seconds) {
  const pid_t child = fork();
  if (child == 0) {
    char path[] = "./syncs-XXXXXX";
    const int fd = mkstemp(path);
    must(fd >= 0, "mkstemp");
    unlink(path);
    for (const double end = now_s() + seconds; now_s() < end;) {
      must(pwrite(fd, path, sizeof path, 0) == sizeof path, "pwrite");
      fdatasync(fd);
    }
    _exit(0);
  }
  while (waitpid(child, nullptr, WNOHANG) == 0) {
    sleep_for(0.005);
    compute(0.0001);
  }
}

void exits_7(double) { _exit(7); }

}  // namespace

int main(int argc, char** argv) {
  return run_scenario({{"burn", burn}, {"nothing", nothing}, {"instant", instant}, {"snooze", snooze},
                       {"children-on-all-cpus", children_on_all_cpus}, {"six-children-per-cpu", six_children_per_cpu},
                       {"sleeping-children", sleeping_children}, {"short-children", short_children},
                       {"short-exec-children", short_exec_children}, {"exec-chain", exec_chain},
                       {"exec-chain-end", exec_chain_end}, {"exec-from-thread", exec_from_thread},
                       {"daemon", daemon_burns}, {"drops-privileges", drops_privileges}, {"not-dumpable", not_dumpable},
                       {"closes-descriptors", closes_descriptors}, {"ignores-sigterm", ignores_sigterm}, {"crashes", crashes},
                       {"killed", killed}, {"stopped", stopped_and_continued}, {"producer", producer}, {"consumer", consumer},
                       {"time-limit", time_limit}, {"naps-beside-syncs", naps_beside_syncs}, {"exits-7", exits_7}},
                      argc, argv);
}
