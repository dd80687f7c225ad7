// concadvise report: renders saved results again, joining a measurement and a lint result. Decides nothing.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>

#include "cli/judgement.h"
#include "cli/options.h"
#include "cli/page_input.h"
#include "cli/session_files.h"
#include "cli/subcommand.h"
#include "reports/report.h"
#include "rules/advise.h"

namespace concadvise::cli {
namespace {

struct Loaded {
  std::optional<Session> session;
  std::string session_path;
  std::optional<LintResult> lint;
};

Result<bool> add(Loaded& into, const std::string& path) {
  auto loaded = load_result(path);
  if (!loaded) return tl::unexpected(loaded.error());
  if (auto* lint = std::get_if<LintResult>(&*loaded)) {
    if (into.lint) return fail(Error::Kind::usage, fmt::format("{}: a second lint result", path), "A report shows one of each kind.");
    into.lint = std::move(*lint);
    return true;
  }
  if (into.session)
    return fail(Error::Kind::usage, fmt::format("{}: a second measurement", path), "To see what changed between two: concadvise compare BEFORE AFTER");
  into.session = std::get<Session>(std::move(*loaded));
  into.session_path = path;
  return true;
}

Result<bool> write_out(const std::string& path, const std::string& text) {
  errno = 0;
  bool written = false;
  if (path == "-") {
    written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  } else {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    written = !file.fail();
  }
  if (!written) return fail(Error::Kind::io, fmt::format("{}: can't be written: {}", path == "-" ? "standard output" : path, std::strerror(errno)), "Name another place with -o.");
  return true;
}

int render(const Arguments& paths, const std::string& format, const std::string& output) {
  Loaded loaded;
  for (const std::string& path : paths) {
    if (const auto added = add(loaded, path); !added) {
      print_error(added.error());
      return added.error().kind == Error::Kind::usage ? kExitUsage : kExitFailure;
    }
  }
  // What lint found belongs to the evidence, so the advice is made again; without it the recorded one is shown.
  if (loaded.session && loaded.lint) {
    judge_here(*loaded.session, &*loaded.lint);
    name_saved_file(loaded.session->advice, loaded.session_path);
  }
  const std::optional<Advice> unmeasured = loaded.lint && !loaded.session ? std::optional(advise_unmeasured(*loaded.lint)) : std::nullopt;
  PageInput input = page_input(loaded.session ? &*loaded.session : nullptr, loaded.lint ? &*loaded.lint : nullptr);
  input.unmeasured = unmeasured ? &*unmeasured : nullptr;
  const auto text = render_as(format, input);
  if (!text) {
    print_error(text.error());
    return kExitUsage;
  }
  if (const auto written = write_out(output, *text); !written) {
    print_error(written.error());
    return kExitFailure;
  }
  if (output != "-") say(output + "\n");
  return 0;
}

}  // namespace

int run_report_command(const Arguments& arguments) {
  Arguments paths;
  std::string format;
  std::string output;
  CLI::App app("Renders saved results: a measurement, a lint result, or both joined.", "concadvise report");
  app.add_option("SESSION", paths, "files that profile (.json) and lint (--format json) wrote")->required();
  app.add_option("-o,--output", output, "file to write, - for standard output (default: concadvise.html, other formats: -)");
  app.add_option("--format", format, fmt::format("one of {} (default: by the ending of -o, else html)", fmt::join(report_formats(), ", ")));
  if (const auto exit = read_options(app, arguments)) return *exit;
  if (format.empty()) format = output.ends_with(".md") ? "markdown" : output.ends_with(".txt") ? "text" : "html";
  if (output.empty()) output = format == "html" ? "concadvise.html" : "-";
  return render(paths, format, output);
}

}  // namespace concadvise::cli
