#include "profiler/procfs/task.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace concadvise {

namespace {

std::uint64_t read_clock(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000ULL + static_cast<std::uint64_t>(time.tv_nsec);
}

Descriptor open_task_file(int pid, int tid, const char* name) {
  return open_file(fmt::format("/proc/{}/task/{}/{}", pid, tid, name));
}

// Descriptors above this number are not kept: everything else that has to be opened needs some too.
int most_kept() {
  constexpr rlim_t kSpare = 64;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return INT_MAX;
  const rlim_t most = limit.rlim_cur > 2 * kSpare ? limit.rlim_cur - kSpare : limit.rlim_cur / 2;
  return static_cast<int>(std::min<rlim_t>(most, INT_MAX));
}

Descriptor open_kept(int pid, int tid, const char* name) {
  static const int most = most_kept();
  Descriptor file = open_task_file(pid, tid, name);
  if (file.get() >= most) file.reset();
  return file;
}

// From the kept-open file, or from one opened for this read.
std::string_view read_kept(const Descriptor& kept, int pid, int tid, const char* name, char* buffer, std::size_t size) {
  if (kept) return read_again(kept, buffer, size);
  const Descriptor once = open_task_file(pid, tid, name);
  return once ? read_again(once, buffer, size) : std::string_view{};
}

}  // namespace

TaskFiles::TaskFiles(int pid, int tid)
    : pid_(pid),
      tid_(tid),
      schedstat_(open_kept(pid, tid, "schedstat")),
      syscall_(open_kept(pid, tid, "syscall")) {}

std::string TaskFiles::name() const {
  std::string name = read_file(fmt::format("/proc/{}/task/{}/comm", pid_, tid_));
  while (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

bool TaskFiles::has_ended() const {
  const auto stat = read_stat(fmt::format("/proc/{}/task/{}/stat", pid_, tid_));
  return !stat || stat->state == 'Z' || stat->state == 'X';
}

void TaskFiles::close() {
  schedstat_.reset();
  syscall_.reset();
}

std::optional<SchedStat> TaskFiles::schedstat() const {
  char buffer[128];
  std::string_view text = read_kept(schedstat_, pid_, tid_, "schedstat", buffer, sizeof buffer);
  if (text.empty()) return std::nullopt;
  SchedStat stat;
  stat.run_ns = to_number(next_word(text));
  stat.queue_ns = to_number(next_word(text));
  stat.slices = to_number(next_word(text));
  return stat;
}

SyscallState TaskFiles::syscall() const {
  SyscallState state;
  errno = 0;
  char buffer[256];
  std::string_view text = read_kept(syscall_, pid_, tid_, "syscall", buffer, sizeof buffer);
  if (text.empty()) {
    if (errno == EPERM || errno == EACCES) state.kind = SyscallState::Kind::forbidden;
    return state;
  }
  const std::string_view first = next_word(text);
  if (first == "running") {
    state.kind = SyscallState::Kind::running;
    return state;
  }
  if (first == "-1") {
    state.kind = SyscallState::Kind::outside_syscall;
  } else {
    state.kind = SyscallState::Kind::in_syscall;
    state.number = static_cast<int>(to_number(first));
    for (std::uint64_t& arg : state.args) arg = to_number(next_word(text), 16);
  }
  state.sp = to_number(next_word(text), 16);
  state.pc = to_number(next_word(text), 16);
  return state;
}

std::optional<TaskStatus> read_status(int tid) {
  const std::string text = read_file(fmt::format("/proc/{}/status", tid));
  if (text.empty()) return std::nullopt;
  TaskStatus status;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, colon);
    std::string_view value = line.substr(std::min(colon + 2, line.size()));
    if (key == "Name") status.name = std::string(value);
    if (key == "State") status.state = value.empty() ? '?' : value.front();
    if (key == "Tgid") status.tgid = static_cast<int>(to_number(value));
    if (key == "PPid") {
      status.ppid = static_cast<int>(to_number(value));
      return status;  // what follows is not needed
    }
  }
  return status;
}

std::optional<TaskStat> read_stat(const std::string& path) {
  const std::string text = read_file(path);
  // The name is in parentheses and may hold blanks and parentheses itself: the fields start after the last one.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(text).substr(name_end + 1);
  static const double tick_s = 1.0 / static_cast<double>(::sysconf(_SC_CLK_TCK));
  TaskStat stat;
  for (int field = 3; field <= 22; ++field) {
    const std::string_view word = next_word(rest);
    const auto ticks = [&] { return static_cast<double>(to_number(word)) * tick_s; };
    switch (field) {
      case 3: stat.state = word.empty() ? '?' : word.front(); break;
      case 4: stat.ppid = static_cast<int>(to_number(word)); break;
      case 6: stat.session = static_cast<int>(to_number(word)); break;
      case 12: stat.major_faults = to_number(word); break;
      case 14: stat.user_s = ticks(); break;
      case 15: stat.system_s = ticks(); break;
      case 16:
      case 17: stat.children_s += ticks(); break;
      case 22: stat.start_ticks = to_number(word); break;
      default: break;
    }
  }
  return stat;
}

std::optional<std::uint64_t> process_cpu_ns(int pid) {
  constexpr int largest_pid = 1 << 22;  // PID_MAX_LIMIT: a larger number would name another kind of clock
  timespec time{};
  if (pid <= 0 || pid > largest_pid) return std::nullopt;
  // What clock_getcpuclockid gives, without its own system call: CPUCLOCK_SCHED (2) of a whole process in the kernel's ABI.
  const auto clock = static_cast<clockid_t>((~static_cast<unsigned>(pid) << 3) | 2u);
  if (::clock_gettime(clock, &time) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000ULL + static_cast<std::uint64_t>(time.tv_nsec);
}

// "rchar: 12\nwchar: 7\n..."; what is moved between user and kernel, whether a disk is involved or not.
std::optional<IoBytes> process_io(int pid) {
  const std::string text = read_file(fmt::format("/proc/{}/io", pid));
  std::string_view rest = text;
  if (next_word(rest) != "rchar:") return std::nullopt;
  IoBytes bytes;
  bytes.read = to_number(next_word(rest).substr(0, 20));
  rest.remove_prefix(std::min(rest.size(), rest.find("wchar:")));
  if (next_word(rest) != "wchar:") return std::nullopt;
  bytes.written = to_number(next_word(rest).substr(0, 20));
  return bytes;
}

unsigned long links_of_task_folder(int pid) {
  struct stat info {};
  return ::stat(fmt::format("/proc/{}/task", pid).c_str(), &info) == 0 ? info.st_nlink : 0;
}

std::vector<std::string> read_command(int pid) {
  std::string text = read_file(fmt::format("/proc/{}/cmdline", pid));
  std::vector<std::string> words;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\0', start), text.size());
    words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

std::vector<std::string> mapped_objects(int pid) {
  const std::string text = read_file(fmt::format("/proc/{}/maps", pid));
  std::vector<std::string> names;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t slash = line.find('/');
    const std::size_t blank = line.find(' ');
    if (slash == std::string_view::npos || blank == std::string_view::npos) continue;
    if (line.substr(blank + 1, 4).find('x') == std::string_view::npos) continue;
    std::string path(line.substr(slash));
    if (std::find(names.begin(), names.end(), path) == names.end()) names.push_back(std::move(path));
  }
  return names;
}

std::uint64_t own_cpu_ns() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

std::uint64_t now_ns() { return read_clock(CLOCK_MONOTONIC); }

}  // namespace concadvise
