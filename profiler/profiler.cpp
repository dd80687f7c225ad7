#include "profiler/profiler.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>

#include "profiler/collector.h"
#include "profiler/launch.h"
#include "profiler/machine.h"
#include "profiler/programs.h"
#include "profiler/timeline/assemble.h"
#include "profiler/timeline/sampler.h"
#include "profiler/where/blocked_stacks.h"
#include "profiler/where/python_facts.h"
#include "profiler/where/stack_book.h"

namespace concadvise {
namespace {

constexpr std::uint64_t kDetach_ns = 100'000'000;    // what the starter leaves has so long to become a daemon, when CPUs are busy
constexpr std::uint64_t kAtOnce_ns = 2'000'000'000;  // a command that ends within this may have been a daemon's starter
constexpr std::uint64_t kGrace_ns = 300'000'000;

constexpr double kSupervised = 0.1;  // of the wall time

constexpr double kUnreadable = 0.01;  // of the looks

// Checkpoints cost no more of one core than this share, and come no closer than that.
constexpr double kCheckpointShare = 0.001;
constexpr std::uint64_t kCheckpointEvery_ns = 1'000'000'000;

double own_cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double own_memory_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

double wall_clock() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Error why_not_attached(int pid) {
  if (::access("/proc/self", F_OK) != 0)
    return {Error::Kind::internal, "/proc is not mounted, and all that is measured comes from there", "Mount it: mount -t proc proc /proc"};
  // Asks for permission only: it sees processes that /proc hides (hidepid), too.
  const bool exists = ::kill(pid, 0) == 0 || errno == EPERM;
  if (!exists) return {Error::Kind::not_found, fmt::format("process {} does not exist", pid), "List processes with: ps -e"};
  return {Error::Kind::permission, fmt::format("process {} may not be looked at", pid),
          fmt::format("Run as its user or as root: sudo concadvise profile -p {}", pid)};
}

// One measurement: the pieces that have to be alive together.
class Run {
 public:
  Run(const ProfileOptions& options, const std::function<bool()>& stop_requested)
      : options_(options),
        stop_requested_(stop_requested),
        attached_(options.command.empty()),
        programs_(classifier_),
        collectors_(make_collectors(options, stacks_)) {}

  Result<Profile> go();

 private:
  Result<bool> start();
  void measure();
  void sleep_until_next(std::uint64_t interval_ns);
  bool target_ended();
  int find_daemon();
  bool has_descendants() const;
  void wait_briefly() const;
  void collect_orphans();
  void close_launched();
  std::vector<std::uint64_t> working_affinity(double cpu_s);
  void fill_from_sweeps(Profile& profile);
  void fill_measurement();
  void checkpoint(std::uint64_t now);

  const ProfileOptions& options_;
  const std::function<bool()>& stop_requested_;
  bool attached_;
  Census census_;
  Classifier classifier_;
  Programs programs_;
  StackBook stacks_;
  BlockedStacks blocked_stacks_{stacks_};
  std::vector<std::unique_ptr<Collector>> collectors_;
  std::optional<LaunchedCommand> launched_;
  std::optional<Sampler> sampler_;
  MachineCounters counters_before_;
  Profile profile_;
  double cpu_before_s_ = 0;
  std::uint64_t command_ended_ns_ = 0;
  std::uint64_t checkpoint_due_ns_ = 0;
  int daemon_ = 0;
  double tree_cpu_s_ = -1;  // by the kernel, launched and ended
};

Result<bool> Run::start() {
  Target& target = profile_.target;
  target.attached = attached_;
  target.started_at = wall_clock();
  if (attached_) {
    for (const int asked : options_.pids) {
      const auto status = read_status(asked);
      const int pid = status ? status->tgid : asked;  // the number of any of its threads will do
      if (std::find(target.pids.begin(), target.pids.end(), pid) != target.pids.end()) continue;
      target.pids.push_back(pid);
      // A process whose first thread has ended looks like a zombie and works on.
      if (status && status->state == 'Z' && numbers_in(fmt::format("/proc/{}/task", pid)).size() <= 1)
        return fail(Error::Kind::not_found, fmt::format("process {} ({}) has ended", pid, status->name),
                    "Its parent has not asked for its status yet; there is nothing left to measure.");
      if (census_.add_root(pid, true)) continue;
      return tl::unexpected(why_not_attached(pid));
    }
    target.command = read_command(target.pids.front());
    target.cwd = read_link(fmt::format("/proc/{}/cwd", target.pids.front()));
  } else {
    // Orphans come to us instead of to init, so that daemons and their CPU time stay in sight.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    auto launched = LaunchedCommand::start_suspended(options_.command);
    if (!launched) return tl::unexpected(launched.error());
    launched_ = std::move(*launched);
    census_.set_reaper(::getpid());
    if (!census_.add_root(launched_->pid(), false))
      return fail(Error::Kind::internal, "the started command can't be seen in /proc", "Is /proc mounted? If not: mount -t proc proc /proc. Else the limit of open files may be too small: ulimit -n 1024");
    target.pids = {launched_->pid()};
    target.command = options_.command;
    char cwd[PATH_MAX];
    if (::getcwd(cwd, sizeof cwd) != nullptr) target.cwd = cwd;
  }
  profile_.machine = describe_machine(target.pids.front());
  counters_before_ = MachineCounters::read();
  profile_.measurement.ladder.push_back(Rung{"procfs", true, "", ""});
  auto& ladder = profile_.measurement.ladder;
  std::erase_if(collectors_, [&](const auto& collector) {
    if (!collector->adds_to(ladder)) return true;
    ladder.push_back(collector->start(census_, attached_));
    return false;
  });
  sampler_.emplace(census_, classifier_, attached_ ? std::optional(options_.duration_s) : std::nullopt);
  census_.begin(sampler_->start_ns());
  sampler_->on_new_program = [this](ProcessRecord& process) { programs_.look_up(process); };
  sampler_->on_wait = [this](ThreadRecord& thread, const WaitSite& site) { blocked_stacks_.on_wait(thread, site); };
  programs_.on_program = [this](int pid) { stacks_.new_program(pid); };
  programs_.on_python = [this](ProcessRecord& process, const PythonRuntime* python) {
    stacks_.describe(process.pid, python);
    PythonReader* reader = stacks_.python(process.pid);
    if (python != nullptr && reader != nullptr) ask_interpreter(process, *python, *reader, classifier_);
  };
  if (launched_) return launched_->release();
  return true;
}

// A launched command has ended with its first process, unless that did nothing but start a daemon: then the daemon is
// what was meant.
bool Run::target_ended() {
  if (!launched_) return census_.live_threads() == 0;
  if (!launched_->has_ended()) return false;
  const std::uint64_t now = now_ns();
  const bool just_ended = command_ended_ns_ == 0;
  if (just_ended) command_ended_ns_ = now;
  const bool at_once = command_ended_ns_ - sampler_->start_ns() < kAtOnce_ns;
  // What it started since the last sweep is not in the census, which is about to be asked for daemons.
  if (just_ended && at_once && options_.daemon_wait_s > 0) sampler_->sweep();
  if (daemon_ == 0 && at_once && options_.daemon_wait_s > 0) {
    daemon_ = find_daemon();
    if (daemon_ != 0 && options_.notice)
      options_.notice(fmt::format("the command left a daemon (process {}); measuring it until it ends, for {:g} s at most", daemon_,
                                  options_.daemon_wait_s));
    const bool may_come = daemon_ == 0 && now - command_ended_ns_ < kDetach_ns && has_descendants();
    if (may_come) return false;
  }
  const bool waited_enough = static_cast<double>(now - command_ended_ns_) * 1e-9 >= options_.daemon_wait_s;
  return daemon_ == 0 || waited_enough || find_daemon() == 0;
}

bool Run::has_descendants() const {
  for (const int pid : census_.live_pids())
    if (pid != launched_->pid()) return true;
  return false;
}

// A live descendant with a session of its own; 0 when there is none.
int Run::find_daemon() {
  const auto own = read_stat("/proc/self/stat");
  for (const int pid : census_.live_pids()) {
    const auto stat = read_stat(fmt::format("/proc/{}/stat", pid));
    if (pid != launched_->pid() && stat && own && stat->state != 'Z' && stat->session != own->session) return pid;
  }
  return 0;
}

// Collectors that have something to read meanwhile are given it; that makes no sweep.
void Run::sleep_until_next(std::uint64_t interval_ns) {
  std::vector<pollfd> waited;
  waited.push_back({launched_ && command_ended_ns_ == 0 ? launched_->exit_descriptor() : -1, POLLIN, 0});
  for (const auto& collector : collectors_)
    for (const int fd : collector->descriptors()) waited.push_back({fd, POLLIN, 0});
  const std::uint64_t until = now_ns() + interval_ns;
  for (std::uint64_t now = until - interval_ns; now < until && !stop_requested_(); now = now_ns()) {
    const timespec left{static_cast<time_t>((until - now) / 1'000'000'000ULL), static_cast<long>((until - now) % 1'000'000'000ULL)};
    if (::ppoll(waited.data(), waited.size(), &left, nullptr) <= 0 || waited.front().revents != 0) return;
    for (const auto& collector : collectors_) collector->poll(census_, now_ns());
    // A collector that withdrew has closed its descriptors.
    waited.resize(1);
    for (const auto& collector : collectors_)
      for (const int fd : collector->descriptors()) waited.push_back({fd, POLLIN, 0});
  }
}

// Descendants whose parent has ended came to us and are ours to wait for; the command itself stays a zombie until its
// account has been read.
void Run::collect_orphans() {
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    if (info.si_pid == launched_->pid()) return;
    ::waitpid(info.si_pid, nullptr, 0);
  }
}

void Run::wait_briefly() const {
  pollfd ended{launched_->exit_descriptor(), POLLIN, 0};
  const std::uint64_t until = now_ns() + kGrace_ns;
  for (std::uint64_t now = now_ns(); now < until; now = now_ns()) {
    const timespec left{0, static_cast<long>(until - now)};
    if (::ppoll(&ended, 1, &left, nullptr) >= 0 || errno != EINTR) return;
  }
}

void Run::measure() {
  const std::uint64_t start = now_ns();
  const auto limit = static_cast<std::uint64_t>(options_.duration_s * 1e9);
  checkpoint_due_ns_ = start + kCheckpointEvery_ns;
  for (;;) {
    const std::uint64_t interval = sampler_->sweep();
    const std::uint64_t now = now_ns();
    for (const auto& collector : collectors_) collector->poll(census_, now);
    if (target_ended()) {
      profile_.target.ended = true;
      break;
    }
    if (stop_requested_()) {
      // The signal that stops us mostly ends the command too: give it a moment, so that its end is part of the result.
      if (launched_) wait_briefly();
      profile_.target.ended = target_ended();
      profile_.measurement.stopped_early = !attached_ && !profile_.target.ended;
      break;
    }
    // The last look, not what came after it: with very many threads a look takes a while.
    if (limit != 0 && sampler_->end_ns() >= start + limit) {
      profile_.measurement.stopped_early = !attached_;
      break;
    }
    if (options_.checkpoint && now >= checkpoint_due_ns_) checkpoint(now);
    const std::uint64_t left = limit == 0 ? interval : start + limit - std::min(now, start + limit);
    sleep_until_next(std::min(interval, left));
    if (launched_) collect_orphans();
  }
  sampler_->finish();
  profile_.measurement.own_cpu_s = own_cpu_s() - cpu_before_s_;
  for (const auto& collector : collectors_) collector->stop();
}

void Run::close_launched() {
  if (!launched_ || !profile_.target.ended) return;
  double user_s = 0;
  const int status = launched_->reap(tree_cpu_s_, user_s);
  // What our own copy used before it became the command is not the command's.
  if (const ProcessRecord* root = census_.remembered(launched_->pid()))
    tree_cpu_s_ = std::max(0.0, tree_cpu_s_ - static_cast<double>(root->first_cpu_ns) * 1e-9);
  if (WIFEXITED(status)) profile_.target.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) profile_.target.exit_signal = WTERMSIG(status);
  std::size_t alive = 0;
  for (const int pid : census_.live_pids()) alive += pid != launched_->pid() ? 1 : 0;
  if (alive > 0)
    profile_.measurement.notes.push_back(fmt::format(
        "{} process{} that the command started still run{}; look at them with: concadvise profile -p PID", alive,
        alive == 1 ? "" : "es", alive == 1 ? "s" : ""));
}

// The CPUs of all processes that used a noticeable part of the CPU time.
std::vector<std::uint64_t> Run::working_affinity(double cpu_s) {
  std::vector<std::uint64_t> united;
  for (const auto& [pid, process] : census_.processes()) {
    if (process.cpu_ns - process.first_cpu_ns < static_cast<std::uint64_t>(cpu_s * 0.05e9)) continue;
    united.resize(std::max(united.size(), process.affinity.size()));
    for (std::size_t i = 0; i < process.affinity.size(); ++i) united[i] |= process.affinity[i];
  }
  return united;
}

// What the sweeps alone tell, from closed books.
void Run::fill_from_sweeps(Profile& profile) {
  Measurement& measurement = profile.measurement;
  measurement.wall_s = static_cast<double>(sampler_->end_ns() - sampler_->start_ns()) * 1e-9;
  measurement.path_method = "wait-for sampling";
  double seen_s = 0;
  for (auto& [pid, process] : census_.processes())
    seen_s += static_cast<double>(process.cpu_ns - process.first_cpu_ns) * 1e-9;
  for (const ProcessRecord& process : census_.reused())
    seen_s += static_cast<double>(process.cpu_ns - process.first_cpu_ns) * 1e-9;
  measurement.cpu_s = std::max(seen_s, tree_cpu_s_);
  // Some are found at the moment of their end, when nothing of them can be read either.
  if (static_cast<double>(sampler_->unreadable()) > kUnreadable * static_cast<double>(sampler_->thread_samples()))
    measurement.notes.push_back(
        "What some threads waited for may not be read (another user's process, or ptrace is restricted): their waits are "
        "'other'. Run as root, or: sysctl kernel.yama.ptrace_scope=0");
  narrow_to(profile.machine, working_affinity(measurement.cpu_s));
  assemble(census_, *sampler_, profile);
  describe_target_language(profile);
}

// Naming stacks would cost more than all the rest, and asks the target's files while it runs: not here.
void Run::checkpoint(std::uint64_t now) {
  const double before_s = own_cpu_s();
  Profile profile = profile_;
  Measurement& measurement = profile.measurement;
  measurement.stopped_early = !attached_;
  measurement.own_cpu_s = before_s - cpu_before_s_;
  measurement.own_memory_bytes = own_memory_bytes();
  sampler_->while_closed([&] { fill_from_sweeps(profile); });
  fill_pressure(profile.machine, counters_before_, MachineCounters::read(), measurement.wall_s, measurement.cpu_s, measurement.own_cpu_s);
  measurement.notes.push_back(
      "Cut short: the profiler was ended before it could finish. This is what it knew by then, without call stacks and "
      "wake-ups, which are put together at the end.");
  options_.checkpoint(std::move(profile));
  const auto rest_ns = static_cast<std::uint64_t>((own_cpu_s() - before_s) / kCheckpointShare * 1e9);
  checkpoint_due_ns_ = now + std::max(kCheckpointEvery_ns, rest_ns);
}

void Run::fill_measurement() {
  Measurement& measurement = profile_.measurement;
  for (StackBook::LoopThread& loop : stacks_.loop_threads()) census_.runs_loop(loop.pid, loop.tid, std::move(loop.library));
  for (const auto& collector : collectors_) collector->settle(census_);
  fill_from_sweeps(profile_);
  const StateTimes sampled = profile_.shares;
  const std::vector<Window> sampled_windows = profile_.windows;
  for (const auto& collector : collectors_) collector->contribute(census_, sampler_->start_ns(), profile_);
  if (sampler_->supervised_s() > kSupervised * measurement.wall_s) {
    // Its first thread sleeps and looks after workers: along wake-ups the path would be its clock's.
    measurement.path_method = "wait-for sampling";
    profile_.shares = sampled;
    profile_.windows = sampled_windows;
  }
  stacks_.contribute(profile_);
  measurement.finishing_cpu_s = own_cpu_s() - cpu_before_s_ - measurement.own_cpu_s;
  measurement.own_memory_bytes = own_memory_bytes();
  fill_pressure(profile_.machine, counters_before_, MachineCounters::read(), measurement.wall_s, measurement.cpu_s,
                measurement.own_cpu_s);
}

Result<Profile> Run::go() {
  cpu_before_s_ = own_cpu_s();
  if (const auto started = start(); !started) return tl::unexpected(started.error());
  measure();
  close_launched();
  fill_measurement();
  return std::move(profile_);
}

}  // namespace

Result<Profile> run_profile(const ProfileOptions& options, const std::function<bool()>& stop_requested) {
  raise_open_file_limit();
  return Run(options, stop_requested).go();
}

}  // namespace concadvise
