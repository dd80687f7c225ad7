// The states of a thread: the words that every room uses for where time went.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace concadvise {

/// What a thread does at an instant: on a CPU, wanting one, or blocked on one of the wait classes.
/// The names are the keys of the JSON contract (docs/schema).
enum class State : std::uint8_t {
  on_cpu,    // executing, user or kernel
  runnable,  // wants a CPU, has none (run-queue delay)
  disk,      // file system or block device
  network,   // an answer that the program asked for
  ipc,       // pipe, local socket, eventfd
  lock,      // a mutex that somebody holds
  gil,       // CPython's global interpreter lock
  handoff,   // another thread: condition variable, join, semaphore
  timer,     // a sleep or a time-out that nothing else ends
  child,     // the end of a child process
  fault,     // a major page fault
  idle,      // for work to be given: accept, a quiet inbound connection, a parked worker
  other,     // measurement can't know
};

inline constexpr std::size_t kStateCount = 13;

/// The state's name as in the JSON contract; never empty.
std::string_view name_of(State state);

/// The state with that name, or nothing.
std::optional<State> state_named(std::string_view name);

/// True for every state but on_cpu and runnable.
constexpr bool is_blocked(State state) {
  return state != State::on_cpu && state != State::runnable;
}

/// One number per state: seconds or shares, as the owner says.
class StateTimes {
 public:
  double& operator[](State state) { return values_[static_cast<std::size_t>(state)]; }
  double operator[](State state) const { return values_[static_cast<std::size_t>(state)]; }

  StateTimes& operator+=(const StateTimes& rhs);
  StateTimes scaled(double factor) const;
  double sum() const;
  double blocked() const;  // the sum of the wait classes

  /// The same proportions with sum 1; all zero stays all zero.
  StateTimes shares() const;

  /// The blocked state with the largest value; State::other when all are zero.
  State largest_wait() const;

  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

 private:
  std::array<double, kStateCount> values_{};
};

inline constexpr std::array<State, kStateCount> kAllStates = {
    State::on_cpu, State::runnable, State::disk,  State::network, State::ipc,  State::lock, State::gil,
    State::handoff, State::timer,   State::child, State::fault,   State::idle, State::other};

}  // namespace concadvise
