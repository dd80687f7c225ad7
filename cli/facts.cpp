// concadvise facts: the facts of one source, or of a Python project, as a file for `concadvise link`. The same source, headers
// and flags give the same bytes, so that any build system can make, keep and share them.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "analyzer/analyzer.h"
#include "analyzer/facts_io.h"
#include "cli/lint_output.h"
#include "cli/options.h"
#include "cli/subcommand.h"

namespace concadvise::cli {
namespace {

// With a slash, so that /src does not match in /src2.
std::string folder_prefix(const std::string& folder) {
  std::error_code ignored;
  std::string whole = std::filesystem::absolute(folder, ignored).lexically_normal().string();
  if (!whole.ends_with('/')) whole += '/';
  return whole;
}

// For make and ninja: what the output was made of. Spaces, `#` and `$` are escaped as compilers do.
bool write_depfile(const std::string& depfile, const std::string& output, const std::vector<std::string>& files) {
  const auto escaped = [](const std::string& path) {
    std::string out;
    for (const char c : path) {
      if (c == ' ' || c == '#') out += '\\';
      if (c == '$') out += '$';
      out += c;
    }
    return out;
  };
  std::ofstream out(depfile, std::ios::binary);
  out << escaped(output) << ':';
  std::error_code ignored;
  // Without `..`: build tools take it away as text, which is wrong behind a symbolic link (/lib on many systems).
  for (const auto& file : files) out << " \\\n  " << escaped(std::filesystem::weakly_canonical(file, ignored).string());
  out << '\n';
  return static_cast<bool>(out.flush());
}

int write_facts(std::vector<facts::Unit>& units, const std::string& output, const std::string& relative_to) {
  std::string bytes;
  for (auto& unit : units) {
    if (unit.status != facts::UnitStatus::clean) fmt::print(stderr, "concadvise facts: {} was not analysed in full: {}\n", unit.path, unit.error);
    if (!relative_to.empty()) facts::replace_path(unit, folder_prefix(relative_to), "");
    bytes += facts::to_bytes(unit);
  }
  std::ofstream out(output, std::ios::binary);
  out << bytes;
  if (out.flush()) return 0;
  print_error({Error::Kind::io, fmt::format("{} can't be written", output), {}});
  return kExitUsage;
}

}  // namespace

int run_facts_command(const Arguments& all) {
  LintOptions options;
  std::string output;
  std::string relative_to;
  std::string depfile;
  std::vector<std::string> files;
  Arguments arguments = all;
  if (const auto dashes = std::find(arguments.begin(), arguments.end(), "--"); dashes != arguments.end()) {
    options.flags.assign(dashes + 1, arguments.end());
    arguments.erase(dashes, arguments.end());
  }
  CLI::App app{"writes the facts of a source (C, C++), or of the Python files of a project, for `concadvise link`", "concadvise facts"};
  app.add_option("source", options.paths, "a C or C++ source, or Python files and folders")->required();
  app.add_option("-o,--output", output, "the file to write")->required();
  app.add_option("-p,--database", options.database, "take the flags from the compile_commands.json of this folder");
  app.add_option("--knowledge", options.packs, "further knowledge file (may be given again); give the same to `concadvise link`")->allow_extra_args(false);
  app.add_option("--root", options.root, "folder of the project: sources elsewhere are third-party");
  app.add_option("--relative-to", relative_to, "write paths below this folder relative to it: the same bytes wherever the folder lies");
  app.add_option("--depfile", depfile, "write the files that were read there, for make and ninja");
  app.add_flag("--full", options.full_parse, "parse the bodies of system headers too");
  app.footer("Compiler flags stand after `--`. A source that does not parse is no failure: its facts say so, and `concadvise link`\ncounts it and exits 3.");
  if (const auto exit = read_options(app, arguments)) return *exit;
  options.jobs = 1;
  options.files_read = [&](const std::vector<std::string>& read) { files.insert(files.end(), read.begin(), read.end()); };
  auto units = extract_units(options);
  if (!units) {
    print_error(units.error());
    return kExitUsage;
  }
  if (!depfile.empty() && !write_depfile(depfile, output, files)) {
    print_error({Error::Kind::io, fmt::format("{} can't be written", depfile), {}});
    return kExitUsage;
  }
  return write_facts(*units, output, relative_to);
}

}  // namespace concadvise::cli
