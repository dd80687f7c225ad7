#include "reports/words.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "reports/format.h"
#include "rules/source_place.h"

namespace concadvise {
namespace {

struct StateWords {
  std::string_view label;
  std::string_view meaning;
};

// In the order of State.
constexpr std::array<StateWords, kStateCount> kStates = {{
    {"on CPU", "executing, in the program or in the kernel on its behalf"},
    {"waiting for a CPU", "ready to run, but every CPU it may use was taken (runnable)"},
    {"disk", "waiting for a file system or a block device"},
    {"network", "waiting for an answer that it asked for over a connection"},
    {"ipc", "waiting for a pipe, a local socket or an eventfd"},
    {"lock", "waiting for a mutex that another thread holds"},
    {"GIL", "waiting for CPython's global interpreter lock"},
    {"another thread", "waiting for another thread: condition variable, join or semaphore (handoff)"},
    {"timer", "sleeping, or waiting for a time-out that nothing else ends"},
    {"child process", "waiting for a child process to end"},
    {"page fault", "waiting for memory to be read in (major page fault)"},
    {"idle", "waiting for work to be given: accept, a quiet inbound connection, a parked worker"},
    {"other", "blocked, and the measurement can't know on what"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kClasses = {{
    {"cpu-bound", "It computes"},
    {"io-bound", "It waits"},
    {"lock-bound", "It waits for a lock"},
    {"oversubscribed", "More threads want to run than it has CPUs"},
    {"idle", "It was idle"},
    {"mixed", "It waits and computes, both a lot"},
    {"insufficient-data", "Not enough data for a verdict"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kResources = {{
    {"disk", "on files and disks"},
    {"network", "on the network"},
    {"ipc", "on pipes and local sockets"},
    {"timer", "on timers (sleeping)"},
    {"child", "on child processes"},
    {"mutex", "a mutex"},
    {"gil", "Python's global interpreter lock"},
    {"one-core", "on one CPU only"},
    {"all-cores", "on all the CPUs it may use"},
    {"memory", "and memory holds it up"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kModels = {{
    {"async", "Use async"},
    {"threads", "Use threads"},
    {"parallel", "Use more cores"},
    {"async+parallel", "Use async for the waiting and more cores for the computing"},
    {"synchronous", "Keep it simple and synchronous"},
    {"unblock-loop", "Keep async, and unblock the event loop"},
    {"reduce-contention", "Make the threads share less: reduce the contention on the lock"},
    {"reduce-threads", "Use fewer threads"},
    {"keep", "Keep what you have"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kShortNames = {{
    {"async", "async"},
    {"threads", "threads"},
    {"parallel", "more cores"},
    {"async+parallel", "async and more cores"},
    {"synchronous", "keep it synchronous"},
    {"unblock-loop", "unblock the event loop"},
    {"reduce-contention", "less contention"},
    {"reduce-threads", "fewer threads"},
    {"keep", "keep what you have"},
}};

template <std::size_t N>
std::string look_up(const std::array<std::pair<std::string_view, std::string_view>, N>& table, std::string_view key) {
  for (const auto& [name, words] : table)
    if (name == key) return std::string(words);
  return std::string(key);
}

}  // namespace

std::string_view label_of(State state) { return kStates[static_cast<std::size_t>(state)].label; }
std::string_view meaning_of(State state) { return kStates[static_cast<std::size_t>(state)].meaning; }

std::string headline_of(const Verdict& verdict) {
  const std::string what = look_up(kClasses, verdict.klass);
  const std::string on = look_up(kResources, verdict.resource);
  if (on.empty() || verdict.klass == "insufficient-data" || verdict.klass == "idle" || verdict.klass == "oversubscribed")
    return what;
  if (verdict.klass == "lock-bound" && (verdict.resource == "mutex" || verdict.resource == "gil"))
    return "It waits for " + on;
  if (verdict.klass == "mixed") return what + ": the waiting is " + on;
  if (verdict.klass == "cpu-bound" && verdict.resource == "memory") return what + ", " + on;
  return what + ", " + on;
}

std::string instruction_of(std::string_view model) { return look_up(kModels, model); }

std::string instruction_of(const Session& session) {
  if (session.verdict.klass == "idle" && session.advice.model == "keep") return "Measure it under load: it was idle";
  return instruction_of(session.advice.model);
}

std::string part_of(double part_s, double whole_s) {
  const std::string whole = format_seconds(whole_s);
  const std::string part = format_seconds(part_s);
  return part_s >= whole_s || part == whole ? "all of " + whole : part + " of " + whole;
}

std::string waiting_clients_of(const Loop& loop) {
  // None: it may have read ahead, and who waits for an answer is not known.
  if (loop.requests_waiting < 0 || loop.requests_waiting_most < 1) return {};
  return fmt::format("While it stood still, {} clients on average waited for it to read their request or to accept them, at most {}; answers to others "
                     "were held up as well.", format_number(loop.requests_waiting), format_count(loop.requests_waiting_most));
}

std::string handed_over_of(const Pool& pool) {
  std::string text;
  if (pool.to_workers_bytes >= 0)
    text = fmt::format("at most {} to the workers, {} back", format_bytes(pool.to_workers_bytes), format_bytes(pool.from_workers_bytes));
  if (pool.transfer_s >= 0)
    text += fmt::format("{}{} of {} of CPU time", text.empty() ? "" : "; ", format_seconds(pool.transfer_s), format_seconds(pool.cpu_s));
  return text;
}

std::string turn_of(const LoopStop& stop, const std::string& own_module) {
  const Frame* coroutine = own_frame(stop.chain, own_module);
  if (coroutine == nullptr && !stop.chain.empty()) coroutine = &stop.chain.front();
  std::string text = coroutine == nullptr ? std::string() : "coroutine " + place_of(coroutine);
  const std::string_view joint = text.empty() ? "" : ", ";
  if (stop.tasks > 1.5)
    text += fmt::format("{}{} different tasks{}", joint, format_count(stop.tasks), stop.task.empty() ? "" : ", the longest time " + stop.task);
  else if (!stop.task.empty())
    text += fmt::format("{}task {}", joint, stop.task);
  if (!stop.awaited_by.empty())
    text += fmt::format(", awaited by {}{}", stop.awaited_by, stop.awaiting_coroutine.empty() ? "" : fmt::format(" ({})", stop.awaiting_coroutine));
  return text;
}

std::string short_name_of(std::string_view model) { return look_up(kShortNames, model); }

}  // namespace concadvise
