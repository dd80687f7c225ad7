// Running a piece of a test as another user.
#pragma once

#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

namespace concadvise {

/// What `piece` returns when a child process of the test, as that user and without capabilities, calls it: a string for
/// people, empty when all is well. Needs to be root.
inline std::string as_user(uid_t user, const std::function<std::string()>& piece) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    std::string said = "can't change the user";
    if (setgroups(0, nullptr) == 0 && setresgid(user, user, user) == 0 && setresuid(user, user, user) == 0 &&
        prctl(PR_SET_DUMPABLE, 1) == 0)  // a change of user without exec hides a process from its own new user
      said = piece();
    [[maybe_unused]] const ssize_t put = write(ends[1], said.data(), said.size());
    _exit(0);
  }
  close(ends[1]);
  std::string said;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) said.append(buffer, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) said += " (the child ended badly)";
  return said;
}

}  // namespace concadvise
