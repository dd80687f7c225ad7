#include "cli/calibration.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <thread>
#include <vector>

#include "cli/session_files.h"
#include "profiler/machine.h"

extern char** environ;

namespace concadvise::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// One process at a time leaves a CPU free on every machine with two of them that does nothing else.
constexpr double kLeastIdle = 0.1;     // of all CPUs' time
constexpr double kLeastOthers = 0.25;  // cores
// The load average of a minute, per CPU, below which a disturbed measurement is worth repeating.
constexpr double kQuietLoad = 0.75;

double cpus() { return static_cast<double>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN))); }

double own_and_childrens_cpu_s() {
  double sum = 0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    ::getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime}) sum += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  }
  return sum;
}

/// Whether others keep the CPUs so busy between begin and end that what is timed meanwhile takes longer than it has to.
class Disturbance {
 public:
  bool so_far() const {
    const double wall = seconds_since(start_);
    const double busy = MachineCounters::read().busy_cpu_s - before_.busy_cpu_s;
    const double others = busy - (own_and_childrens_cpu_s() - own_before_s_);
    return busy > (1 - kLeastIdle) * cpus() * wall && others > kLeastOthers * wall;
  }

 private:
  Clock::time_point start_ = Clock::now();
  MachineCounters before_ = MachineCounters::read();
  double own_before_s_ = own_and_childrens_cpu_s();
};

bool is_quiet_now() {
  double load = 0;
  return ::getloadavg(&load, 1) == 1 && load < kQuietLoad * cpus();
}

/// The lower quartile: neighbours only ever make a run longer.
double typical(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 4];
}

/// Runs a command with its output thrown away, or kept in `output`; seconds from start to end, negative on failure.
double run(const std::vector<std::string>& command, std::string* output = nullptr) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));  // posix_spawn's signature is C's
  argv.push_back(nullptr);
  int pipe_ends[2] = {-1, -1};
  if (output != nullptr && ::pipe2(pipe_ends, O_CLOEXEC) != 0) return -1;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  if (output != nullptr) ::posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
  else ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const auto start = Clock::now();
  const int failed = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (output != nullptr) ::close(pipe_ends[1]);
  int status = 0;
  if (failed == 0) {
    char buffer[4096];
    ssize_t got = 0;
    while (output != nullptr && (got = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0) output->append(buffer, static_cast<std::size_t>(got));
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  }
  if (output != nullptr) ::close(pipe_ends[0]);
  return failed == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? seconds_since(start) : -1;
}

double typical_run(const std::vector<std::string>& command, int times) {
  std::vector<double> walls;
  for (int i = 0; i < times; ++i)
    if (const double wall = run(command); wall > 0) walls.push_back(wall);
  return typical(walls);
}

double thread_cost() {
  std::vector<double> each;
  for (int round = 0; round < 5; ++round) {
    const auto start = Clock::now();
    for (int i = 0; i < 50; ++i) std::thread([] {}).join();
    each.push_back(seconds_since(start) / 50);
  }
  return typical(each);
}

/// Half of a there-and-back over two pipes between two threads.
double handover_cost() {
  int there[2], back[2];
  if (::pipe2(there, O_CLOEXEC) != 0) return 0;
  if (::pipe2(back, O_CLOEXEC) != 0) return 0;
  constexpr int kRounds = 2000;
  std::thread partner([&] {
    char byte = 0;
    for (int i = 0; i < kRounds; ++i)
      if (::read(there[0], &byte, 1) != 1 || ::write(back[1], &byte, 1) != 1) return;
  });
  const auto start = Clock::now();
  char byte = 1;
  for (int i = 0; i < kRounds; ++i)
    if (::write(there[1], &byte, 1) != 1 || ::read(back[0], &byte, 1) != 1) break;
  const double each = seconds_since(start) / kRounds / 2;
  partner.join();
  for (int fd : {there[0], there[1], back[0], back[1]}) ::close(fd);
  return each;
}

/// Resident bytes of an idle native thread, from the growth over 64 of them.
double thread_memory() {
  const auto resident = [] {
    std::ifstream statm("/proc/self/statm");
    double size = 0, pages = 0;
    statm >> size >> pages;
    return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
  };
  const double before = resident();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 64; ++i)
    threads.emplace_back([](std::stop_token stop) { while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(5)); });
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return std::max(0.0, resident() - before) / 64;
}

// What only the interpreter can tell about itself; prints `name value` lines.
constexpr const char* kPythonProbe = R"py(
import os, sys, time, threading, asyncio, pickle
from concurrent.futures import ThreadPoolExecutor, ProcessPoolExecutor
t = time.perf_counter
def rss():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
def pss(pid):
    try:
        return sum(int(l.split()[1]) * 1024 for l in open(f"/proc/{pid}/smaps_rollup") if l.startswith("Pss:"))
    except OSError:
        return 0
def main():
    gate = threading.Event(); r = rss(); a = t()
    ts = [threading.Thread(target=gate.wait) for _ in range(100)]
    for x in ts: x.start()
    print("python_thread_each_s", (t() - a) / 100); print("python_thread_bytes", (rss() - r) / 100)
    gate.set()
    for x in ts: x.join()
    async def tasks():
        e = asyncio.Event(); r = rss(); a = t()
        xs = [asyncio.create_task(e.wait()) for _ in range(10000)]
        await asyncio.sleep(0)
        print("python_task_each_s", (t() - a) / 10000); print("python_task_bytes", (rss() - r) / 10000)
        e.set(); await asyncio.gather(*xs)
    asyncio.run(tasks())
    with ProcessPoolExecutor(max_workers=1) as p:
        p.submit(abs, -1).result(); a = t()
        for i in range(100): p.submit(abs, i).result()
        print("python_process_call_s", (t() - a) / 100)
        pid = next(iter(p._processes)); print("python_process_bytes", pss(pid))
        data = bytes(8 << 20); a = t(); p.submit(len, data).result()
        print("pickle_bytes_per_s", len(data) / max(1e-9, t() - a))
if __name__ == "__main__":
    main()
)py";

void measure_python(const std::string& python, Costs& costs) {
  const auto timed = [&](const char* code) { return typical_run({python, "-c", code}, 5); };
  const double start = timed("pass");
  if (start <= 0) return;
  costs.python_start_s = start;
  const auto beyond_start = [&](const char* code, double fallback) {
    const double wall = timed(code);
    return wall > start ? wall - start : fallback;
  };
  costs.python_threads_s = beyond_start("from concurrent.futures import ThreadPoolExecutor as T\nwith T(2) as e: list(e.map(abs,(1,2)))", costs.python_threads_s);
  costs.python_asyncio_s = beyond_start("import asyncio\nasync def m(): await asyncio.sleep(0)\nasyncio.run(m())", costs.python_asyncio_s);
  const double one = beyond_start("from concurrent.futures import ProcessPoolExecutor as T\nwith T(1) as e: list(e.map(abs,(1,)))", costs.python_processes_s);
  const double four = beyond_start("from concurrent.futures import ProcessPoolExecutor as T\nwith T(4) as e: list(e.map(abs,(1,2,3,4)))", one);
  costs.python_process_each_s = std::max(0.0005, (four - one) / 3);
  costs.python_processes_s = std::max(0.001, one - costs.python_process_each_s);
  std::string output;
  run({python, "-c", kPythonProbe}, &output);
  const std::map<std::string, double*> wanted = {
      {"python_thread_each_s", &costs.python_thread_each_s}, {"python_thread_bytes", &costs.python_thread_bytes},
      {"python_task_each_s", &costs.python_task_each_s},     {"python_task_bytes", &costs.python_task_bytes},
      {"python_process_call_s", &costs.python_process_call_s}, {"python_process_bytes", &costs.python_process_bytes},
      {"pickle_bytes_per_s", &costs.pickle_bytes_per_s}};
  std::istringstream lines(output);
  std::string name;
  double value = 0;
  while (lines >> name >> value)
    if (const auto found = wanted.find(name); found != wanted.end() && value > 0) *found->second = value;
}

/// Kernel, CPU and interpreter: figures of another one don't apply.
std::string machine_of(const std::string& python) {
  struct utsname names {};
  ::uname(&names);
  std::string cpu;
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; cpu.empty() && std::getline(info, line);)
    if (line.rfind("model name", 0) == 0) cpu = line.substr(line.find(':') + 1);
  struct stat file {};
  const bool there = !python.empty() && ::stat(python.c_str(), &file) == 0;
  return fmt::format("{} {};{}; {} {}", names.release, names.machine, cpu, python, there ? file.st_mtime : 0);
}

}  // namespace

Costs measure_costs(const std::string& python) {
  Costs costs;
  const Disturbance disturbance;
  costs.native_thread_s = std::max(1e-7, thread_cost());
  costs.native_handover_s = std::max(1e-7, handover_cost());
  if (const double process = typical_run({"/bin/true"}, 9); process > 0) costs.native_process_s = process;
  if (const double memory = thread_memory(); memory > 0) costs.native_thread_bytes = memory;
  if (!python.empty()) measure_python(python, costs);
  costs.machine = machine_of(python);
  costs.measured = true;
  costs.disturbed = disturbance.so_far();
  return costs;
}

std::string costs_file(const std::string& python) {
  const std::string folder = cache_folder();
  return folder.empty() ? folder : fmt::format("{}/costs-{:016x}.toml", folder, std::hash<std::string>{}(machine_of(python)));
}

Costs cached_costs(const std::string& python) {
  const std::string file = costs_file(python);
  if (file.empty()) return {};
  const auto text = read_text(file);
  if (!text) return {};
  const auto costs = costs_from_toml(*text, file);
  return costs && costs->machine == machine_of(python) ? *costs : Costs{};
}

Costs machine_costs(const std::string& python) {
  Costs costs = cached_costs(python);
  const std::string file = costs_file(python);
  if (costs.measured && !(costs.disturbed && is_quiet_now())) return costs;
  // Where the result can't be kept, every run would measure again: the defaults then have to do.
  if (file.empty() || (!costs.measured && !write_text(file, "# being measured\n"))) return costs;
  costs = measure_costs(python);
  static_cast<void>(write_text(file, costs_to_toml(costs)));
  return costs;
}

std::string default_python() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/python3";
    if (!folder.starts_with('/') || ::access(candidate.c_str(), X_OK) != 0) continue;
    // What is in PATH may be a script that picks an interpreter: the interpreter says which one it is.
    std::string self;
    if (run({candidate, "-c", "import os, sys; print(os.path.realpath(sys.executable), end='')"}, &self) < 0 || self.empty()) return candidate;
    return self;
  }
  return {};
}

}  // namespace concadvise::cli
