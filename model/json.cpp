#include "model/json.h"

#include <istream>
#include <nlohmann/json.hpp>

#include "model/json_reader.h"

namespace concadvise {

using json = nlohmann::ordered_json;

void to_json(json& out, State state) { out = name_of(state); }

void to_json(json& out, const StateTimes& times) {
  out = json::object();
  for (State state : kAllStates) out[std::string(name_of(state))] = times[state];
}

void to_json(json& out, const Interval& interval) { out = json::array({interval.low, interval.high}); }

namespace json_reader {

template <>
struct KindOf<State> {
  static bool set(void* at, std::string_view name) {
    *static_cast<State*>(at) = state_named(name).value_or(State::other);
    return true;
  }
  static constexpr Kind kind{.wanted = "a state's name", .string = set};
};

template <>
struct KindOf<StateTimes> {
  static void begin(void* at) { *static_cast<StateTimes*>(at) = {}; }
  static std::optional<Slot> member(void* at, std::string_view key, std::size_t&) {
    const auto state = state_named(key);
    if (!state) return std::nullopt;
    return slot_of((*static_cast<StateTimes*>(at))[*state], name_of(*state));
  }
  static constexpr Kind kind{.wanted = "an object of states", .begin = begin, .member = member};
};

template <>
struct KindOf<Interval> {
  static std::optional<Slot> element(void* at, std::size_t index) {
    auto& interval = *static_cast<Interval*>(at);
    if (index > 1) return std::nullopt;
    return slot_of(index == 0 ? interval.low : interval.high);
  }
  static bool end(void*, std::size_t count) { return count >= 2; }
  static constexpr Kind kind{.wanted = "two numbers", .element = element, .end = end};
};

/// A structure with named fields.
template <typename T>
struct KindOfFields {
  static void begin(void* at) { *static_cast<T*>(at) = T{}; }
  static std::optional<Slot> member(void* at, std::string_view key, std::size_t& expected) {
    return member_of(*static_cast<T*>(at), KindOf<T>::fields, key, expected);
  }
  static constexpr Kind kind{.wanted = "an object", .begin = begin, .member = member};
};

}  // namespace json_reader

// The JSON keys are the member names; the contract is the header. Both directions come from this one list.
#define CONCADVISE_JSON_FIELD(member) Field<Fielded>{#member, [](Fielded& of) { return slot_of(of.member); }},
#define CONCADVISE_JSON(Type, ...)                                                                              \
  void to_json(json& nlohmann_json_j, const Type& nlohmann_json_t) {                                            \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(NLOHMANN_JSON_TO, __VA_ARGS__))                                    \
  }                                                                                                             \
  template <>                                                                                                   \
  struct json_reader::KindOf<Type> : json_reader::KindOfFields<Type> {                                          \
    using Fielded = Type;                                                                                       \
    static constexpr Field<Type> fields[] = {                                                                   \
        NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(CONCADVISE_JSON_FIELD, __VA_ARGS__))};                         \
  };
CONCADVISE_JSON(Tool, name, version)
CONCADVISE_JSON(Target, command, pids, attached, cwd, started_at, exit_status, exit_signal, ended, language, runtime)
CONCADVISE_JSON(Machine, kernel, cpu_model, cpus_online, cpus_usable, cpus_usable_why, memory_bytes, neighbours_cores,
                psi_cpu_some, psi_io_some, psi_memory_some)
CONCADVISE_JSON(Rung, level, used, why_not, command)
CONCADVISE_JSON(Measurement, level, wall_s, own_cpu_s, finishing_cpu_s, own_memory_bytes, lost, path_method, interval_s, sweeps,
                thread_samples, cpu_samples, lost_events, stacks_truncated, symbols_resolved, cpu_s, cpu_seen_s,
                unattributed_cpu_s, stopped_early, notes, ladder)
CONCADVISE_JSON(Frame, function, module, file, line, inlined, kind, offset)
CONCADVISE_JSON(Wait, state, what, syscall, seconds, count, longest_s, in_flight, holder, count_is_estimate, stack)
CONCADVISE_JSON(Thread, pid, tid, name, start_s, end_s, states, user_s, system_s, switches, preemptions, role, bands, waits)
CONCADVISE_JSON(Process, pid, ppid, name, exe, command, start_s, end_s, cpu_s, language, runtime, gil, libraries, modules,
                threads_peak, connections_peak, connections_inbound_peak, rss_bytes, pss_bytes)
CONCADVISE_JSON(Stall, what, state, seconds, count, longest_s, stack)
CONCADVISE_JSON(LoopStop, what, state, seconds, count, longest_s, task, tasks, awaited_by, awaiting_coroutine, chain, stack)
CONCADVISE_JSON(Loop, pid, tid, kind, framework, iterations, waiting_s, busy_s, blocked_s, longest_stall_s,
                connections_inbound, connections_outbound, listens, tasks_most, requests_waiting, requests_waiting_most, stalls, stops)
CONCADVISE_JSON(Pool, pid, name, kind, size, busy_mean, waiting_mean, parked_mean, states, tids, cpu_s, to_workers_bytes,
                from_workers_bytes, transfer_s)
CONCADVISE_JSON(HotSpot, state, seconds, share, count, stack)
CONCADVISE_JSON(Window, start_s, end_s, path, cores, runnable, locked, waits)
CONCADVISE_JSON(Counters, counted_s, cycles, instructions, cache_misses, stalled_cycles)
CONCADVISE_JSON(Profile, schema, tool, target, machine, measurement, shares, processes, threads, loops, pools, waits,
                hot_spots, windows, counters)
CONCADVISE_JSON(RuledOut, what, reason)
CONCADVISE_JSON(Step, node, question, metric, measured, interval, threshold, unit, answer, distance, flips, source,
                evidence, next)
CONCADVISE_JSON(Prediction, model, implementation, wall_s, gain_low, gain_high, assumptions, verify, limit)
CONCADVISE_JSON(Action, title, why, where, sketch, risk, when_not, verify, gain, confidence, effort)
CONCADVISE_JSON(Advice, model, implementation, summary, path, ruled_out, predictions, actions)
CONCADVISE_JSON(ChainLink, file, line, function)
CONCADVISE_JSON(Finding, rule, severity, confidence, file, line, column, message, function, context, effect, chain, fix,
                fingerprint, suppressed, seen_s, seen_count, seen_longest_s)
CONCADVISE_JSON(FailedSource, file, error)
CONCADVISE_JSON(Sources, analyzed, failed)
CONCADVISE_JSON(LintResult, schema, findings, sources)
#undef CONCADVISE_JSON
#undef CONCADVISE_JSON_FIELD

// `class` is a C++ keyword, so this one is spelled out.
void to_json(json& out, const Verdict& verdict) {
  out = json{{"class", verdict.klass},           {"resource", verdict.resource},
             {"confidence", verdict.confidence}, {"summary", verdict.summary},
             {"confidence_why", verdict.confidence_why}, {"nearest", verdict.nearest},
             {"ruled_out", verdict.ruled_out}};
}

namespace json_reader {

template <>
struct KindOf<Verdict> : KindOfFields<Verdict> {
  static constexpr Field<Verdict> fields[] = {
      {"class", [](Verdict& of) { return slot_of(of.klass); }},
      {"resource", [](Verdict& of) { return slot_of(of.resource); }},
      {"confidence", [](Verdict& of) { return slot_of(of.confidence); }},
      {"summary", [](Verdict& of) { return slot_of(of.summary); }},
      {"confidence_why", [](Verdict& of) { return slot_of(of.confidence_why); }},
      {"nearest", [](Verdict& of) { return slot_of(of.nearest); }},
      {"ruled_out", [](Verdict& of) { return slot_of(of.ruled_out); }},
  };
};

// Any file that was saved: its keys are those of one kind of result, and its schema says of which.
struct Saved {
  std::string schema;
  Session session;
  LintResult lint;
  bool measured = false;  // the whole profile has come: writers put the verdict after it
};

template <>
struct KindOf<Saved> {
  static constexpr Field<Session> beside_the_profile[] = {
      {"verdict", [](Session& of) { return slot_of(of.verdict); }},
      {"advice", [](Session& of) { return slot_of(of.advice); }},
  };
  static std::optional<Slot> member(void* at, std::string_view key, std::size_t& expected) {
    auto& saved = *static_cast<Saved*>(at);
    std::size_t first = 0;
    if (key == "schema") return slot_of(saved.schema, "schema");
    if (auto slot = member_of(saved.session.profile, KindOf<Profile>::fields, key, expected)) return slot;
    saved.measured |= key == "verdict";
    if (auto slot = member_of(saved.session, beside_the_profile, key, first)) return slot;
    return member_of(saved.lint, KindOf<LintResult>::fields, key, first);
  }
  static constexpr Kind kind{.wanted = "an object", .member = member};
};

}  // namespace json_reader

namespace {

constexpr auto kReplace = json::error_handler_t::replace;

// A list with each element on a line of its own.
void add_lines(std::string& out, const json& list) {
  std::string_view joint = "[\n  ";
  for (const json& element : list) {
    out += joint;
    out += element.dump(-1, ' ', false, kReplace);
    joint = ",\n  ";
  }
  out += "\n ]";
}

std::string dump(const json& value, JsonForm form) {
  if (form == JsonForm::compact_ascii) return value.dump(-1, ' ', true, kReplace) + "\n";
  std::string out;
  for (const auto& [key, member] : value.items()) {
    out += (out.empty() ? "{\n " : ",\n ") + json(key).dump() + ": ";
    if (member.is_array() && !member.empty()) {
      add_lines(out, member);
      continue;
    }
    // The rest of the way as the library does it, one level in.
    std::string text = member.dump(1, ' ', false, kReplace);
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.insert(at + 1, 1, ' ');
    out += text;
  }
  return out + "\n}\n";
}

// `schemas`: those that the caller can take.
Result<SavedResult> load(const json_reader::NextPiece& next_piece, const std::string& origin, std::initializer_list<std::string_view> schemas) {
  json_reader::Saved saved;
  if (const auto complaint = json_reader::read(next_piece, json_reader::slot_of(saved))) {
    if (!complaint->cut_short || !saved.measured)
      return fail(Error::Kind::bad_input, origin + ": not a whole result file: " + complaint->what,
                  complaint->cut_short ? "The file was cut short; copy it again, or measure again." : "Is it from concadvise? Else measure again.");
    saved.session.verdict = {};
    saved.session.advice = {};
    saved.session.profile.measurement.notes.push_back("The file was cut short after what was measured; the verdict is made anew from that.");
  }
  std::string wanted;
  for (const std::string_view schema : schemas) {
    if (saved.schema == schema) return schema == LintResult{}.schema ? SavedResult(std::move(saved.lint)) : SavedResult(std::move(saved.session));
    wanted += (wanted.empty() ? "'" : " or '") + std::string(schema) + "'";
  }
  constexpr std::size_t kMostOfSchema = 100;
  return fail(Error::Kind::bad_input, origin + ": schema is '" + saved.schema.substr(0, kMostOfSchema) + "', expected " + wanted,
              "Give a file that this version of concadvise wrote.");
}

json_reader::NextPiece pieces_of(std::string_view text) {
  return [text]() mutable { return std::exchange(text, {}); };
}

constexpr std::size_t kPiece = std::size_t{1} << 16U;

json_reader::NextPiece pieces_of(std::istream& in) {
  return [&in, piece = std::string(kPiece, '\0')]() mutable {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    return std::string_view(piece.data(), static_cast<std::size_t>(in.gcount()));
  };
}

template <typename T>
Result<T> only(Result<SavedResult> loaded) {
  return std::move(loaded).map([](SavedResult saved) { return std::get<T>(std::move(saved)); });
}

}  // namespace

std::string session_to_json(const Session& session, JsonForm form) {
  json out = session.profile;
  out["verdict"] = session.verdict;
  out["advice"] = session.advice;
  return dump(out, form);
}

Result<Session> session_from_json(std::string_view text, const std::string& origin) {
  return only<Session>(load(pieces_of(text), origin, {Profile{}.schema}));
}

Result<Session> session_from_json(std::istream& in, const std::string& origin) {
  return only<Session>(load(pieces_of(in), origin, {Profile{}.schema}));
}

std::string lint_to_json(const LintResult& result, JsonForm form) { return dump(json(result), form); }

Result<LintResult> lint_from_json(std::string_view text, const std::string& origin) {
  return only<LintResult>(load(pieces_of(text), origin, {LintResult{}.schema}));
}

Result<SavedResult> result_from_json(std::istream& in, const std::string& origin) {
  return load(pieces_of(in), origin, {Profile{}.schema, LintResult{}.schema});
}

}  // namespace concadvise
