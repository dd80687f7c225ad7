#include "profiler/perf/event_set.h"

#include <sys/resource.h>

#include <cerrno>
#include <unordered_set>

namespace concadvise {

std::size_t descriptors_to_spare(std::size_t in_use) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 1u << 16;
  const auto soft = static_cast<std::size_t>(limit.rlim_cur);
  return soft > in_use * 2 + 64 ? (soft - in_use * 2 - 64) / 2 : 0;
}

int EventSet::open_on_cpus(const perf_event_attr& attributes, RingSize size) {
  close();
  for (const int cpu : online_cpus()) {
    Descriptor event = open_event(attributes, -1, cpu);
    if (!event) {
      const int error = errno;
      if (error == ENODEV) continue;  // it went offline
      close();
      return error;
    }
    cpus_.push_back(Cpu{cpu, {}, std::move(event)});
  }
  if (cpus_.empty()) return ENODEV;
  const int error = map_rings(size);
  if (error != 0) close();
  return error;
}

int EventSet::open_on_threads(const perf_event_attr& attributes, RingSize size, Census& census) {
  close();
  const int error = open_listed(attributes, size, census);
  if (error != 0) close();
  return error;
}

int EventSet::open_on_thread(perf_event_attr attributes, int tid) {
  attributes.inherit = 1;
  for (Cpu& cpu : cpus_) {
    Descriptor event = open_event(attributes, tid, cpu.number);
    if (!event) return errno;
    if (!cpu.owner) {
      cpu.owner = std::move(event);
    } else {
      if (cpu.ring && !share_ring(event, cpu.owner)) return errno;
      events_.push_back(std::move(event));
    }
  }
  return 0;
}

int EventSet::open_listed(const perf_event_attr& attributes, RingSize size, Census& census) {
  for (const int cpu : online_cpus()) cpus_.push_back(Cpu{cpu, {}, {}});
  const std::size_t spare = descriptors_to_spare(census.threads().size());
  std::unordered_set<int> done;
  for (int round = 0; round < 4; ++round) {
    bool added = false;
    for (const auto& thread : census.threads()) {
      if (!thread->alive || !done.insert(thread->tid).second) continue;
      if (events_.size() + 2 * cpus_.size() > spare) return EMFILE;
      const int error = open_on_thread(attributes, thread->tid);
      if (error == ESRCH) continue;  // it has ended meanwhile
      if (error != 0) return error;
      added = true;
      if (cpus_.front().ring) continue;
      if (const int unmapped = map_rings(size); unmapped != 0) return unmapped;
    }
    if (!added) break;
    // Threads that were born while we were at it: those whose parent had its event by then have inherited it.
    census.update(now_ns());
    drain([&](std::size_t, const PerfRecord& record) {
      PerfTask task;
      if (record.type == PERF_RECORD_FORK && parse_task(record.body, task)) done.insert(task.tid);
    });
  }
  return done.empty() || !cpus_.front().owner ? ESRCH : 0;
}

// The kernel's EPERM here speaks of the memory, not of the event.
int EventSet::map_rings(RingSize size) {
  for (Cpu& cpu : cpus_)
    if (!cpu.ring.map(cpu.owner, size.bytes, size.at_least)) return errno == EPERM ? ENOBUFS : errno;
  return 0;
}

void EventSet::drain(const std::function<void(std::size_t, const PerfRecord&)>& each) {
  for (std::size_t i = 0; i < cpus_.size(); ++i)
    cpus_[i].ring.drain([&](const PerfRecord& record) { each(i, record); });
}

std::vector<int> EventSet::descriptors() const {
  std::vector<int> fds;
  for (const Cpu& cpu : cpus_) fds.push_back(cpu.owner.get());
  return fds;
}

void EventSet::disable() {
  for (const Cpu& cpu : cpus_) disable_event(cpu.owner);
  for (const Descriptor& event : events_) disable_event(event);
}

void EventSet::close() {
  events_.clear();
  cpus_.clear();  // the memory of a ring before its event: an event lives as long as its memory
}

}  // namespace concadvise
