// concadvise profile: measures, judges, saves, prints. Decides nothing.
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>

#include "cli/history.h"
#include "cli/judgement.h"
#include "cli/page_input.h"
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

void on_signal(int number) {
  if (interrupts.fetch_add(1) >= 1) ::_exit(128 + number);  // the second time: at once
}

// A signal that was ignored when we were started (nohup) stays ignored, for us and for the command.
void install(int number) {
  struct sigaction old {};
  if (::sigaction(number, nullptr, &old) != 0 || old.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
}

struct Settings {
  ProfileOptions profile;
  std::string output = "concadvise";
  std::string lint;  // sources or a saved lint result to join with; empty for none
  bool quiet = false;
  bool html = true;
};

// "dir/name.json" and "dir/name.html" mean the same as "dir/name".
std::string base_name(std::string output) {
  for (const char* ending : {".json", ".html"})
    if (output.size() > 5 && output.ends_with(ending)) output.resize(output.size() - 5);
  return output;
}

// Before anything is run: a measurement that can't be saved should not be made.
Result<bool> check_writable(const std::string& base) {
  const std::size_t slash = base.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : base.substr(0, slash);
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    return fail(Error::Kind::io, fmt::format("{}: no such folder for the results", folder),
                fmt::format("Make it first (mkdir -p '{}'), or name another with -o.", folder));
  if (::access(folder.c_str(), W_OK) != 0)
    return fail(Error::Kind::io, fmt::format("{}: results can't be written there: {}", folder, std::strerror(errno)),
                "Name a place of your own: concadvise profile -o ~/result ...");
  return true;
}

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

// Writes beside the target and renames, so that a full disk leaves the old file and never half a new one.
Result<bool> write_file(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".tmp";
  errno = 0;
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (file.fail() || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    std::remove(temporary.c_str());
    return fail(Error::Kind::io, fmt::format("{}: can't be written: {}", path, why));
  }
  return true;
}

// Saves to where the user said; where that fails, to the temporary folder, because a measurement is expensive.
std::string save(const std::string& base, const char* ending, const std::string& text) {
  const std::string path = base + ending;
  const auto written = write_file(path, text);
  if (written) return path;
  print_error(written.error());
  const char* folder = std::getenv("TMPDIR");
  const std::string other = fmt::format("{}/concadvise-{}{}", folder != nullptr ? folder : "/tmp", ::getpid(), ending);
  const auto again = write_file(other, text);
  if (again) {
    fmt::print(stderr, "  It was saved as {} instead.\n", other);
    return other;
  }
  print_error(again.error());
  return {};
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
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) install(number);
  if (!settings.quiet)
    settings.profile.notice = [](const std::string& text) { fmt::print(stderr, "concadvise: {}\n", text); };
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
  const std::string json = save(settings.output, ".json", session_to_json(session));
  const std::string html = settings.html ? save(settings.output, ".html", render_html(page_input(&session, lint ? &*lint : nullptr))) : std::string{};
  if (!json.empty()) remember(session, json);
  if (!settings.quiet) {
    TextOptions text;
    text.color = color_wanted();
    text.report_path = html;
    text.session_path = json;
    fmt::print(stderr, "{}", render_text(session, text));
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
      ->check(CLI::PositiveNumber);
  app.add_option("--duration", profile.duration_s, "stop measuring after so many seconds")->check(CLI::NonNegativeNumber);
  app.add_option("-o,--output", settings.output, "write OUTPUT.json and OUTPUT.html (default: concadvise)");
  const std::map<std::string, LevelLimit> levels{{"auto", LevelLimit::automatic},
                                                 {"procfs", LevelLimit::procfs},
                                                 {"perf", LevelLimit::perf},
                                                 {"sched", LevelLimit::sched}};
  app.add_option("--level", profile.level, "highest level of measurement: auto, procfs, perf, sched")
      ->transform(CLI::CheckedTransformer(levels, CLI::ignore_case).description(""));
  app.add_option("--event", profile.cpu_event, "what samples the CPU, a perf event as libpfm4 names it: cpu-clock, cycles, page-faults, LLC-load-misses ... (default: cpu-clock)");
  app.add_option("--frequency", profile.frequency_hz, "CPU samples per second (default: 99)")->check(CLI::Range(1, 10000));
  app.add_option("--daemon-wait", profile.daemon_wait_s,
                 "when the command ends at once and leaves a daemon, measure that for so many seconds (default: 10)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--lint", settings.lint, "join with what lint finds in these sources (a file, a folder, or a saved result): findings get their measured seconds");
  app.add_flag("--no-html{false}", settings.html, "write no HTML page");
  app.add_flag("-q,--quiet", settings.quiet, "print nothing but errors");

  Arguments reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return 0;
  } catch (const CLI::ParseError& error) {
    print_error(Error{Error::Kind::usage, error.what(), "See: concadvise profile --help"});
    return kExitFailure;
  }
  profile.command = app.remaining();
  if (!profile.command.empty() && profile.command.front() == "--") {
    profile.command.erase(profile.command.begin());
  } else if (!profile.command.empty() && profile.command.front().starts_with('-')) {
    print_error(Error{Error::Kind::usage, fmt::format("unknown option {}", profile.command.front()),
                      "See: concadvise profile --help. A command whose name starts with a dash goes after --."});
    return kExitFailure;
  }
  if (profile.command.empty() == profile.pids.empty()) {
    print_error(Error{Error::Kind::usage,
                      profile.command.empty() ? "nothing to profile" : "both a command and a process were given",
                      fmt::format("Usage: {}", kUsage)});
    return kExitFailure;
  }
  if (const auto known = check_event(profile.cpu_event); !known) {
    print_error(known.error());
    return kExitFailure;
  }
  settings.output = base_name(settings.output);
  if (const auto writable = check_writable(settings.output); !writable) {
    print_error(writable.error());
    return kExitFailure;
  }
  return measure(settings);
}

}  // namespace concadvise::cli
