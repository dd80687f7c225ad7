// The program: finds the subcommand and hands over.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <numeric>
#include <system_error>

#include "cli/subcommand.h"
#include "reports/inert.h"

namespace concadvise::cli {
namespace {

constexpr Subcommand kSubcommands[] = {
    {"profile", "measure a program and say which concurrency model fits it", run_profile_command},
    {"lint", "find code that breaks its concurrency model", run_lint_command},
    {"facts", "lint's first step for one source: its facts, as a file", run_facts_command},
    {"link", "lint's second step: files of facts to findings", run_link_command},
    {"rules", "list the rules of lint", run_rules_command},
    {"report", "render saved results: page, Markdown, flame graph formats", run_report_command},
    {"doctor", "what this machine and user can measure, and how to get more", run_doctor_command},
    {"compare", "what changed between two measurements, predicted against measured", run_compare_command},
    {"verify", "run a command at several settings and say where it stops paying", run_verify_command},
    {"history", "how the measurements of a target developed", run_history_command},
    {"explain", "what a rule, a verdict, a model, a question or a threshold means", run_explain_command},
    {"calibrate", "measure what starting and handing over costs here, for predictions", run_calibrate_command},
    {"config", "what is configured here, and where each value comes from", run_config_command},
    {"completions", "completion of words for bash, zsh and fish", run_completions_command},
};

// Where 0, 1 or 2 are closed, the next file that we open would take their place and get what is printed. The target still
// finds them closed: ours close on exec.
void fill_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) == -1) static_cast<void>(::open("/dev/null", O_RDWR | O_CLOEXEC));
}

void print_help(std::FILE* to) {
  fmt::print(to,
             "concadvise: async, threads, more cores, or none of them? Measures and says.\n\n"
             "  concadvise profile ./app --its-own-options     measure a command\n"
             "  concadvise profile -p 1234 --duration 10       measure what already runs\n"
             "  concadvise lint src/                           find calls that block an event loop\n\n");
  for (const Subcommand& each : kSubcommands) fmt::print(to, "  {:<12} {}\n", each.name, each.summary);
  fmt::print(to, "\nconcadvise SUBCOMMAND --help says more.\n");
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

int run(int argc, char** argv) {
  const Arguments all(argv + 1, argv + argc);
  if (all.empty() || all[0] == "--help" || all[0] == "-h" || all[0] == "help") {
    print_help(stdout);
    return 0;
  }
  if (all[0] == "--version") {
    fmt::print("concadvise {}\n", CONCADVISE_VERSION);
    return 0;
  }
  for (const Subcommand& each : kSubcommands)
    if (each.name == all[0]) return each.run(Arguments(all.begin() + 1, all.end()));

  std::vector<std::string_view> names;
  for (const Subcommand& each : kSubcommands) names.push_back(each.name);
  const std::string_view near = nearest_name(all[0], names);
  print_error(Error{Error::Kind::usage, fmt::format("no subcommand '{}'", all[0]),
                    near.empty() ? "See: concadvise --help" : fmt::format("Did you mean: concadvise {}", near)});
  return kExitUsage;
}

}  // namespace

std::span<const Subcommand> subcommands() { return kSubcommands; }

void say(const std::string& text) { static_cast<void>(std::fputs(text.c_str(), stderr)); }

void print_error(const Error& error) {
  say(fmt::format("concadvise: {}\n", inert(error.cause)));
  if (!error.next.empty()) say(fmt::format("  {}\n", inert(error.next)));
}

std::string_view nearest_name(std::string_view typed, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t best_distance = typed.size() / 3 + 2;
  for (const std::string_view name : known) {
    const std::size_t distance = edit_distance(typed, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace concadvise::cli

int main(int argc, char** argv) {
  using namespace concadvise::cli;
  fill_standard_descriptors();
  int status = kExitFailure;
  try {
    status = run(argc, argv);
  } catch (const std::system_error& error) {  // from printing to standard output
    print_error({concadvise::Error::Kind::io, fmt::format("standard output: {}", error.code().message()), ""});
    return status;
  }
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  print_error({concadvise::Error::Kind::io, fmt::format("standard output: {}", std::strerror(errno)), ""});
  return status == 0 ? kExitFailure : status;
}
