#include "profiler/timeline/census.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace concadvise {
namespace {

// Beyond so many new tasks between two sweeps one look at all of /proc is cheaper than a look at each number.
constexpr int kMostNumbers = 2048;

}  // namespace

Census::Census() : loadavg_(open_file("/proc/loadavg")), last_id_(last_task_id()), own_pid_(::getpid()) {}

int Census::last_task_id() const {
  // "0.00 0.01 0.05 1/123 4567": the last word is the number of the newest task in our name space
  char buffer[128];
  std::string_view text = read_again(loadavg_, buffer, sizeof buffer);
  std::string_view last;
  for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) last = word;
  return static_cast<int>(to_number(last));
}

ProcessRecord* Census::process(int pid) {
  const auto found = processes_.find(pid);
  return found == processes_.end() || !found->second.alive ? nullptr : &found->second;
}

void Census::runs_loop(int pid, int tid, std::string library) {
  const auto mark = [&](const std::unique_ptr<ThreadRecord>& thread) {
    if (thread->pid != pid || thread->tid != tid) return;
    thread->runs_loop = true;
    thread->loop_library = library;
  };
  std::for_each(threads_.begin(), threads_.end(), mark);
  std::for_each(ended_threads_.begin(), ended_threads_.end(), mark);
}

ThreadRecord* Census::thread(int tid) {
  const auto found = by_tid_.find(tid);
  return found == by_tid_.end() ? nullptr : found->second;
}

ThreadRecord* Census::main_thread(int pid) {
  ThreadRecord* found = thread(pid);
  return found != nullptr && found->pid == pid ? found : nullptr;
}

bool Census::is_thread_of(int pid, int tid) const {
  const auto found = by_tid_.find(tid);
  return found != by_tid_.end() && found->second->pid == pid;
}

std::vector<int> Census::live_pids() const {
  std::vector<int> pids;
  for (const auto& [pid, process] : processes_)
    if (process.alive) pids.push_back(pid);
  return pids;
}

void Census::begin(std::uint64_t now) {
  for (const auto& thread : threads_)
    if (const auto stat = thread->files.schedstat()) begin(*thread, *stat, now);
  for (auto& [pid, process] : processes_) {
    process.start_ns = now;
    process.first_cpu_ns = process.cpu_ns = process_cpu_ns(pid).value_or(process.cpu_ns);
  }
}

void Census::begin(ThreadRecord& thread, const SchedStat& stat, std::uint64_t now) {
  thread.start_ns = thread.seen_ns = thread.blocked_since_ns = thread.given_cpu_ns = now;
  thread.first = thread.last = stat;
}

ThreadRecord* Census::add_thread(ProcessRecord& process, int tid, std::uint64_t now) {
  if (by_tid_.contains(tid)) return nullptr;
  auto record = std::make_unique<ThreadRecord>(process.pid, tid);
  const auto stat = record->files.schedstat();
  if (!stat) return nullptr;
  begin(*record, *stat, now);
  ThreadRecord* added = record.get();
  by_tid_[tid] = added;
  process.threads.push_back(added);
  threads_.push_back(std::move(record));
  return added;
}

void Census::list_threads(ProcessRecord& process, std::uint64_t now) {
  const std::string folder = fmt::format("/proc/{}/task", process.pid);
  // Threads that are born while the folder is read may be missed: read again until nothing is new.
  for (int round = 0; round < 8; ++round) {
    bool added = false;
    for (const int tid : numbers_in(folder)) added |= add_thread(process, tid, now) != nullptr;
    if (!added) break;
  }
  process.task_links = links_of_task_folder(process.pid);
  process.described.threads_peak = std::max(process.described.threads_peak, static_cast<int>(process.threads.size()));
}

ProcessRecord& Census::add_process(int pid, int ppid, std::uint64_t now) {
  const auto old = processes_.find(pid);
  if (old != processes_.end()) {
    if (old->second.alive) return old->second;
    reused_.push_back(std::move(old->second));
    processes_.erase(old);
  }
  ProcessRecord& process = processes_[pid];
  process.pid = pid;
  process.ppid = ppid;
  process.start_ns = now;
  process.first_cpu_ns = process.cpu_ns = process_cpu_ns(pid).value_or(0);
  ++generation_;
  list_threads(process, now);
  return process;
}

bool Census::add_root(int pid, bool with_descendants) {
  const std::uint64_t now = now_ns();
  const auto status = read_status(pid);
  if (!status) {
    errno = ESRCH;
    return false;
  }
  ProcessRecord& process = add_process(status->tgid, status->ppid, now);
  process.is_root = true;
  if (process.threads.empty()) return false;
  if (with_descendants) scan_everything(now);
  return true;
}

void Census::scan_everything(std::uint64_t now) {
  // Parents come before children in no particular order: repeat until the tree no longer grows.
  std::vector<std::pair<int, int>> parents;
  for (const int pid : numbers_in("/proc")) {
    if (pid == own_pid_) continue;
    if (const auto stat = read_stat(fmt::format("/proc/{}/stat", pid))) parents.emplace_back(pid, stat->ppid);
  }
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& [pid, ppid] : parents) {
      if (process(pid) != nullptr || (process(ppid) == nullptr && (reaper_ == 0 || ppid != reaper_))) continue;
      grew |= !add_process(pid, ppid, now).threads.empty();
    }
  }
}

void Census::look_at_new_task(int id, std::uint64_t now) {
  const auto status = read_status(id);
  if (!status || by_tid_.contains(id)) return;
  if (ProcessRecord* owner = process(status->tgid)) {
    add_thread(*owner, id, now);
    owner->described.threads_peak = std::max(owner->described.threads_peak, static_cast<int>(owner->threads.size()));
    return;
  }
  if (status->tgid != id) return;
  const bool ours = process(status->ppid) != nullptr || (reaper_ != 0 && status->ppid == reaper_);
  if (ours) add_process(id, status->ppid, now);
}

void Census::update(std::uint64_t now) {
  const int newest = last_task_id();
  if (newest == last_id_) return;
  const int from = last_id_ + 1;
  last_id_ = newest;
  if (newest < from || newest - from > kMostNumbers) {  // the numbers wrapped, or there are too many
    for (auto& [pid, process] : processes_)
      if (process.alive && links_of_task_folder(pid) != process.task_links) list_threads(process, now);
    scan_everything(now);
    return;
  }
  for (int id = from; id <= newest; ++id) look_at_new_task(id, now);
}

void Census::thread_ended(ThreadRecord& thread) {
  thread.alive = false;
  thread.files.close();
  any_ended_ = true;
  by_tid_.erase(thread.tid);
  if (const auto found = processes_.find(thread.pid); found != processes_.end()) {
    auto& threads = found->second.threads;
    threads.erase(std::remove(threads.begin(), threads.end(), &thread), threads.end());
  }
}

void Census::bury() {
  if (!any_ended_) return;
  any_ended_ = false;
  auto alive = std::stable_partition(threads_.begin(), threads_.end(), [](const auto& thread) { return thread->alive; });
  ended_threads_.insert(ended_threads_.end(), std::make_move_iterator(alive), std::make_move_iterator(threads_.end()));
  threads_.erase(alive, threads_.end());
}

void Census::process_ended(ProcessRecord& process, std::uint64_t now) {
  process.alive = false;
  process.end_ns = now;
  ++generation_;
  for (ThreadRecord* thread : std::vector<ThreadRecord*>(process.threads)) thread_ended(*thread);
}

}  // namespace concadvise
