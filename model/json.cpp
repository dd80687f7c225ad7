#include "model/json.h"

#include <nlohmann/json.hpp>
#include <type_traits>

namespace concadvise {

using json = nlohmann::ordered_json;

void to_json(json& out, State state) { out = name_of(state); }

void from_json(const json& in, State& state) { state = state_named(in.get<std::string>()).value_or(State::other); }

void to_json(json& out, const StateTimes& times) {
  out = json::object();
  for (State state : kAllStates) out[std::string(name_of(state))] = times[state];
}

void from_json(const json& in, StateTimes& times) {
  for (State state : kAllStates) times[state] = in.value(std::string(name_of(state)), 0.0);
}

void to_json(json& out, const Interval& interval) { out = json::array({interval.low, interval.high}); }

void from_json(const json& in, Interval& interval) {
  interval.low = in.at(0).get<double>();
  interval.high = in.at(1).get<double>();
}

// The JSON keys are the member names; the contract is the header. The library's own macro of this kind knows only the
// type that sorts its keys.
#define CONCADVISE_JSON(Type, ...)                                                                        \
  void to_json(json& nlohmann_json_j, const Type& nlohmann_json_t) {                                      \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(NLOHMANN_JSON_TO, __VA_ARGS__))                              \
  }                                                                                                       \
  void from_json(const json& nlohmann_json_j, Type& nlohmann_json_t) {                                    \
    const Type nlohmann_json_default_obj{};                                                               \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(NLOHMANN_JSON_FROM_WITH_DEFAULT, __VA_ARGS__))               \
  }
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
CONCADVISE_JSON(Loop, pid, tid, kind, framework, iterations, waiting_s, busy_s, blocked_s, longest_stall_s,
                connections_inbound, connections_outbound, listens, requests_waiting, requests_waiting_most, stalls)
CONCADVISE_JSON(Pool, pid, name, kind, size, busy_mean, waiting_mean, parked_mean, states, tids)
CONCADVISE_JSON(HotSpot, state, seconds, share, count, stack)
CONCADVISE_JSON(Window, start_s, end_s, path, cores, runnable, locked, waits)
CONCADVISE_JSON(Profile, schema, tool, target, machine, measurement, shares, processes, threads, loops, pools, waits,
                hot_spots, windows)
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

// `class` is a C++ keyword, so this one is spelled out.
void to_json(json& out, const Verdict& verdict) {
  out = json{{"class", verdict.klass},           {"resource", verdict.resource},
             {"confidence", verdict.confidence}, {"summary", verdict.summary},
             {"confidence_why", verdict.confidence_why}, {"nearest", verdict.nearest},
             {"ruled_out", verdict.ruled_out}};
}

void from_json(const json& in, Verdict& verdict) {
  verdict.klass = in.value("class", verdict.klass);
  verdict.resource = in.value("resource", std::string{});
  verdict.confidence = in.value("confidence", 0.0);
  verdict.summary = in.value("summary", std::string{});
  verdict.confidence_why = in.value("confidence_why", std::vector<std::string>{});
  verdict.nearest = in.value("nearest", std::string{});
  verdict.ruled_out = in.value("ruled_out", std::vector<RuledOut>{});
}

namespace {

std::string dump(const json& value, JsonForm form) {
  const bool compact = form == JsonForm::compact_ascii;
  return value.dump(compact ? -1 : 1, ' ', compact, json::error_handler_t::replace) + "\n";
}

constexpr std::size_t kMostOfMessage = 300;

template <typename Read>
auto load(std::string_view text, const std::string& origin, std::string_view schema, Read read, const json::parser_callback_t& on_part = nullptr)
    -> Result<decltype(read(json{}))> {
  try {
    const json value = json::parse(text, on_part);
    const std::string found = value.is_object() ? value.value("schema", std::string{}) : std::string{};
    if (found != schema)
      return fail(Error::Kind::bad_input,
                  origin + ": schema is '" + found + "', expected '" + std::string(schema) + "'",
                  "Give a file that this version of concadvise wrote.");
    return read(value);
  } catch (const json::exception& error) {
    // The parser quotes what it read last, which may be a very long string.
    std::string what = error.what();
    what = what.substr(what.find("] ") == std::string::npos ? 0 : what.find("] ") + 2);
    what = what.substr(0, what.find("; last read"));
    return fail(Error::Kind::bad_input, origin + ": not a whole result file: " + what.substr(0, kMostOfMessage),
                "The file was cut short or is not from concadvise; measure again.");
  }
}

}  // namespace

std::string session_to_json(const Session& session, JsonForm form) {
  json out = session.profile;
  out["verdict"] = session.verdict;
  out["advice"] = session.advice;
  return dump(out, form);
}

namespace {

// Moves each element of a session's long lists into the profile as soon as it is read, and drops it from the document: the
// whole document would be several times the size of the text. A list is emptied first, so that of two the last one counts.
class ListReader {
 public:
  explicit ListReader(Profile& into) : profile_(into) {}

  /// As nlohmann::json's parser callback: false drops what was parsed.
  bool operator()(int depth, json::parse_event_t event, json& parsed) {
    if (depth == 1 && event == json::parse_event_t::key) take_next(parsed.get_ref<const std::string&>());
    if (add_ == nullptr || depth != 2 || event != json::parse_event_t::object_end) return true;
    add_(profile_, parsed);
    return false;
  }

 private:
  template <auto list>
  static void add(Profile& profile, const json& parsed) {
    auto& all = profile.*list;
    all.push_back(parsed.get<typename std::remove_reference_t<decltype(all)>::value_type>());
  }

  template <auto list>
  void take(std::string_view name, std::string_view key) {
    if (name != key) return;
    (profile_.*list).clear();
    add_ = add<list>;
  }

  void take_next(std::string_view key) {
    add_ = nullptr;
    take<&Profile::processes>("processes", key);
    take<&Profile::threads>("threads", key);
    take<&Profile::waits>("waits", key);
    take<&Profile::hot_spots>("hot_spots", key);
    take<&Profile::windows>("windows", key);
  }

  Profile& profile_;
  void (*add_)(Profile& profile, const json& parsed) = nullptr;
};

}  // namespace

Result<Session> session_from_json(std::string_view text, const std::string& origin) {
  Profile lists;
  const auto read = [&lists](const json& value) {
    Session session;
    session.profile = value.get<Profile>();
    session.profile.processes = std::move(lists.processes);
    session.profile.threads = std::move(lists.threads);
    session.profile.waits = std::move(lists.waits);
    session.profile.hot_spots = std::move(lists.hot_spots);
    session.profile.windows = std::move(lists.windows);
    if (value.contains("verdict")) session.verdict = value.at("verdict").get<Verdict>();
    if (value.contains("advice")) session.advice = value.at("advice").get<Advice>();
    return session;
  };
  return load(text, origin, lists.schema, read, ListReader(lists));
}

std::string lint_to_json(const LintResult& result, JsonForm form) { return dump(json(result), form); }

Result<LintResult> lint_from_json(std::string_view text, const std::string& origin) {
  return load(text, origin, LintResult{}.schema, [](const json& value) { return value.get<LintResult>(); });
}

}  // namespace concadvise
