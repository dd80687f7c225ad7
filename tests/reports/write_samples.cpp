// write_samples FOLDER: the sample sessions as JSON and as pages, for the browser tests.
// write_samples --largest FILE: the largest session's JSON, 150 MB, for bench/report.py.
#include <fmt/format.h>

#include <fstream>

#include "model/json.h"
#include "reports/lint.h"
#include "reports/report.h"
#include "tests/reports/samples.h"

using namespace concadvise;

namespace {

bool write(const std::string& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary);
  out << content;
  return static_cast<bool>(out.flush());
}

// A source file as long as any that the samples name; its 88th line is the one that sleeps.
std::string source_text() {
  std::string out;
  for (int line = 1; line <= 320; ++line)
    out += line == 88 ? "\tstd::this_thread::sleep_for(backoff);  // </script><img src=x onerror='window.pwned=1'>\n" : fmt::format("  step({});\r\n", line);
  return out;
}

PageInput joined(const Session* session, const LintResult* lint) {
  PageInput out{session, lint};
  out.explain_rule = [](std::string_view rule) { return std::optional("Documentation of " + std::string(rule) + ".\n\n    co_await it;  // </script>"); };
  out.read_source = [](const std::string& file) { return file.ends_with("upstream.cpp") ? std::optional(source_text()) : std::nullopt; };
  return out;
}

bool write_session(const std::string& folder, const std::string& name, const Session& session, const LintResult* lint = nullptr) {
  return write(folder + "/" + name + ".json", session_to_json(session)) &&
         write(folder + "/" + name + ".html", render_html(joined(&session, lint)));
}

// In the formats of other tools, for their own parsers.
bool write_exports(const std::string& folder, const std::string& name, const Session& session) {
  for (const char* format : {"folded", "speedscope", "pprof", "firefox", "markdown"}) {
    const auto text = render_as(format, PageInput{&session, nullptr});
    if (!text || !write(folder + "/" + name + "." + format, *text)) return false;
  }
  return true;
}

std::vector<RuleText> rules() {
  return {{"blocking-in-loop-callback", "error", "A call that blocks", "What `blocks` in a callback."}, {samples::attack(), "warning", samples::attack(), samples::attack()}};
}

std::string compare_page() {
  const Session before = samples::python_fetches();
  Session after = before;
  after.profile.measurement.wall_s = 1.3;
  return render_compare_html(before, after, compare(before, after));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "--largest") return write(argv[2], session_to_json(samples::huge())) ? 0 : 1;
  if (argc != 2) return 2;
  const std::string folder = argv[1];
  const LintResult lint = samples::findings();
  const LintResult hostile_lint = samples::hostile_findings();
  const bool written = write_session(folder, "server", samples::blocked_server(), &lint) &&
                       write_session(folder, "python", samples::python_fetches()) &&
                       write_session(folder, "healthy", samples::healthy_service()) &&
                       write_session(folder, "mixed", samples::mixed_pipeline()) &&
                       write_session(folder, "short", samples::too_short()) &&
                       write_session(folder, "hostile", samples::hostile(), &hostile_lint) &&
                       write_exports(folder, "server", samples::blocked_server()) &&
                       write_exports(folder, "hostile", samples::hostile()) &&
                       write(folder + "/huge.html", render_html(samples::huge())) &&
                       write(folder + "/lint.json", lint_to_json(lint)) &&
                       write(folder + "/lint.sarif", render_lint_sarif(lint, rules(), "0.1.0")) &&
                       write(folder + "/hostile.sarif", render_lint_sarif(hostile_lint, rules(), "0.1.0")) &&
                       write(folder + "/compare.html", compare_page()) &&
                       write(folder + "/lint.html", render_html(joined(nullptr, &lint)));
  return written ? 0 : 1;
}
