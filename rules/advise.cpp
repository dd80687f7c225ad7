#include "rules/advise.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "rules/cpu_use.h"
#include "rules/explain.h"
#include "rules/join.h"
#include "rules/source_place.h"
#include "rules/texts.h"
#include "rules/wording.h"
#include "rules/work.h"

namespace concadvise {
namespace {

constexpr std::array<std::string_view, 5> kModels = {"threads", "async", "parallel", "async+parallel", "synchronous"};
constexpr std::size_t kFindingsShown = 5;

std::string seconds(double value) { return value < 1e-3 ? fmt::format("{:.0f} us", 1e6 * value) : value < 1 ? fmt::format("{:.0f} ms", 1e3 * value) : fmt::format("{:.2f} s", value); }

std::string bytes(double value) {
  return value < 1024 * 1024 ? fmt::format("{:.1f} KiB", value / 1024) : fmt::format("{:.1f} MiB", value / 1024 / 1024);
}

std::string percent(double share) { return fmt::format("{:.0f}", 100 * share); }

/// The text whose wording fits a model when it is a candidate and not the leaf.
std::string leaf_for(std::string_view model) { return model == "async+parallel" ? "async-parallel" : std::string(model); }

/// A command line as a shell would take it.
std::string shell_words(const std::vector<std::string>& command) {
  std::string out;
  for (const std::string& word : command) {
    const bool plain = !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%") == std::string::npos;
    std::string quoted = word;
    for (std::size_t at = 0; (at = quoted.find('\'', at)) != std::string::npos; at += 4) quoted.replace(at, 1, "'\\''");
    out += (out.empty() ? "" : " ") + (plain ? word : "'" + quoted + "'");
  }
  return out;
}

std::string verify_command(const Profile& profile) {
  if (profile.target.attached)
    return fmt::format("concadvise profile -o after -p {} --duration {:.0f} && concadvise compare concadvise.json after.json",
                       profile.target.pids.empty() ? 0 : profile.target.pids.front(), std::max(1.0, profile.measurement.wall_s));
  return "concadvise profile -o after -- " + shell_words(profile.target.command) + " && concadvise compare concadvise.json after.json";
}

/// What a call that waits in this state is to whoever wrote it.
std::string_view call_of(State state) {
  switch (state) {
    case State::timer: return "a sleep";
    case State::disk:
    case State::fault: return "a file";
    case State::network: return "a network answer";
    case State::ipc: return "another process";
    case State::child: return "a child process";
    case State::lock: return "a lock";
    case State::gil: return "the GIL";
    case State::handoff: return "another thread";
    default: return "a blocking call";
  }
}

const HotSpot* hottest(const Profile& profile) {
  for (const HotSpot& spot : profile.hot_spots)
    if (spot.state == State::on_cpu) return &spot;
  return nullptr;
}

class Adviser {
 public:
  explicit Adviser(const Facts& facts)
      : f_(facts), walk_(Flowchart::builtin().walk(facts.metrics, facts.thresholds)), threads_(work_of(facts.profile)),
        waiting_(waiting_of(facts.profile, threads_)), trouble_(loop_trouble(facts.profile)), own_module_(own_module_of(facts.profile)) {}

  Advice run() {
    out_.model = Flowchart::builtin().model_of(walk_.leaf);
    out_.path = walk_.path;
    find_places();
    const LeafText text = leaf_text(text_leaf(), f_.profile.target.language);
    out_.implementation = filled(text.implementation, places_);
    out_.summary = filled(text.summary, places_);
    evidence();
    predictions();
    rule_out();
    actions(text);
    closeness();
    return std::move(out_);
  }

 private:
  double m(const char* name) const { return f_.metrics.value(name); }
  void put(const char* name, std::string value) { places_[name] = std::move(value); }

  /// A sleep needs no thread to move to: it becomes the loop's own timer.
  std::string text_leaf() const {
    const bool sleeps = trouble_.worst != nullptr && trouble_.worst->state == State::timer;
    if (walk_.leaf == "keep-all-cpus" && waits_for_memory()) return "keep-memory";
    return walk_.leaf == "unblock-loop-wait" && sleeps ? "unblock-loop-sleep" : walk_.leaf;
  }

  bool waits_for_memory() const { return f_.verdict.resource == "memory"; }

  void find_places() {
    const Frame* wait_frame = waiting_.site == nullptr ? nullptr : own_frame(waiting_.site->stack, own_module_);
    const Frame* stall_frame = trouble_.worst == nullptr ? nullptr : own_frame(trouble_.worst->stack, own_module_);
    const HotSpot* hot = hottest(f_.profile);
    const Frame* hot_frame = hot == nullptr ? nullptr : own_frame(hot->stack, own_module_);
    const bool stalled = out_.model == "unblock-loop";
    const bool computes = f_.verdict.klass == "cpu-bound" || f_.verdict.klass == "mixed" || f_.verdict.resource == "gil";
    const std::vector<Frame>* stack = stalled && stall_frame != nullptr ? &trouble_.worst->stack : computes && hot_frame != nullptr ? &hot->stack
                                      : wait_frame != nullptr           ? &waiting_.site->stack : nullptr;
    if (walk_.leaf == "reduce-contention")
      for (const Wait& wait : f_.profile.waits)
        if (wait.state == State::lock) { stack = &wait.stack; break; }
    const Frame* frame = stack == nullptr ? nullptr : own_frame(*stack, own_module_);
    place_ = place_of(frame);
    const std::string way = stack == nullptr ? std::string() : place_with_callers(*stack, own_module_);
    const std::string what = stalled && trouble_.worst != nullptr ? trouble_.worst->what : waiting_.site != nullptr ? waiting_.site->what : "";
    put("where", !way.empty() ? way : !what.empty() ? what : "a place that the stacks do not tell");
    put("function", frame != nullptr && !frame->function.empty() ? frame->function : "work");
    const State stall_state = trouble_.worst != nullptr ? trouble_.worst->state : State::other;
    put("stall", what.empty() ? "a blocking call" : fmt::format("{} ({})", call_of(stall_state), what));
    put("blocking_call", blocking_call());
    numbers();
  }

  /// The function that the user's own code called and that blocked: the frame below it, where there is one.
  std::string blocking_call() const {
    if (trouble_.worst == nullptr) return "blocking_call";
    const Frame* own = own_frame(trouble_.worst->stack, own_module_);
    return own == nullptr || own->function.empty() ? "blocking_call" : own->function;
  }

  void numbers() {
    const Workload& w = f_.work;
    const std::string resource = f_.verdict.resource;
    put("workers", std::to_string(workers_for_waits(w)));
    put("cpus", std::to_string(workers_for_compute(w)));
    put("fourfold", std::to_string(4 * workers_for_compute(w)));
    put("resource", resource == "disk" ? "the disk" : resource == "network" ? "the network" : resource == "timer" ? "timers"
                    : resource == "child" ? "child processes" : resource == "ipc" ? "other processes" : "something outside");
    put("longest", fmt::format("{:.3g}", m("longest_wait_s")));
    put("count", fmt::format("{:.0f}", w.waits));
    put("overlap", fmt::format("{:.1f}", m("overlap")));
    put("libraries", libraries_named());
    put("threads", fmt::format("{:.0f}", m("threads_peak")));
    put("compute", percent(m("compute_share")));
    put("wait", percent(m("wait_share")));
    put("idle", percent(m("idle_share")));
    put("cores", fmt::format("{:.2f}", m("cores_computing")));
    put("cores_share", percent(m("cores_computing_share")));
    put("cpus_why", f_.profile.machine.cpus_usable_why);
    put("blocked", fmt::format("{:.1f}", m("blocked")));
    put("lock", percent(m("lock_share")));
    put("demand", fmt::format("{:.1f}", m("demand")));
    put("self_wait", percent(m("self_wait_share")));
    put("stalls", fmt::format("{:.0f}", std::max(1.0, trouble_.worst == nullptr ? 1.0 : trouble_.worst->count)));
    // Beside the worst stall's count stand its own seconds; without one the loop's sum.
    const bool of_worst = out_.model == "unblock-loop" && trouble_.worst != nullptr;
    put("blocked_loop", fmt::format("{:.2f}", of_worst ? trouble_.worst->seconds : trouble_.blocked_s));
    put("longest_stall", fmt::format("{:.3g}", std::max({trouble_.longest_blocked_s, trouble_.longest_computing_s, trouble_.worst == nullptr ? 0 : longest_of(*trouble_.worst)})));
    put("work", fmt::format("{:.3f}", w.cpu_s));
    put("thread_memory", bytes(w.python ? f_.costs.python_thread_bytes : f_.costs.native_thread_bytes));
    put("task_memory", w.python ? bytes(f_.costs.python_task_bytes) : "about its locals");
    put("process_memory", bytes(f_.costs.python_process_bytes));
    put("process_start", seconds(f_.costs.python_processes_s));
    const CpuUse use = cpu_use_of(f_.profile);
    put("machinery", percent(m("machinery_share")));
    put("cpu", fmt::format("{:.2f}", w.cpu_s));
    put("own", fmt::format("{:.2f}", w.cpu_s * w.own_share));
    put("handed_over", handed_over());
    put("released", percent(m("released_share")));
    put("released_library", use.library.empty() ? "the library" : use.library);
    put("memory_stalled", percent(m("memory_stalled")));
    put("ipc", fmt::format("{:.2g}", m("ipc")));
    put("misses", fmt::format("{:.3g}", m("cache_misses")));
    put("summary", f_.verdict.summary);
  }

  /// What the process pool that hands over most moved: a clause, or nothing.
  std::string handed_over() const {
    const Pool* most = nullptr;
    for (const Pool& pool : f_.profile.pools)
      if (pool.transfer_s > 0 && pool.to_workers_bytes >= 0 && (most == nullptr || pool.transfer_s > most->transfer_s)) most = &pool;
    if (most == nullptr) return {};
    return fmt::format(", {} of it packing and moving at most {} to the workers and {} back", seconds(most->transfer_s), bytes(most->to_workers_bytes),
                       bytes(most->from_workers_bytes));
  }

  std::string libraries_named() const {
    std::string out;
    for (const Library* library : f_.stack.found)
      if (library->kind != "blocking") out += (out.empty() ? "" : ", ") + library->name;
    return out.empty() ? "Asio, libuv or io_uring" : out;
  }

  /// What the node about the stack rests on, and the places that others rest on.
  void evidence() {
    for (Step& step : out_.path) {
      if (step.node == "stack") {
        step.evidence.insert(step.evidence.end(), f_.stack.evidence.begin(), f_.stack.evidence.end());
        for (const std::string& library : f_.stack.replace) step.evidence.push_back("for async, replace " + library);
      }
      if ((step.node == "loop-blocked" || step.node == "loop-computes") && trouble_.worst != nullptr)
        step.evidence.push_back(fmt::format("{}: {:.0f} times, {:.2f} s, longest {:.3g} s, at {}", trouble_.worst->what, trouble_.worst->count,
                                            trouble_.worst->seconds, longest_of(*trouble_.worst), places_["where"]));
      if ((step.node == "overlapped" || step.node == "several-waits") && waiting_.site != nullptr)
        step.evidence.push_back(fmt::format("{}: {:.0f} waits, {:.2f} s in all, longest {:.3g} s", waiting_.site->what, size_of(*waiting_.site).count,
                                            waiting_.site->seconds, size_of(*waiting_.site).longest_s));
    }
  }

  Prediction candidate(const std::string& model) const {
    Prediction out = predict(f_.work, model, f_.costs, f_.profile.target.attached);
    const std::string leaf = model == out_.model ? text_leaf() : leaf_for(model);
    out.implementation = filled(leaf_text(leaf, f_.profile.target.language).implementation, places_);
    out.verify = verify_command(f_.profile);
    return out;
  }

  void predictions() {
    if (walk_.leaf == "insufficient-data") return;
    out_.predictions.push_back(candidate(out_.model));
    for (std::string_view model : kModels)
      if (model != out_.model) out_.predictions.push_back(candidate(std::string(model)));
  }

  std::string reason_against(const Prediction& other) const {
    const double wall = f_.work.wall_s;
    const std::string range = fmt::format("{:.3g} to {:.3g} s predicted, {:.3g} s measured", other.wall_s.low, other.wall_s.high, wall);
    if (other.wall_s.low > 1.02 * wall) return range + ": a loss";
    if (other.gain_high < 1.2) return range + ": nothing to gain";
    if (out_.model == "keep" && f_.work.rounds > 0) return range + ": with more waits in flight, if the other side serves them; the model stays";
    const Prediction& best = out_.predictions.front();
    const bool slower = other.wall_s.low + other.wall_s.high > 1.1 * (best.wall_s.low + best.wall_s.high);
    if (slower) return range + ": slower than what is recommended";
    if (other.model == "async" && f_.stack.known && f_.stack.async_share < 0.5) return range + ": no faster, and its libraries block (" + listed(f_.stack.replace) + ")";
    return range + ": no faster than what is recommended, and a larger change";
  }

  static std::string listed(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
    return out.empty() ? "none found" : out;
  }

  void rule_out() {
    for (const Prediction& other : out_.predictions)
      if (other.model != out_.model) out_.ruled_out.push_back({other.model, reason_against(other)});
    if (!out_.predictions.empty()) return;
    for (std::string_view model : kModels) out_.ruled_out.push_back({std::string(model), "not judged: " + f_.verdict.summary});
  }

  void actions(const LeafText& text) {
    Action first;
    first.title = filled(text.title, places_);
    first.why = filled(text.why, places_);
    first.where = place_;
    first.sketch = filled(text.sketch, places_);
    first.risk = filled(text.risk, places_) + (text.cost.empty() || text.cost == "None." ? "" : " Cost: " + filled(text.cost, places_));
    first.when_not = filled(text.when_not, places_);
    first.verify = verify_command(f_.profile);
    first.effort = text.effort;
    first.confidence = f_.verdict.confidence;
    if (!out_.predictions.empty() && f_.work.wall_s > 0) {
      const Interval& range = out_.predictions.front().wall_s;
      first.gain = std::clamp(1 - (range.low + range.high) / 2 / f_.work.wall_s, 0.0, 1.0);
      if (Flowchart::builtin().model_of(walk_.leaf) == "keep") first.gain = 0;
    }
    out_.actions.push_back(std::move(first));
    more_workers();
    less_memory();
    faster_code();
    findings();
  }

  /// A pool whose workers always had another wait to begin with may be too small: only the other side knows.
  void more_workers() {
    if (f_.work.rounds <= 0 || out_.model != "keep") return;
    const auto more = std::find_if(out_.predictions.begin(), out_.predictions.end(), [](const Prediction& one) { return one.model == "threads"; });
    const double size = f_.work.waits / f_.work.rounds;
    Action action;
    action.title = fmt::format("Try more workers than {:.0f}", size);
    action.why = fmt::format("None of the {:.0f} workers was ever without work: each worked off {:.0f} waits of {:.3g} s, one after the other.", size, f_.work.rounds,
                             f_.work.all_waits_s / f_.work.waits);
    action.where = place_;
    action.risk = "The other side must bear more requests at once; a limit of its own shows as longer waits.";
    action.when_not = "When the pool's size is the agreed limit, or the workers pace themselves.";
    action.verify = fmt::format("concadvise verify --knob WORKERS={:.0f},{:.0f},{:.0f},{:.0f} -- {}", size, 2 * size, 4 * size, 8 * size,
                                f_.profile.target.command.empty() ? "COMMAND" : shell_words(f_.profile.target.command));
    action.gain = more == out_.predictions.end() || f_.work.wall_s <= 0 ? 0 : std::clamp(1 - (more->wall_s.low + more->wall_s.high) / 2 / f_.work.wall_s, 0.0, 1.0);
    action.confidence = 0.5 * f_.verdict.confidence;
    action.effort = "small";
    out_.actions.push_back(std::move(action));
  }

  /// Cores that wait for memory wait for it in every model.
  void less_memory() {
    if (!waits_for_memory()) return;
    const LeafText text = leaf_text("touch-less-memory", f_.profile.target.language);
    Action action;
    action.title = filled(text.title, places_);
    action.why = filled(text.why, places_);
    action.where = place_;
    action.sketch = filled(text.sketch, places_);
    action.risk = text.risk;
    action.when_not = text.when_not;
    action.verify = verify_command(f_.profile);
    action.confidence = f_.verdict.confidence;
    action.effort = text.effort;
    out_.actions.push_back(std::move(action));
  }

  /// Where another model gains nothing, the hottest function is what is left.
  void faster_code() {
    const HotSpot* hot = hottest(f_.profile);
    if (hot == nullptr || m("compute_share") < 0.5 || hot->share < 0.1) return;
    const Frame* frame = own_frame(hot->stack, own_module_);
    if (frame == nullptr) return;
    Action action;
    action.title = "Look at " + frame->function + " first";
    action.why = fmt::format("{:.0f} % of the CPU time is spent there: less work there helps in every model.", 100 * hot->share);
    action.where = place_of(frame);
    action.risk = "That of changing an algorithm.";
    action.when_not = "When it is as good as it gets.";
    action.verify = verify_command(f_.profile);
    action.confidence = f_.verdict.confidence * std::min(1.0, static_cast<double>(f_.profile.measurement.cpu_samples) / 100);
    action.effort = "medium";
    out_.actions.push_back(std::move(action));
  }

  /// What lint found, by what it was seen to cost; then the stalls that nothing in the source explains.
  void findings() {
    if (f_.lint == nullptr) return;
    const Joined joined = join(f_.profile, *f_.lint);
    std::size_t shown = 0;
    for (const Finding& finding : joined.lint.findings) {
      if (finding.suppressed || (finding.severity == "note" && finding.seen_s <= 0) || shown == kFindingsShown) continue;
      ++shown;
      out_.actions.push_back(action_for(finding));
    }
    if (joined.unexplained.empty() || joined.unexplained.front().seconds < 0.02 * f_.work.wall_s) return;
    const Stall& stall = joined.unexplained.front();
    Action action;
    action.title = "A stall of the event loop that no finding explains: " + stall.what;
    action.why = fmt::format("The loop was stopped {:.0f} times, {:.2f} s in all, up to {:.3g} s at once.", stall.count, stall.seconds, longest_of(stall));
    action.where = place_of(own_frame(stall.stack, own_module_));
    action.risk = "None: it is a place to look at.";
    action.when_not = "When it is the start-up.";
    action.verify = verify_command(f_.profile);
    action.gain = std::min(1.0, stall.seconds / f_.work.wall_s);
    action.confidence = 0.5;
    action.effort = "small";
    out_.actions.push_back(std::move(action));
  }

  Action action_for(const Finding& finding) const {
    Action action;
    action.title = finding.rule + ": " + finding.message;
    action.why = finding.seen_s > 0 ? fmt::format("Seen while it ran: {:.0f} times, {:.2f} s in all, up to {:.3g} s at once.", finding.seen_count, finding.seen_s, finding.seen_longest_s)
                                    : "Never seen while it was measured.";
    action.where = finding.function.empty() ? fmt::format("{}:{}", finding.file, finding.line) : fmt::format("{} ({}:{})", finding.function, finding.file, finding.line);
    action.sketch = finding.fix;
    action.risk = "See `concadvise explain " + finding.rule + "`.";
    action.when_not = "When this code never runs on the path that matters.";
    action.verify = "concadvise lint " + finding.file;
    action.gain = f_.work.wall_s > 0 ? std::clamp(finding.seen_s / f_.work.wall_s, 0.0, 1.0) : 0;
    action.confidence = finding.confidence;
    action.effort = "small";
    return action;
  }

  /// Close to a border the advice names both sides and the deciding fact.
  void closeness() {
    if (!walk_.other_leaf.empty()) {
      const auto step = std::find_if(out_.path.begin(), out_.path.end(), [this](const Step& s) { return s.node == walk_.other_node; });
      out_.summary += fmt::format(" This is close: between {} and {}.", out_.model, Flowchart::builtin().model_of(walk_.other_leaf));
      // The verdict may hang on the same number and says so itself.
      const std::string deciding = words_of(step->metric);
      if (f_.verdict.nearest.find(deciding.substr(1)) == std::string::npos)
        out_.summary += fmt::format(" What decides is {} ({}, threshold {}).", deciding, value_words(step->measured, step->unit), value_words(step->threshold, step->unit));
    }
    for (const auto& [name, threshold] : f_.thresholds)
      if (threshold.adjusted) out_.summary += fmt::format(" The project's configuration moved the threshold {} to {:g}.", name, threshold.value);
  }

  const Facts& f_;
  const Walk walk_;
  const Work threads_;
  const Waiting waiting_;
  const LoopTrouble trouble_;
  const std::string own_module_;
  std::string place_;
  Places places_;
  Advice out_;
};

}  // namespace

Advice advise(const Facts& facts) { return Adviser(facts).run(); }

Advice advise_unmeasured(const LintResult& lint) {
  Advice out;
  out.model = "keep";
  const auto has = [&](std::initializer_list<std::string_view> rules) {
    return std::any_of(lint.findings.begin(), lint.findings.end(), [&](const Finding& finding) {
      return !finding.suppressed && std::find(rules.begin(), rules.end(), finding.rule) != rules.end();
    });
  };
  if (has({"blocking-in-coroutine", "blocking-in-callback", "wait-in-async", "sync-over-async", "compute-in-async"})) out.model = "unblock-loop";
  else if (has({"serialized-pool", "blocking-under-lock"})) out.model = "reduce-contention";
  else if (has({"compute-in-threads-gil"})) out.model = "parallel";
  else if (has({"io-in-compute-pool", "serial-await"})) out.model = "threads";
  out.implementation = "unmeasured";
  const std::string join = "concadvise profile --lint PATH -- COMMAND";
  out.summary = out.model == "keep" ? fmt::format("Unmeasured: nothing in the source speaks for another model. Only a measurement says where the time goes: {}", join)
                                    : fmt::format("Unmeasured. What the source suggests: {} Only a measurement says whether it matters: {}", model_summary(out.model), join);
  Action action;
  action.title = "Measure before changing anything";
  action.why = "Source shows what could block, not how often nor for how long.";
  action.risk = "None.";
  action.when_not = "Never.";
  action.verify = "concadvise profile -o run -- COMMAND && concadvise report run.json lint.json -o report.html";
    action.effort = "small";
  out.actions.push_back(std::move(action));
  return out;
}

}  // namespace concadvise
