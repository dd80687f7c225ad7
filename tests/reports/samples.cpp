#include "tests/reports/samples.h"

#include <fmt/format.h>

#include <cmath>
#include <random>

#include "model/bands.h"

namespace concadvise::samples {
namespace {

StateTimes times(std::initializer_list<std::pair<State, double>> values) {
  StateTimes out;
  for (const auto& [state, value] : values) out[state] = value;
  return out;
}

Frame frame(std::string function, std::string file, int line, std::string module = "app") {
  Frame out;
  out.function = std::move(function);
  out.file = std::move(file);
  out.line = line;
  out.module = std::move(module);
  return out;
}

Wait wait(State state, std::string what, std::string syscall, double seconds, double count, double longest) {
  Wait out;
  out.state = state;
  out.what = std::move(what);
  out.syscall = std::move(syscall);
  out.seconds = seconds;
  out.count = count;
  out.longest_s = longest;
  out.in_flight = 1;
  return out;
}

Thread thread(int tid, std::string name, double end, StateTimes states, std::string role) {
  Thread out;
  out.pid = 4711;
  out.tid = tid;
  out.name = std::move(name);
  out.end_s = end;
  out.states = states;
  out.role = std::move(role);
  return out;
}

Step step(std::string node, std::string question, std::string metric, double measured, double threshold, std::string unit, bool yes,
          std::string next) {
  Step out;
  out.node = std::move(node);
  out.question = std::move(question);
  out.metric = std::move(metric);
  out.measured = measured;
  out.interval = {measured * 0.97, unit == "share" ? std::min(1.0, measured * 1.03) : measured * 1.03};
  out.threshold = threshold;
  out.unit = std::move(unit);
  out.answer = yes ? "yes" : "no";
  out.distance = measured - threshold;
  out.source = "measured on labelled programs";
  out.next = std::move(next);
  return out;
}

// What every session has: a machine, a command, a measurement.
Session base(std::vector<std::string> command, double wall_s, StateTimes shares) {
  Session out;
  Profile& p = out.profile;
  p.tool.version = "0.1.0";
  p.target.command = std::move(command);
  p.target.pids = {4711};
  p.target.cwd = "/srv/app";
  p.target.started_at = 1700000000;
  p.target.exit_status = 0;
  p.target.ended = true;
  p.target.language = "native";
  p.target.runtime = "glibc 2.36";
  p.machine = {"6.1.0-32-amd64", "AMD EPYC 7B13", 8, 8, "8 online", 32e9, 0.2, 0.01, 0.02, 0};
  Measurement& m = p.measurement;
  m.level = "perf";
  m.wall_s = wall_s;
  m.own_cpu_s = wall_s * 0.004;
  m.own_memory_bytes = 21e6;
  m.path_method = "wait-for sampling";
  m.interval_s = 0.005;
  m.sweeps = static_cast<std::uint64_t>(wall_s * 200);
  m.thread_samples = m.sweeps * 6;
  m.cpu_samples = static_cast<std::uint64_t>(wall_s * 99);
  m.symbols_resolved = 0.97;
  m.cpu_s = wall_s * shares[State::on_cpu];
  m.cpu_seen_s = m.cpu_s;
  m.ladder = {{"procfs", true, "", ""},
              {"perf", true, "", ""},
              {"sched", false, "needs CAP_BPF and CAP_PERFMON", "sudo setcap cap_bpf,cap_perfmon+ep ./concadvise"}};
  p.shares = shares;
  return out;
}

// Slices of the run whose states wander around the given shares, always in the same way.
void add_windows(Session& session, int count, double cores, double runnable) {
  Profile& p = session.profile;
  const double length = p.measurement.wall_s / count;
  for (int i = 0; i < count; ++i) {
    Window window;
    window.start_s = i * length;
    window.end_s = (i + 1) * length;
    const double swing = 1 + 0.6 * std::sin(i * 0.7);
    for (State state : kAllStates) window.path[state] = p.shares[state] * (state == State::on_cpu ? swing : 1);
    window.path = window.path.shares().scaled(length);
    window.cores = cores * (1 + 0.3 * std::sin(i * 0.9));
    window.runnable = runnable * (1 + std::sin(i * 1.3));
    p.windows.push_back(window);
  }
}

// What each thread did in each window: its shares, swinging like the windows.
void add_bands(Session& session) {
  for (Thread& thread : session.profile.threads) {
    const StateTimes shares = thread.states.shares();
    std::vector<Band> bands;
    for (std::size_t i = 0; i < session.profile.windows.size(); ++i) {
      const Window& window = session.profile.windows[i];
      const bool lived = window.start_s < thread.end_s && window.end_s > thread.start_s;
      StateTimes rest = shares;
      rest[State::on_cpu] = 0;
      const double swing = 1 + 0.6 * std::sin(static_cast<double>(i) * 0.7);
      bands.push_back({lived, std::min(1.0, shares[State::on_cpu] * swing), i % 10 == 0 ? State::runnable : rest.largest_wait()});
    }
    thread.bands = bands_to_text(bands);
  }
}

Prediction prediction(std::string model, std::string how, Interval wall, double measured, std::string limit) {
  Prediction out;
  out.model = std::move(model);
  out.implementation = std::move(how);
  out.wall_s = wall;
  out.gain_low = measured / wall.high;
  out.gain_high = measured / wall.low;
  out.assumptions = {"the calls don't depend on each other's answers"};
  out.limit = std::move(limit);
  out.verify = "concadvise compare concadvise-before.json concadvise-after.json";
  return out;
}

}  // namespace

const char* attack() {
  return "</script></style></title></textarea><script>window.pwned=1</script><img src=x onerror='window.pwned=1'>\"'`${7*7}&amp;"
         "\x1b[31m\r\n\t\x07\x7f"
         "\xe2\x80\xae"      // right-to-left override
         "\xe2\x81\xa6"      // left-to-right isolate
         "\xe2\x80\xa8"      // line separator
         "\xff\xfe\xc0\xaf"  // no UTF-8
         "]]>-->";
}

Session blocked_server() {
  Session s = base({"./gateway", "--port", "8080"}, 10.02,
                   times({{State::timer, 0.71}, {State::on_cpu, 0.06}, {State::idle, 0.18}, {State::network, 0.05}}));
  Profile& p = s.profile;
  add_windows(s, 100, 0.07, 0);
  p.threads = {thread(4711, "gateway", 10.02, times({{State::timer, 7.1}, {State::on_cpu, 0.6}, {State::idle, 1.8}, {State::network, 0.52}}), "event loop"),
               thread(4712, "log-writer", 10.0, times({{State::idle, 9.9}, {State::disk, 0.1}}), ""),
               thread(4713, "metrics", 10.0, times({{State::idle, 9.99}, {State::on_cpu, 0.01}}), "")};
  add_bands(s);
  const std::vector<Frame> stack = {frame("clock_nanosleep", "", 0, "libc.so.6"), frame("retry_backoff", "src/upstream.cpp", 88),
                                    frame("Session::on_read", "src/session.cpp", 141), frame("EventLoop::run", "src/loop.cpp", 52), frame("main", "src/main.cpp", 20)};
  Wait sleeping = wait(State::timer, "clock_nanosleep", "clock_nanosleep", 7.1, 142, 0.051);
  sleeping.stack = stack;
  p.waits = {sleeping, wait(State::network, "recvfrom on 10.0.0.7:5432 (tcp, outbound)", "recvfrom", 0.52, 260, 0.004)};
  p.hot_spots = {{State::timer, 7.1, 0.93, 142, stack},
                 {State::on_cpu, 0.31, 0.52, 31, {frame("parse_header", "src/http.cpp", 210), frame("Session::on_read", "src/session.cpp", 133), frame("EventLoop::run", "src/loop.cpp", 52), frame("main", "src/main.cpp", 20)}},
                 {State::on_cpu, 0.29, 0.48, 29, {frame("write_reply", "src/http.cpp", 300), frame("Session::on_read", "src/session.cpp", 160), frame("EventLoop::run", "src/loop.cpp", 52), frame("main", "src/main.cpp", 20)}}};
  Loop loop;
  loop.pid = 4711, loop.tid = 4711, loop.kind = "epoll", loop.iterations = 512, loop.waiting_s = 1.8, loop.busy_s = 0.6, loop.blocked_s = 7.62;
  loop.longest_stall_s = 0.051, loop.connections_inbound = 14, loop.connections_outbound = 1, loop.listens = true;
  loop.stalls = {{"clock_nanosleep", State::timer, 7.1, 142, 0.051, stack}};
  p.loops = {loop};
  s.verdict = {"io-bound", "timer", 0.96, "The event loop of thread 4711 was stopped 76 % of the time by a sleep inside a callback, while 14 connections waited.",
               {}, "Were the loop blocked less than 10 % of its time, it would be judged by its waits alone.",
               {{"cpu-bound", "0.06 of 8 CPUs were in use"}, {"lock-bound", "no thread waited for a lock"}}};
  s.advice.model = "unblock-loop";
  s.advice.implementation = "replace the sleep in retry_backoff by a timer of the loop";
  s.advice.summary = "Async fits this program and stays. One call in a callback stops the whole loop.";
  s.advice.path = {step("enough-data", "Was enough seen to judge?", "looks", 2004, 40, "looks", true, "idle"),
                   step("idle", "Is it idle, waiting for work to be given?", "idle share of the time", 0.18, 0.6, "share", false, "gil"),
                   step("gil", "Do its threads mostly wait for the GIL?", "share behind the GIL", 0, 0.15, "share", false, "lock"),
                   step("lock", "Do its threads mostly wait for a lock while CPUs are free?", "share behind a lock", 0, 0.3, "share", false, "oversubscribed"),
                   step("oversubscribed", "Do more of its threads want a CPU than there are CPUs?", "threads that want a CPU", 0.01, 1.5, "threads per CPU", false, "loop-blocked"),
                   step("loop-blocked", "Is an event loop blocked by a call that waits?", "share of the loop's time", 0.76, 0.05, "share", true, "unblock-loop-wait")};
  s.advice.path.back().evidence = {"thread 4711: 142 stalls, 7.1 s in all, the longest 51.0 ms", "the stall: clock_nanosleep from retry_backoff (src/upstream.cpp:88)"};
  s.advice.path.back().flips = "less than 10 % of the loop's time blocked";
  s.advice.ruled_out = {{"threads", "one event loop already serves 14 connections; threads would hide the sleep, not remove it"},
                        {"parallel", "only 6 % of the time was spent computing"}};
  s.advice.predictions = {prediction("unblock-loop", "a timer of the loop", {2.7, 3.2}, 10.02, "the work that is left: 2.40 s"),
                          prediction("threads", "8 workers", {2.9, 4.1}, 10.02, "142 sleeps over 8 workers")};
  Action action;
  action.title = "Replace the sleep in retry_backoff by a timer of the event loop";
  action.why = "clock_nanosleep stopped the loop 142 times, 7.1 s in all; 14 connections waited meanwhile.";
  action.where = "src/upstream.cpp:88";
  action.sketch = "// before\nstd::this_thread::sleep_for(backoff);\nretry();\n\n// after\ntimer_.expires_after(backoff);\ntimer_.async_wait([this](auto error) {\n  if (!error) retry();\n});";
  action.risk = "the connection can close while the timer runs: cancel it in the destructor";
  action.when_not = "the loop serves this one connection only";
  action.verify = "concadvise profile -o after.json -- ./gateway --port 8080 && concadvise compare concadvise.json after.json";
  action.gain = 0.7, action.confidence = 0.95, action.effort = "small";
  s.advice.actions = {action};
  return s;
}

Session python_fetches() {
  Session s = base({"python3", "fetch_all.py", "--pages", "40"}, 12.4, times({{State::network, 0.93}, {State::on_cpu, 0.06}, {State::other, 0.01}}));
  Profile& p = s.profile;
  p.target.language = "python";
  p.target.runtime = "CPython 3.11.2";
  add_windows(s, 120, 0.06, 0);
  p.threads = {thread(4711, "python3", 12.4, times({{State::network, 11.53}, {State::on_cpu, 0.74}, {State::other, 0.13}}), "main")};
  Frame get = frame("get", "/usr/lib/python3/dist-packages/requests/api.py", 73);
  Frame fetch = frame("fetch_page", "fetch_all.py", 18);
  get.kind = fetch.kind = "python";
  Wait answer = wait(State::network, "recvfrom on 127.0.0.1:8000 (tcp, outbound)", "recvfrom", 11.53, 40, 0.31);
  answer.stack = {get, fetch};
  p.waits = {answer};
  p.hot_spots = {{State::network, 11.53, 1, 40, {get, fetch}}};
  s.verdict = {"io-bound", "network", 0.97, "It waited 93 % of the time for answers from the network, one after the other.", {}, "Were the waiting below 50 %, it would be mixed.",
               {{"cpu-bound", "6 % of the time was spent computing"}}};
  s.advice.model = "threads";
  s.advice.implementation = "ThreadPoolExecutor, 16 workers";
  s.advice.summary = "The program waits for 40 answers one after the other through a library that only blocks.";
  s.advice.path = {step("enough-data", "Was enough seen to judge?", "looks", 2480, 40, "looks", true, "idle"),
                   step("idle", "Is it idle, waiting for work to be given?", "idle share of the time", 0, 0.6, "share", false, "gil"),
                   step("gil", "Do its threads mostly wait for the GIL?", "share behind the GIL", 0, 0.15, "share", false, "lock"),
                   step("lock", "Do its threads mostly wait for a lock while CPUs are free?", "share behind a lock", 0, 0.3, "share", false, "oversubscribed"),
                   step("oversubscribed", "Do more of its threads want a CPU than there are CPUs?", "threads that want a CPU", 0.06, 1.5, "threads per CPU", false, "loop-blocked"),
                   step("loop-blocked", "Is an event loop blocked by a call that waits?", "share of the loop's time", 0, 0.05, "share", false, "self-wait"),
                   step("self-wait", "Do its threads wait for each other's messages while one of them always computes?", "share", 0, 0.3, "share", false, "both-large"),
                   step("both-large", "Are waiting and computing both large?", "the smaller of both", 0.06, 0.3, "share", false, "waiting"),
                   step("waiting", "Does it mostly wait on I/O?", "share of time waiting", 0.93, 0.6, "share", true, "several-waits"),
                   step("several-waits", "Is there more than one wait?", "waits", 40, 1.5, "waits", true, "overlapped"),
                   step("overlapped", "Do the waits already overlap?", "waits at once", 1, 1.5, "waits", false, "loop-healthy"),
                   step("loop-healthy", "Are the waits timers of a healthy event loop?", "share", 0, 0.3, "share", false, "many-connections"),
                   step("many-connections", "A thousand connections at once, or more?", "connections", 1, 1000, "connections", false, "stack"),
                   step("stack", "Is the stack async-compatible?", "evidence for it", 0, 0.5, "share", false, "threads")};
  s.advice.path[5].answer = "not-enough-data";
  s.advice.ruled_out = {{"async", "requests has no async API; replacing it by httpx is more work than a pool"}};
  s.advice.predictions = {prediction("threads", "ThreadPoolExecutor, 16 workers", {1.1, 1.6}, 12.4, "40 waits over 16 workers"),
                          prediction("async", "asyncio with httpx", {1.0, 1.4}, 12.4, "the CPU time, 0.74 s"),
                          prediction("parallel", "8 processes", {1.9, 2.8}, 12.4, "start-up of 8 interpreters")};
  Action action;
  action.title = "Fetch the pages with a thread pool";
  action.why = "40 waits of 0.29 s each, one after the other.";
  action.where = "fetch_all.py:18";
  action.sketch = "with ThreadPoolExecutor(max_workers=16) as pool:\n    pages = list(pool.map(fetch_page, urls))";
  action.gain = 0.87, action.confidence = 0.9, action.effort = "small";
  action.verify = "concadvise profile -- python3 fetch_all.py --pages 40";
  s.advice.actions = {action};
  return s;
}

Session healthy_service() {
  Session s = base({"nginx", "-g", "daemon off;"}, 30, times({{State::idle, 0.64}, {State::on_cpu, 0.33}, {State::network, 0.03}}));
  s.profile.target.attached = true;
  add_windows(s, 150, 1.3, 0.05);
  for (int i = 0; i < 4; ++i)
    s.profile.threads.push_back(thread(4711 + i, "nginx", 30, times({{State::idle, 19.2}, {State::on_cpu, 9.9}, {State::network, 0.9}}), "event loop"));
  Pool pool;
  pool.pid = 4711, pool.name = "nginx workers", pool.kind = "processes", pool.size = 4, pool.busy_mean = 1.3, pool.parked_mean = 2.6, pool.waiting_mean = 0.1;
  pool.states = times({{State::idle, 76.8}, {State::on_cpu, 39.6}, {State::network, 3.6}});
  s.profile.pools = {pool};
  s.verdict = {"io-bound", "network", 0.91, "Event loops that are ready when work comes: 64 % idle, never blocked.", {}, "At 85 % of its CPUs it would be cpu-bound.", {}};
  s.advice.model = "keep";
  s.advice.summary = "It already has the model that fits.";
  s.advice.path = {step("enough-data", "Is there enough data?", "duration", 30, 0.5, "s", true, "busy"),
                   step("loop-blocked", "Is an event loop blocked, or does it compute?", "share of the loop's time", 0.01, 0.1, "share", false, "overlapped"),
                   step("overlapped", "Are the waits already overlapped?", "waits at once", 118, 1.5, "waits", true, "keep")};
  return s;
}

Session mixed_pipeline() {
  Session s = base({"./thumbnails", "in/", "out/"}, 20, times({{State::network, 0.42}, {State::on_cpu, 0.47}, {State::disk, 0.08}, {State::runnable, 0.03}}));
  add_windows(s, 160, 0.5, 0.1);
  s.profile.threads = {thread(4711, "thumbnails", 20, times({{State::network, 8.4}, {State::on_cpu, 9.4}, {State::disk, 1.6}, {State::runnable, 0.6}}), "main")};
  s.verdict = {"mixed", "network", 0.83, "It computes 47 % and waits 50 % of the time, in turns.", {"the shares change over the run: 31 % to 62 % computing"},
               "Were it computing less than 25 %, it would be io-bound.", {}};
  s.advice.model = "async+parallel";
  s.advice.implementation = "a reader that fetches ahead, 8 workers that resize";
  s.advice.summary = "Fetch ahead while the cores resize.";
  s.advice.path = {step("enough-data", "Is there enough data?", "duration", 20, 0.5, "s", true, "both"),
                   step("both", "Are waiting and computing both large?", "the smaller of both", 0.47, 0.25, "share", true, "async+parallel")};
  s.advice.predictions = {prediction("async+parallel", "8 workers", {1.6, 3.1}, 20, "CPU time over 8 CPUs"), prediction("parallel", "8 workers", {2.4, 3.6}, 20, "")};
  // As many of both as real programs get, so that the summary is as long.
  for (const char* model : {"async", "threads", "unblock-loop", "synchronous"}) s.advice.predictions.push_back(prediction(model, "one way or another", {8, 12}, 20, "the longest single wait, 0.3 s, and the computing, 9.4 s"));
  for (int i = 0; i < 5; ++i) {
    Action action;
    action.title = fmt::format("Do the {}. thing at resize_image (src/thumbnails/resize.cpp:{})", i + 1, 100 + i);
    action.why = "Computing stops the fetching 612 times, 9.4 s in all; the next picture waits meanwhile.";
    action.where = fmt::format("resize_image (src/thumbnails/resize.cpp:{})", 100 + i);
    action.sketch = "auto next = fetch(url);\nco_await post(pool, use_awaitable);\nauto small = resize(picture);\n";
    action.risk = "Two models at once: hand over whole pictures, and bound the queue between them.";
    action.when_not = "When one of the two falls below a third once it is measured again.";
    action.verify = "concadvise profile -o after -- ./thumbnails in/ out/ && concadvise compare concadvise.json after.json";
    action.gain = 0.5, action.confidence = 0.8, action.effort = "medium";
    s.advice.actions.push_back(action);
  }
  return s;
}

Session too_short() {
  Session s = base({"true"}, 0.002, StateTimes{});
  s.profile.measurement.cpu_samples = 3;
  s.profile.measurement.notes = {"The program ended after 2 ms; that is too short to see what it does."};
  s.verdict.summary = "2 ms were measured; at least 0.2 s are needed.";
  Action action;
  action.title = "Give it more work, or repeat it";
  action.verify = "concadvise profile -- sh -c 'for i in $(seq 200); do true; done'";
  s.advice.actions = {action};
  return s;
}

Session hostile() {
  Session s = blocked_server();
  const std::string bad = attack();
  Profile& p = s.profile;
  p.target.command = {bad, "--x=" + bad};
  p.target.cwd = p.target.runtime = p.target.language = p.machine.kernel = p.machine.cpu_model = p.machine.cpus_usable_why = bad;
  p.measurement.notes = {bad};
  p.measurement.level = p.measurement.path_method = bad;
  p.measurement.ladder = {{bad, false, bad, bad}};
  for (Thread& t : p.threads) t.name = t.role = bad;
  Process process;
  process.name = process.exe = bad;
  p.processes = {process, process};
  const Frame evil = frame(bad, bad, 7, bad);
  const Frame long_one = frame(std::string(10000, 'A') + bad, std::string(5000, '/'), 1, bad);
  for (HotSpot& spot : p.hot_spots) spot.stack = {evil, long_one, evil};
  for (Wait& w : p.waits) w.what = w.syscall = bad, w.stack = {long_one, evil};
  for (Loop& loop : p.loops) loop.kind = loop.framework = bad, loop.stalls.front().what = bad, loop.stalls.front().stack = {evil};
  LoopStop stop;
  stop.what = stop.task = stop.awaited_by = stop.awaiting_coroutine = bad, stop.state = State::timer, stop.seconds = 7, stop.tasks = 2;
  stop.chain = stop.stack = {long_one, evil};
  for (Loop& loop : p.loops) loop.stops = {stop, stop};
  Pool pool;
  pool.name = pool.kind = bad;
  p.pools = {pool};
  s.verdict.klass = s.verdict.resource = s.verdict.summary = s.verdict.nearest = bad;
  s.verdict.confidence_why = {bad};
  s.verdict.ruled_out = {{bad, bad}};
  s.advice.model = s.advice.implementation = s.advice.summary = bad;
  for (Step& t : s.advice.path) t.node = t.question = t.metric = t.unit = t.answer = t.flips = t.source = t.next = bad, t.evidence = {bad};
  for (Prediction& t : s.advice.predictions) t.model = t.implementation = t.verify = t.limit = bad, t.assumptions = {bad};
  for (Action& a : s.advice.actions) a.title = a.why = a.where = a.sketch = a.risk = a.when_not = a.verify = a.effort = bad;
  return s;
}

Session huge() {
  constexpr int kThreads = 1000;
  constexpr int kStacks = 20000;
  Session s = base({"./simulator", "--hour"}, 3600, times({{State::on_cpu, 0.5}, {State::lock, 0.3}, {State::network, 0.2}}));
  Profile& p = s.profile;
  p.measurement.thread_samples = 1000000;
  p.measurement.cpu_samples = 1000000;
  add_windows(s, 3600, 5, 2);
  std::mt19937 random(7);  // the same on every machine; its distributions are not, so only its numbers are used
  const auto below = [&random](std::uint32_t n) { return random() % n; };
  for (int i = 0; i < kThreads; ++i) {
    const double busy = 100 + below(3000);
    Thread t = thread(5000 + i, fmt::format("worker-{}", i), 3600, times({{State::on_cpu, busy}, {State::lock, 3600 - busy}}), "pool worker");
    for (int w = 0; w < 20; ++w) t.waits.push_back(wait(State::lock, fmt::format("futex 0x{:x}", below(1U << 31U)), "futex", 5, 100, 0.5));
    p.threads.push_back(t);
  }
  add_bands(s);
  for (int i = 0; i < kStacks; ++i) {
    HotSpot spot;
    spot.state = i % 3 == 0 ? State::lock : State::on_cpu;
    spot.seconds = 0.01 * (1 + below(1000));
    spot.count = spot.seconds * 100;
    const std::uint32_t depth = 8 + below(40);
    for (std::uint32_t d = 0; d < depth; ++d) {
      const std::uint32_t f = below(d < 4 ? 500 : 40);
      spot.stack.push_back(frame(fmt::format("simulation::Engine<Cell{}>::update_{}(std::vector<double> const&)", d, f), fmt::format("src/engine/part_{}.cpp", f), static_cast<int>(100 + f)));
    }
    p.hot_spots.push_back(spot);
  }
  for (int i = 0; i < 5000; ++i) p.waits.push_back(wait(State::lock, fmt::format("futex 0x{:x}", below(1U << 31U)), "futex", 0.01 * below(10000), 100, 0.5));
  s.verdict = {"lock-bound", "mutex", 0.9, "Working threads stand behind one mutex.", {}, "", {}};
  s.advice.model = "reduce-contention";
  s.advice.path = {step("locked", "Was it mostly waiting for a lock?", "working threads behind a lock", 0.6, 0.3, "share", true, "reduce-contention")};
  return s;
}

LintResult findings() {
  LintResult out;
  out.sources.analyzed = 42;
  Finding finding;
  finding.rule = "blocking-in-loop-callback";
  finding.severity = "error";
  finding.confidence = 0.95;
  finding.file = "src/upstream.cpp";
  finding.line = 88;
  finding.column = 3;
  finding.message = "std::this_thread::sleep_for stops the event loop";
  finding.function = "retry_backoff";
  finding.context = "loop-callback: called from Session::on_read, which the epoll loop runs";
  finding.effect = "sleep";
  finding.chain = {{"src/session.cpp", 141, "Session::on_read"}, {"src/upstream.cpp", 88, "retry_backoff"}};
  finding.fix = "timer_.expires_after(backoff);\ntimer_.async_wait(handler);";
  out.findings.push_back(finding);
  finding.severity = "note";
  finding.rule = "lock-across-await";
  finding.file = "src/cache.cpp";
  finding.line = 12;
  finding.message = "a mutex is held while the coroutine is suspended";
  finding.chain.clear();
  finding.fix.clear();
  finding.function = "Cache::get";
  finding.context = "coroutine";
  finding.effect = "lock";
  out.findings.push_back(finding);
  out.sources.failed = {{"src/broken.cpp", "7 errors, first: expected ';' after class"}};
  return out;
}

LintResult hostile_findings() {
  LintResult out = findings();
  const std::string bad = attack();
  for (Finding& f : out.findings)
    f.rule = f.severity = f.file = f.message = f.function = f.context = f.effect = f.fix = bad, f.chain = {{bad, 1, bad}};
  out.sources.failed = {{bad, bad}};
  return out;
}

}  // namespace concadvise::samples
