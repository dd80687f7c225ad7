#include "profiler/perf/switch_records.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "profiler/perf/permission.h"

namespace concadvise {
namespace {

// Two records of 24 bytes for each switch: at the rate that is given up at, all on one CPU, a ring holds a quarter of a
// second. It is read when a quarter of it is full, and at every sweep.
constexpr std::size_t kRingBytes = 128u << 10;
constexpr std::size_t kSmallestRing = 16u << 10;
constexpr std::uint32_t kWakeUpAt = kRingBytes / 4;

constexpr std::size_t kMostThreads = 1u << 17;  // about 150 bytes each

perf_event_attr switch_attributes() {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_DUMMY;
  attributes.context_switch = 1;
  attributes.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
  attributes.sample_id_all = 1;
  attributes.task = 1;
  attributes.exclude_kernel = 1;  // what users may have; the records are the same
  attributes.exclude_hv = 1;
  attributes.use_clockid = 1;
  attributes.clockid = CLOCK_MONOTONIC;
  attributes.watermark = 1;
  attributes.wakeup_watermark = kWakeUpAt;
  return attributes;
}

}  // namespace

// CPUs are read one after the other: what a thread did on another CPU before it ended can come after its end.
SwitchTally* SwitchTallies::of(int tid, std::uint64_t now) {
  auto& lives = by_tid_[tid];
  const bool another = lives.empty() || (all_[lives.back()].end_ns != 0 && now > all_[lives.back()].end_ns);
  if (another) {
    if (all_.size() >= kMostThreads) {
      ++dropped_;
      return nullptr;
    }
    lives.push_back(all_.size());
    SwitchTally tally;
    tally.tid = tid;
    tally.born_ns = tally.last_ns = now;
    all_.push_back(tally);
  }
  SwitchTally& tally = all_[lives.back()];
  tally.born_ns = std::min(tally.born_ns, now);
  tally.last_ns = std::max(tally.last_ns, now);
  return &tally;
}

void SwitchTallies::on_record(const PerfRecord& record) {
  PerfTask task;
  if (record.type == PERF_RECORD_EXIT && parse_task(record.body, task)) {
    if (SwitchTally* tally = of(task.tid, task.time_ns); tally != nullptr) tally->end_ns = task.time_ns;
  }
  if (record.type != PERF_RECORD_SWITCH) return;
  PerfSample id;
  if (!parse_sample(record.body, PERF_SAMPLE_TID | PERF_SAMPLE_TIME, 0, id)) return;
  SwitchTally* tally = of(id.tid, id.time_ns);
  if ((record.misc & PERF_RECORD_MISC_SWITCH_OUT) == 0) return;
  ++switches_;
  if (tally != nullptr) ++((record.misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT) != 0 ? tally->preemptions : tally->waits);
}

const SwitchTally* SwitchTallies::find(int tid, std::uint64_t from_ns, std::uint64_t to_ns) const {
  const auto lives = by_tid_.find(tid);
  if (lives == by_tid_.end()) return nullptr;
  for (auto each = lives->second.rbegin(); each != lives->second.rend(); ++each) {
    const SwitchTally& tally = all_[*each];
    if (tally.born_ns <= to_ns) return tally.last_ns >= from_ns ? &tally : nullptr;
  }
  return nullptr;
}

bool SwitchRecords::adds_to(const std::vector<Rung>& used) const {
  return std::none_of(used.begin(), used.end(), [](const Rung& rung) { return rung.used && rung.level == "sched"; });
}

Rung SwitchRecords::start(Census& census, bool /*attached*/) {
  const int error = events_.open_on_threads(switch_attributes(), {kRingBytes, kSmallestRing}, census);
  Rung rung{"perf switches", true, "", ""};
  if (error != 0) {
    rung = perf_refused(Privileges::read(), error);
    rung.level = "perf switches";
    return rung;
  }
  used_ = true;
  rate_.emplace(now_ns());
  return rung;
}

void SwitchRecords::poll(Census& /*census*/, std::uint64_t now) {
  if (events_.empty()) return;
  drain();
  judge_cost(now);
}

void SwitchRecords::drain() {
  events_.drain([this](std::size_t, const PerfRecord& record) {
    if (record.type == PERF_RECORD_LOST || record.type == PERF_RECORD_LOST_SAMPLES)
      lost_ += parse_lost(record);
    else
      tallies_.on_record(record);
  });
}

void SwitchRecords::judge_cost(std::uint64_t now) {
  const auto rate = rate_->judge(tallies_.switches() + lost_ / 2, now);
  if (!rate || *rate <= kMostSwitches) return;
  gave_up_ = fmt::format(
      "Switch records were given up after {:.2f} s because the target switches {:.0f} times a second, where each costs it more than "
      "1 %: how many of them are preemptions is not known", rate_->seconds(now), *rate);
  events_.close();
}

void SwitchRecords::settle(Census& census) {
  if (!used_) return;
  drain();  // what is left; it is too late to give up
  events_.close();
  if (!gave_up_.empty() || lost_ > 0 || tallies_.dropped() > 0) return;
  const auto correct = [&](const std::unique_ptr<ThreadRecord>& thread) {
    const SwitchTally* tally = tallies_.find(thread->tid, thread->start_ns, thread->seen_ns);
    if (tally != nullptr) thread->preemptions = tally->preemptions;
  };
  std::for_each(census.threads().begin(), census.threads().end(), correct);
  std::for_each(census.ended_threads().begin(), census.ended_threads().end(), correct);
}

void SwitchRecords::contribute(Census& /*census*/, std::uint64_t /*start_ns*/, Profile& profile) {
  if (!used_) return;
  Measurement& measurement = profile.measurement;
  if (measurement.level == "procfs") measurement.level = level();
  if (!gave_up_.empty()) {
    measurement.notes.push_back(gave_up_);
    return;
  }
  const std::uint64_t missing = lost_ + tallies_.dropped();
  measurement.lost_events += missing;
  if (missing > 0)
    measurement.notes.push_back(fmt::format(
        "{} switch records were lost because we came too late to read them: numbers of preemptions and waits are estimates.", missing));
}

}  // namespace concadvise
