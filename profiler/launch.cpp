#include "profiler/launch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace concadvise {
namespace {

rlimit limit_before{};
bool limit_raised = false;

double seconds(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; }

// In the child: nothing here may allocate or take a lock that another thread of ours could hold.
[[noreturn]] void run_child(int go, int failure, char* const* argv) {
  char byte = 0;
  ssize_t got = -1;
  do {
    got = ::read(go, &byte, 1);
  } while (got < 0 && errno == EINTR);
  if (got != 1) ::_exit(125);  // we died before the release: the command must not run unmeasured
  if (limit_raised) ::setrlimit(RLIMIT_NOFILE, &limit_before);
  ::execvp(argv[0], argv);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(failure, &error, sizeof error);
  ::_exit(error == ENOENT ? 127 : 126);
}

bool is_on_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/bin:/usr/bin" : path;
  for (;;) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    struct stat info {};
    if (::stat(fmt::format("{}/{}", folder.empty() ? "." : folder, name).c_str(), &info) == 0) return true;
    if (folder.size() == rest.size()) return false;
    rest.remove_prefix(folder.size() + 1);
  }
}

tl::unexpected<Error> no_pipe() {
  return fail(Error::Kind::internal, fmt::format("no pipe to the command: {}", std::strerror(errno)),
              errno == EMFILE ? "Raise the limit of open files: ulimit -n 1024" : "");
}

// " NAME" from the first line of a script, or nothing when there is no such line.
std::string interpreter_of(const std::string& script) {
  const std::string text = read_file(script).substr(0, 256);
  if (!text.starts_with("#!")) return {};
  std::string_view rest = std::string_view(text).substr(2);
  return fmt::format(" {}", next_word(rest));
}

}  // namespace

void raise_open_file_limit() {
  if (limit_raised || ::getrlimit(RLIMIT_NOFILE, &limit_before) != 0) return;
  rlimit raised = limit_before;
  raised.rlim_cur = raised.rlim_max;
  limit_raised = ::setrlimit(RLIMIT_NOFILE, &raised) == 0;
}

Result<LaunchedCommand> LaunchedCommand::start_suspended(const std::vector<std::string>& command) {
  int go[2];
  int failure[2];
  if (::pipe2(go, O_CLOEXEC) != 0) return no_pipe();
  LaunchedCommand launched;
  const Descriptor go_read(go[0]);
  launched.go_ = Descriptor(go[1]);
  if (::pipe2(failure, O_CLOEXEC) != 0) return no_pipe();
  launched.failure_ = Descriptor(failure[0]);
  const Descriptor failure_write(failure[1]);

  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);

  rusage before{};
  ::getrusage(RUSAGE_CHILDREN, &before);
  launched.children_user_before_s_ = seconds(before.ru_utime);
  launched.children_before_s_ = launched.children_user_before_s_ + seconds(before.ru_stime);

  const pid_t pid = ::fork();
  if (pid < 0)
    return fail(Error::Kind::internal, fmt::format("can't start a process: {}", std::strerror(errno)),
                "The limit of processes (ulimit -u) or memory is reached.");
  if (pid == 0) {
    ::close(go[1]);
    run_child(go[0], failure[1], argv.data());
  }
  launched.pid_ = pid;
  launched.name_ = command.front();
  launched.pidfd_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  return launched;
}

Result<bool> LaunchedCommand::release() {
  const char byte = 1;
  [[maybe_unused]] const ssize_t written = ::write(go_.get(), &byte, 1);
  go_.reset();
  int error = 0;
  ssize_t got = -1;
  do {
    got = ::read(failure_.get(), &error, sizeof error);  // ends without data when the exec closes the other end
  } while (got < 0 && errno == EINTR);
  failure_.reset();
  if (got != sizeof error) return true;
  ::waitpid(pid_, nullptr, 0);
  // execvp says so, too, when a folder on the way may not be searched and the others don't have it.
  if (error == EACCES && name_.find('/') == std::string::npos && !is_on_path(name_)) error = ENOENT;
  if (error == ENOENT) {
    const bool exists = name_.find('/') != std::string::npos && ::access(name_.c_str(), F_OK) == 0;
    if (exists)
      return fail(Error::Kind::not_found, fmt::format("{}: its interpreter{} does not exist", name_, interpreter_of(name_)),
                  "Look at the first line of the script (#!), or give the interpreter yourself: concadvise profile -- "
                  "INTERPRETER " + name_);
    const bool is_path = name_.find('/') != std::string::npos;
    return fail(Error::Kind::not_found, fmt::format("{}: no such program", name_),
                is_path ? "Check the path." : "Check the name, or give its path: concadvise profile -- ./" + name_);
  }
  if (error == ENOEXEC)
    return fail(Error::Kind::not_executable, fmt::format("{}: not a program, and no #! line says what runs it", name_),
                "Give its interpreter: concadvise profile -- sh " + name_);
  return fail(Error::Kind::not_executable, fmt::format("{}: {}", name_, std::strerror(error)),
              error == EACCES ? "Make it executable (chmod +x), or give its interpreter." : "");
}

bool LaunchedCommand::has_ended() const {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
}

int LaunchedCommand::reap(double& cpu_s, double& user_s) {
  int status = 0;
  rusage usage{};
  while (::wait4(pid_, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  // Everybody that was waited for, orphans that came to us as well.
  rusage all{};
  ::getrusage(RUSAGE_CHILDREN, &all);
  user_s = seconds(all.ru_utime) - children_user_before_s_;
  cpu_s = seconds(all.ru_utime) + seconds(all.ru_stime) - children_before_s_;
  return status;
}

}  // namespace concadvise
