// concadvise verify: runs a command at several settings of a knob and says where it stops paying. Decides nothing.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>

#include "cli/options.h"
#include "cli/subcommand.h"
#include "rules/scalability.h"

extern char** environ;

namespace concadvise::cli {
namespace {

struct Settings {
  std::vector<std::string> command;
  std::string knob;
  std::vector<std::string> values;
  int repeat = 3;
  bool json = false;
  std::string throughput;  // regular expression whose first group is a number in the output
};

struct Outcome {
  double wall_s = 0;
  double throughput = 0;
};

/// {NAME} in the arguments becomes the value.
std::vector<std::string> with_value(const Settings& settings, const std::string& value) {
  std::vector<std::string> out = settings.command;
  const std::string place = "{" + settings.knob + "}";
  for (std::string& word : out)
    for (std::size_t at = 0; !settings.knob.empty() && (at = word.find(place, at)) != std::string::npos; at += value.size()) word.replace(at, place.size(), value);
  return out;
}

Result<Outcome> run_once(const Settings& settings, const std::string& value) {
  std::vector<std::string> words = with_value(settings, value);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  if (!settings.knob.empty()) ::setenv(settings.knob.c_str(), value.c_str(), 1);
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Error::Kind::io, "no pipe can be made");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  pid_t pid = 0;
  const auto start = std::chrono::steady_clock::now();
  const int failed = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::string output;
  int status = 0;
  if (failed == 0) {
    char buffer[65536];
    for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;)
      if (!settings.throughput.empty() && output.size() < (1U << 20)) output.append(buffer, static_cast<std::size_t>(got));
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  }
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ::close(ends[0]);
  if (failed != 0) return fail(Error::Kind::not_found, fmt::format("{}: can't be started", words[0]));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(Error::Kind::bad_input, fmt::format("{} failed with {}={} (status {})", words[0], settings.knob, value, status), "Only settings at which the command succeeds can be compared.");
  if (settings.throughput.empty()) return Outcome{wall, 1 / wall};
  std::smatch match;
  if (!std::regex_search(output, match, std::regex(settings.throughput)) || match.size() < 2)
    return fail(Error::Kind::bad_input, fmt::format("'{}' matches nothing in the output", settings.throughput), "Give a regular expression whose first group is the number, such as 'tps = ([0-9.]+)'.");
  return Outcome{wall, std::strtod(match[1].str().c_str(), nullptr)};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// What was measured at one setting.
struct Setting {
  std::string value;
  double median_s = 0;
  double fastest_s = 0;
  double slowest_s = 0;
  double throughput = 0;
};

void print_law(const Settings& settings, const ScaleLaw& law) {
  if (!law.fitted) {
    fmt::print("Too few settings for a scalability law: give at least three.\n");
  } else {
    fmt::print("Scalability law: serial share {:.3f}, cost between workers {:.5f}, R2 {:.2f}", law.sigma, law.kappa, law.r_squared);
    if (law.knee > 0) fmt::print("; its peak is at {} = {:.1f}.\n", settings.knob, law.knee);
    else if (law.sigma > 0) fmt::print("; it has no peak: it levels off at {:.1f} times one worker.\n", 1 / law.sigma);
    else fmt::print("; it grows without end.\n");
    if (law.saturation > 0) fmt::print("Fixed capacity: {:.4g}, reached at {} = {:.1f}, R2 {:.2f}.\n", law.capacity, settings.knob, law.saturation, law.capacity_r_squared);
    if (law.fitted_knee() > 0) fmt::print("The better fit has its knee at {} = {:.1f}.\n", settings.knob, law.fitted_knee());
  }
  fmt::print("Measured: it pays up to {} = {:g}; beyond that the gain is below 5 %.\n", settings.knob, law.pays_up_to);
}

void print_text(const Settings& settings, const std::vector<Setting>& measured, const ScaleLaw* law) {
  fmt::print("{:>12} {:>12} {:>22} {:>14} {:>8}\n", settings.knob.empty() ? "run" : settings.knob, "median s", "fastest to slowest s", settings.throughput.empty() ? "runs/s" : "throughput", "gain");
  const double first = measured.front().throughput;
  for (const Setting& one : measured)
    fmt::print("{:>12} {:>12.3f} {:>22} {:>14.4g} {:>7.2f}x\n", one.value, one.median_s, fmt::format("{:.3f} to {:.3f}", one.fastest_s, one.slowest_s), one.throughput,
               first > 0 ? one.throughput / first : 0);
  if (law != nullptr) print_law(settings, *law);
}

void print_json(const Settings& settings, const std::vector<Setting>& measured, const ScaleLaw* law) {
  using json = nlohmann::ordered_json;
  json rows = json::array();
  for (const Setting& one : measured)
    rows.push_back({{"value", one.value}, {"median_s", one.median_s}, {"fastest_s", one.fastest_s}, {"slowest_s", one.slowest_s}, {"throughput", one.throughput}});
  json out = {{"schema", "concadvise-verify/1"}, {"knob", settings.knob}, {"repeat", settings.repeat}, {"settings", rows}};
  if (law != nullptr) {
    out["pays_up_to"] = law->pays_up_to;
    if (law->fitted)
      out["law"] = {{"sigma", law->sigma}, {"kappa", law->kappa}, {"r_squared", law->r_squared}, {"peak", law->knee}, {"capacity", law->capacity},
                    {"saturation", law->saturation}, {"capacity_r_squared", law->capacity_r_squared}, {"knee", law->fitted_knee()}};
  }
  fmt::print("{}\n", out.dump(1, ' ', false, json::error_handler_t::replace));
}

int run(const Settings& settings) {
  // Interleaved rounds: a change of the machine's load meets every setting alike.
  std::vector<std::vector<double>> walls(settings.values.size()), rates(settings.values.size());
  for (int round = 0; round < settings.repeat; ++round)
    for (std::size_t i = 0; i < settings.values.size(); ++i) {
      const auto outcome = run_once(settings, settings.values[i]);
      if (!outcome) {
        print_error(outcome.error());
        return outcome.error().kind == Error::Kind::not_found ? 127 : kExitFailure;
      }
      walls[i].push_back(outcome->wall_s);
      rates[i].push_back(outcome->throughput);
    }
  std::vector<ScalePoint> points;
  std::vector<Setting> measured;
  bool numbers = !settings.knob.empty();
  for (std::size_t i = 0; i < settings.values.size(); ++i) {
    const auto [low, high] = std::minmax_element(walls[i].begin(), walls[i].end());
    measured.push_back({settings.values[i], median(walls[i]), *low, *high, median(rates[i])});
    char* end = nullptr;
    const double workers = std::strtod(settings.values[i].c_str(), &end);
    numbers = numbers && *end == '\0' && workers > 0;
    points.push_back({workers, measured.back().throughput});
  }
  const std::optional<ScaleLaw> law = numbers ? std::optional(fit_scale_law(points)) : std::nullopt;
  (settings.json ? print_json : print_text)(settings, measured, law ? &*law : nullptr);
  return 0;
}

Result<void> parse_knob(const std::string& text, Settings& settings) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return fail(Error::Kind::usage, "--knob '" + text + "': NAME=VALUE,VALUE... is wanted", "Example: --knob WORKERS=1,2,4,8");
  settings.knob = text.substr(0, equals);
  std::string rest = text.substr(equals + 1) + ",";
  for (std::size_t comma = 0; (comma = rest.find(',')) != std::string::npos; rest.erase(0, comma + 1))
    if (comma > 0) settings.values.push_back(rest.substr(0, comma));
  if (settings.values.empty()) return fail(Error::Kind::usage, "--knob '" + text + "': no values", "Example: --knob WORKERS=1,2,4,8");
  return {};
}

}  // namespace

int run_verify_command(const Arguments& arguments) {
  CLI::App app{"Runs a command at several settings, repeats, and says where it stops paying.", "concadvise verify"};
  Settings settings;
  std::string knob;
  app.add_option("--knob", knob, "NAME=1,2,4,8: sets the environment variable NAME, and {NAME} in the arguments, to each value");
  app.add_option("--repeat", settings.repeat, "runs at each setting")->check(CLI::Range(1, 1000));
  app.add_option("--throughput", settings.throughput, "regular expression whose first group is the throughput in the command's output; without it, runs per second");
  std::string format = "text";
  app.add_option("--format", format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.prefix_command();
  app.footer("Examples:\n  concadvise verify --knob THREADS=1,2,4 -- xz -T{THREADS} -k -c file\n  concadvise verify --knob C=1,2,4,8 --throughput 'tps = ([0-9.]+)' -- pgbench -c {C} -T 5 bench");
  if (const auto exit = read_options(app, arguments)) return *exit;
  settings.command = app.remaining();
  if (!settings.command.empty() && settings.command.front() == "--") {
    settings.command.erase(settings.command.begin());
  } else if (!settings.command.empty() && settings.command.front().starts_with('-')) {
    print_error(unknown_option(app, settings.command.front()));
    return kExitUsage;
  }
  settings.json = format == "json";
  try {
    std::regex check(settings.throughput);
  } catch (const std::regex_error& error) {
    print_error({Error::Kind::usage, fmt::format("--throughput '{}': {}", settings.throughput, error.what()), ""});
    return kExitUsage;
  }
  if (settings.command.empty()) {
    print_error({Error::Kind::usage, "no command to run", "Example: concadvise verify --knob THREADS=1,2,4 -- xz -T{THREADS} -k -c file"});
    return kExitUsage;
  }
  if (!knob.empty()) {
    if (const auto parsed = parse_knob(knob, settings); !parsed) {
      print_error(parsed.error());
      return kExitUsage;
    }
  }
  if (settings.values.empty()) settings.values = {"as it is"};
  return run(settings);
}

}  // namespace concadvise::cli
