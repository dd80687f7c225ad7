#include <fmt/format.h>

#include <algorithm>

#include "reports/lint.h"

namespace concadvise {
namespace {

std::string shown(const std::string& path, const std::string& base) {
  if (base.empty() || !path.starts_with(base) || path.size() <= base.size() + 1) return path;
  return path.substr(base.size() + (base.ends_with('/') ? 0 : 1));
}

// Control characters of paths and names must not reach the terminal.
std::string plain(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return text;
}

std::string paint(const std::string& text, const char* code, bool color) { return color ? fmt::format("\033[{}m{}\033[0m", code, text) : text; }

const char* color_of(const std::string& severity) {
  if (severity == "error") return "1;31";
  if (severity == "warning") return "1;35";
  return "1;36";
}

std::string plural(std::size_t count, const std::string& word) { return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s"); }

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '%') out += "%25";
    else if (c == '\n') out += "%0A";
    else if (c == '\r') out += "%0D";
    else out += c;
  }
  return out;
}

}  // namespace

std::string render_lint_text(const LintResult& result, const LintTextOptions& options) {
  std::string out;
  std::size_t counts[3] = {0, 0, 0};
  std::size_t suppressed = 0;
  for (const auto& finding : result.findings) {
    if (finding.suppressed) {
      ++suppressed;
      continue;
    }
    ++counts[finding.severity == "error" ? 0 : finding.severity == "warning" ? 1 : 2];
    const std::string where = fmt::format("{}:{}:{}:", plain(shown(finding.file, options.relative_to)), finding.line, finding.column);
    out += fmt::format("{} {} {} [{}]\n", paint(where, "1", options.color), paint(finding.severity + ":", color_of(finding.severity), options.color),
                       plain(finding.message), finding.rule);
    for (std::size_t i = 1; i < finding.chain.size(); ++i) {
      const auto& link = finding.chain[i];
      out += fmt::format("{}:{}: {} {} `{}`\n", plain(shown(link.file, options.relative_to)), link.line, paint("note:", "1;36", options.color),
                         i + 1 == finding.chain.size() ? "it happens in" : "by way of", plain(link.function));
    }
    if (!finding.fix.empty()) out += fmt::format("  {} {}\n", paint("instead:", "1;32", options.color), plain(finding.fix));
  }
  for (const auto& failed : result.sources.failed) out += fmt::format("{}: not fully analysed: {}\n", plain(shown(failed.file, options.relative_to)), plain(failed.error));
  std::string last = fmt::format("{}, {}, {} in {}", plural(counts[0], "error"), plural(counts[1], "warning"), plural(counts[2], "note"),
                                 plural(static_cast<std::size_t>(std::max(result.sources.analyzed, 0)), "source"));
  if (suppressed > 0) last += fmt::format("; {} suppressed", suppressed);
  if (!result.sources.failed.empty()) last += fmt::format("; {} not fully analysed", plural(result.sources.failed.size(), "source"));
  return out + last + "\n";
}

std::string render_lint_github(const LintResult& result, const std::string& relative_to) {
  std::string out;
  for (const auto& finding : result.findings) {
    if (finding.suppressed) continue;
    const char* command = finding.severity == "error" ? "error" : finding.severity == "warning" ? "warning" : "notice";
    out += fmt::format("::{} file={},line={},col={},title={}::{}\n", command, escaped(shown(finding.file, relative_to)), finding.line, finding.column,
                       finding.rule, escaped(finding.fix.empty() ? finding.message : finding.message + "\nInstead: " + finding.fix));
  }
  return out;
}

}  // namespace concadvise
