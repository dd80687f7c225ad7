// Wakeups from the scheduler's tracepoints.
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>

#include "profiler/bpf/switch_book.h"
#include "profiler/bpf/wakeups.h"
#include "profiler/perf/event.h"
#include "profiler/perf/ring.h"
#include "profiler/perf/tracepoint.h"
#include "profiler/procfs/task.h"

namespace concadvise {
namespace {

constexpr std::size_t kRing_bytes = 4 << 20;
constexpr std::size_t kSmallestRing_bytes = 64 << 10;
// Records of one instant stand in the rings of several CPUs: what is younger may still be on its way.
constexpr std::uint64_t kSettled_ns = 1'000'000;
// include/linux/trace_events.h: the record was made by a (soft) interrupt, so the running thread is only where it struck.
constexpr std::int64_t kInInterrupt = 0x08 | 0x10;
// include/trace/events/sched.h: the states that are waits; above them stands that it was preempted.
constexpr std::int64_t kWaits = 0xff;

struct Event {
  enum class Kind { switched, waking, born, died };
  std::uint64_t time_ns = 0;
  Kind kind = Kind::switched;
  int tid = 0;    // switched: who leaves; else whom it is about
  int other = 0;  // switched: who comes; waking: the waker; born: the process of its parent
  int pid = 0;    // born: its process
  bool wants_more = false;
};

class TracedWakeups final : public Wakeups {
 public:
  // Returns the name of the step that failed, or null.
  const char* start() {
    const auto described = Tracefs::open();
    if (!described) return "opening tracefs";
    const auto switched = described->find("sched", "sched_switch");
    const auto waking = described->find("sched", "sched_waking");
    if (!switched || !waking) return "reading the tracepoints' formats";
    switch_ = *switched;
    waking_ = *waking;
    for (const int cpu : online_cpus()) {
      Descriptor owner = open_tracepoint(switch_, cpu, true);
      if (!owner) return "opening the tracepoint sched_switch";
      Ring ring;
      if (!ring.map(owner, kRing_bytes, kSmallestRing_bytes)) return "mapping the tracepoints' ring";
      Descriptor other = open_tracepoint(waking_, cpu, false);
      if (!other || !share_ring(other, owner)) return "opening the tracepoint sched_waking";
      for (Descriptor* event : {&owner, &other})
        if (!enable_event(*event)) return "starting the tracepoints";
      rings_.push_back(std::move(ring));
      events_.push_back(std::move(owner));
      events_.push_back(std::move(other));
    }
    return nullptr;
  }

  bool watch(int pid) override {
    book_.watch(pid, numbers_in(fmt::format("/proc/{}/task", pid)), now_ns());
    return true;
  }

  void drain(const std::function<void(const concadvise_stretch&)>& each) override {
    const std::uint64_t settled = now_ns() - kSettled_ns;
    for (Ring& ring : rings_)
      ring.drain([this](const PerfRecord& record) { on_record(record); });
    std::stable_sort(pending_.begin(), pending_.end(), [](const Event& a, const Event& b) { return a.time_ns < b.time_ns; });
    const auto until = std::partition_point(pending_.begin(), pending_.end(), [&](const Event& event) { return event.time_ns <= settled; });
    for (auto event = pending_.begin(); event != until; ++event) book(*event, each);
    pending_.erase(pending_.begin(), until);
  }

  std::span<const concadvise_account> accounts() const override { return book_.accounts(); }
  void tell_from(std::uint64_t nanoseconds) override { book_.tell_from(nanoseconds); }
  std::uint64_t dropped() const override { return lost_ + book_.dropped(); }
  const char* source() const override { return "tracepoints"; }
  double most_switches() const override { return 5'000; }  // at 2 us for each switch and its wake-up

 private:
  static Descriptor open_tracepoint(const Tracepoint& point, int cpu, bool tells_of_tasks) {
    perf_event_attr attributes{};
    attributes.size = sizeof attributes;
    attributes.type = PERF_TYPE_TRACEPOINT;
    attributes.config = point.id();
    attributes.sample_period = 1;
    attributes.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW;
    attributes.disabled = 1;
    attributes.use_clockid = 1;
    attributes.clockid = CLOCK_MONOTONIC;
    attributes.task = tells_of_tasks ? 1 : 0;
    return open_event(attributes, -1, cpu);
  }

  void on_record(const PerfRecord& record) {
    switch (record.type) {
      case PERF_RECORD_SAMPLE: on_sample(record); break;
      case PERF_RECORD_LOST:
      case PERF_RECORD_LOST_SAMPLES: lost_ += parse_lost(record); break;
      case PERF_RECORD_FORK:
      case PERF_RECORD_EXIT: {
        PerfTask task;
        if (!parse_task(record.body, task)) break;
        const bool born = record.type == PERF_RECORD_FORK;
        pending_.push_back({task.time_ns, born ? Event::Kind::born : Event::Kind::died, task.tid, task.ppid, task.pid, false});
        break;
      }
      default: break;
    }
  }

  void on_sample(const PerfRecord& record) {
    PerfRaw sample;
    if (!parse_raw(record.body, sample)) return;
    const auto type = static_cast<std::uint64_t>(switch_.value(sample.raw, "common_type"));
    if (type == switch_.id()) {
      const std::int64_t state = switch_.value(sample.raw, "prev_state");
      pending_.push_back({sample.time_ns, Event::Kind::switched, static_cast<int>(switch_.value(sample.raw, "prev_pid")),
                          static_cast<int>(switch_.value(sample.raw, "next_pid")), 0, (state & kWaits) == 0});
    } else if (type == waking_.id()) {
      const bool interrupt = (waking_.value(sample.raw, "common_flags") & kInInterrupt) != 0;
      pending_.push_back({sample.time_ns, Event::Kind::waking, static_cast<int>(waking_.value(sample.raw, "pid")),
                          interrupt ? 0 : sample.tid, 0, false});
    }
  }

  void book(const Event& event, const SwitchBook::Tell& tell) {
    switch (event.kind) {
      case Event::Kind::switched:
        book_.leaves_cpu(event.tid, event.wants_more, event.time_ns);
        book_.gets_cpu(event.other, event.time_ns, tell);
        break;
      case Event::Kind::waking: book_.wakes(event.tid, event.other, event.time_ns); break;
      case Event::Kind::born: book_.born(event.pid, event.tid, event.other, event.time_ns); break;
      case Event::Kind::died: book_.died(event.tid, event.time_ns); break;
    }
  }

  Tracepoint switch_;
  Tracepoint waking_;
  std::vector<Descriptor> events_;
  std::vector<Ring> rings_;
  std::vector<Event> pending_;
  SwitchBook book_;
  std::uint64_t lost_ = 0;
};

}  // namespace

std::unique_ptr<Wakeups> Wakeups::trace(std::string& why, int& error) {
  auto traced = std::make_unique<TracedWakeups>();
  errno = 0;
  if (const char* failed = traced->start(); failed != nullptr) {
    error = errno;
    why = failed;
    return nullptr;
  }
  return traced;
}

std::unique_ptr<Wakeups> Wakeups::open(const Privileges& privileges, std::string& why, int& error) {
  if (!privileges.perfmon) return nullptr;
  std::unique_ptr<Wakeups> found;
  if (is_built() && privileges.bpf && privileges.btf) found = load(why, error);
  if (found != nullptr) return found;
  const bool tried = !why.empty();
  std::string why_not;
  int refused = 0;
  found = trace(why_not, refused);
  if (found == nullptr && !tried) {
    why = why_not;
    error = refused;
  }
  return found;
}

}  // namespace concadvise
