// concadvise profile: measures, judges, saves, prints. Decides nothing.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>

#include "cli/history.h"
#include "cli/judgement.h"
#include "cli/options.h"
#include "cli/page_input.h"
#include "cli/result_files.h"
#include "cli/subcommand.h"
#include "model/json.h"
#include "profiler/perf/event.h"
#include "profiler/profiler.h"
#include "reports/report.h"

namespace concadvise::cli {
namespace {

constexpr const char* kUsage =
    "concadvise profile [OPTIONS] [--] COMMAND [ARG...]\n"
    "       concadvise profile [OPTIONS] -p PID [-p PID...] [--duration SECONDS]";

std::atomic<int> interrupts{0};  // ^C and its kin, seen so far

std::atomic<const std::string*> at_once{nullptr};  // said when we stop at once

void on_signal(int number) {
  if (interrupts.fetch_add(1) == 0) return;
  // The second time: at once. Nothing that allocates may be called here.
  if (const std::string* text = at_once.load()) [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text->data(), text->size());
  ::_exit(128 + number);
}

// A signal that was ignored when we were started (nohup) stays ignored, for us and for the command. Handlers end with the
// command's exec.
void install(int number, void (*handler)(int)) {
  struct sigaction old {};
  if (::sigaction(number, nullptr, &old) != 0 || old.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
}

const std::vector<std::string> kLevels = {"auto", "procfs", "perf", "sched"};  // in the order of LevelLimit

struct Settings {
  ProfileOptions profile;
  std::string output = "concadvise";
  std::string lint;  // sources or a saved lint result to join with; empty for none
  bool quiet = false;
  bool html = true;
};

// Whether libpfm4 knows the event here. That the machine can't count it, as virtual machines mostly can't, is known once it is
// opened: then the clock is used, and said.
Result<bool> check_event(const std::string& event) {
  if (event_attributes(event, false)) return true;
  const std::vector<std::string> names = event_names();
  const std::vector<std::string_view> known(names.begin(), names.end());
  std::string typed = event;
  std::transform(typed.begin(), typed.end(), typed.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string_view near = nearest_name(typed, known);
  return fail(Error::Kind::usage, fmt::format("--event: there is no event '{}' on this machine", event),
              near.empty() ? "cpu-clock is everywhere; for others: perf list" : fmt::format("Did you mean {}?", near));
}

int exit_code_for(const Error& error) {
  switch (error.kind) {
    case Error::Kind::not_found: return 127;
    case Error::Kind::not_executable: return 126;
    default: return kExitFailure;
  }
}

// When recording was stopped before the command ended, the command goes on and its status is still ours to return.
void wait_for_command(Target& target) {
  int status = 0;
  pid_t got = -1;
  do {
    got = ::waitpid(target.pids.front(), &status, 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return;
  if (WIFEXITED(status)) target.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) target.exit_signal = WTERMSIG(status);
}

bool color_wanted() {
  if (std::getenv("FORCE_COLOR") != nullptr) return true;
  return std::getenv("NO_COLOR") == nullptr && ::isatty(STDERR_FILENO) == 1;
}

// Sources are read once the target has ended, so that reading them takes nothing from it. A measurement is worth more than its sources:
// what can't be read is said, and left out.
std::optional<LintResult> lint_of(const std::string& path) {
  auto found = lint_or_saved(path);
  if (found) return std::move(*found);
  print_error(found.error());
  return std::nullopt;
}

int measure(Settings& settings) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) install(number, on_signal);
  // Whoever reads what we say may have gone; the target's status is to be returned all the same.
  install(SIGPIPE, [](int) {});
  if (!settings.quiet)
    settings.profile.notice = [](const std::string& text) { say(fmt::format("concadvise: {}\n", text)); };
  PartialResult partial(settings.output);
  static const std::string left_behind =
      fmt::format("concadvise: stopped at once. What was known by then: concadvise report {}\n", partial.path());
  settings.profile.checkpoint = [&](Profile so_far) {
    Session session;
    session.profile = std::move(so_far);
    session.profile.tool.version = CONCADVISE_VERSION;
    partial.write(session_to_json(session));
    if (partial.written() && !settings.quiet) at_once.store(&left_behind);
  };
  auto profile = run_profile(settings.profile, [] { return interrupts.load() > 0; });
  if (!profile) {
    print_error(profile.error());
    return settings.profile.command.empty() ? kExitFailure : exit_code_for(profile.error());
  }
  Session session;
  session.profile = std::move(*profile);
  session.profile.tool.version = CONCADVISE_VERSION;
  const std::optional<LintResult> lint = settings.lint.empty() ? std::nullopt : lint_of(settings.lint);
  judge_here(session, lint ? &*lint : nullptr);
  name_saved_file(session.advice, settings.output + ".json");
  const std::string json = save_result(settings.output, ".json", session_to_json(session));
  const std::string page = settings.html ? render_html(page_input(&session, lint ? &*lint : nullptr)) : std::string{};
  const std::string html = settings.html ? save_result(settings.output, ".html", page) : std::string{};
  if (!json.empty()) {
    partial.remove();
    at_once.store(nullptr);
    remember(session, json);
  } else if (partial.written()) {
    say(fmt::format("  What was known a while before the end is in {}.\n", partial.path()));
  }
  if (!settings.quiet) {
    TextOptions text;
    text.color = color_wanted();
    text.report_path = html;
    text.session_path = json;
    say(render_text(session, text));
  }
  Target& target = session.profile.target;
  if (target.attached) return json.empty() ? kExitFailure : 0;
  if (!target.ended) wait_for_command(target);
  if (target.exit_signal != 0) return 128 + target.exit_signal;
  if (json.empty()) return kExitFailure;
  return target.exit_status < 0 ? kExitFailure : target.exit_status;
}

}  // namespace

int run_profile_command(const Arguments& arguments) {
  Settings settings;
  ProfileOptions& profile = settings.profile;
  CLI::App app("Measures whether a program waits or computes, on what, and says which concurrency model fits it.",
               "concadvise profile");
  app.footer(fmt::format("Usage: {}", kUsage));
  app.prefix_command();
  app.add_option("-p,--pid", profile.pids, "attach to this process and its descendants; may be repeated")
      ->allow_extra_args(false)
      ->check(whole_number(1, std::numeric_limits<int>::max(), "a process number"));
  app.add_option("--duration", profile.duration_s, "stop measuring after so many seconds (0, the default: when the target ends)")
      ->check(seconds());
  app.add_option("-o,--output", settings.output, "write OUTPUT.json and OUTPUT.html (default: concadvise)");
  std::string level = "auto";
  app.add_option("--level", level, "highest level of measurement (default: auto)")->check(CLI::IsMember(kLevels, CLI::ignore_case));
  app.add_option("--event", profile.cpu_event, "what samples the CPU, a perf event as libpfm4 names it: cpu-clock, cycles, page-faults, LLC-load-misses ... (default: cpu-clock)");
  app.add_option("--frequency", profile.frequency_hz, "CPU samples per second (default: 99)")
      ->check(whole_number(1, 10'000, "a number of samples"));
  app.add_option("--daemon-wait", profile.daemon_wait_s,
                 "when the command ends at once and leaves a daemon, measure that for so many seconds (default: 10)")
      ->check(seconds());
  app.add_option("--lint", settings.lint, "join with what lint finds in these sources (a file, a folder, or a saved result): findings get their measured seconds");
  app.add_flag("--no-html{false}", settings.html, "write no HTML page");
  app.add_flag("-q,--quiet", settings.quiet, "print nothing but errors");

  if (const auto exit = read_options(app, arguments)) return *exit == 0 ? 0 : kExitFailure;
  profile.level = static_cast<LevelLimit>(std::find(kLevels.begin(), kLevels.end(), CLI::detail::to_lower(level)) - kLevels.begin());
  profile.command = app.remaining();
  if (!profile.command.empty() && profile.command.front() == "--") {
    profile.command.erase(profile.command.begin());
  } else if (!profile.command.empty() && profile.command.front().starts_with('-')) {
    Error error = unknown_option(app, profile.command.front());
    error.next += " A command whose name starts with a dash goes after --.";
    print_error(error);
    return kExitFailure;
  }
  if (profile.command.empty() == profile.pids.empty()) {
    print_error(Error{Error::Kind::usage,
                      profile.command.empty() ? "nothing to profile" : "both a command and a process were given",
                      fmt::format("Usage: {}", kUsage)});
    return kExitFailure;
  }
  // What events there are is known from /proc and /sys; the default is checked where it is opened.
  const bool asked_for_event = app.count("--event") > 0;
  if (const auto known = asked_for_event ? check_event(profile.cpu_event) : Result<bool>(true); !known) {
    print_error(known.error());
    return kExitFailure;
  }
  auto base = result_base(settings.output);
  if (!base) {
    print_error(base.error());
    return kExitFailure;
  }
  settings.output = std::move(*base);
  return measure(settings);
}

}  // namespace concadvise::cli
