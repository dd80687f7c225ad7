#include "analyzer/cpp/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "analyzer/cpp/builtin_headers.h"
#include "clang/Tooling/CompilationDatabase.h"
#include "clang/Tooling/JSONCompilationDatabase.h"

namespace concadvise {
namespace fs = std::filesystem;
namespace {

const std::set<std::string, std::less<>>& source_extensions() {
  static const std::set<std::string, std::less<>> extensions = {".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".cppm", ".ixx"};
  return extensions;
}

// clang-tidy's way: the folder itself and those above it, and a `build` folder in each.
std::string find_database(const fs::path& start) {
  std::error_code error;
  fs::path folder = fs::weakly_canonical(start, error);
  if (!fs::is_directory(folder, error)) folder = folder.parent_path();
  for (;; folder = folder.parent_path()) {
    for (const char* below : {"", "build"})
      if (fs::exists(folder / below / "compile_commands.json", error)) return (folder / below).string();
    if (folder == folder.root_path()) return {};
  }
}

bool below(const fs::path& file, const fs::path& folder) {
  const auto [end, at] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  (void)at;
  return end == folder.end() || (std::next(end) == folder.end() && end->empty());
}

// Flags that only the compiler itself wants: outputs, dependency files, warnings, plugins, precompiled headers of gcc.
bool takes_value(const std::string& flag) {
  static const std::set<std::string, std::less<>> flags = {"-o", "-MF", "-MT", "-MQ", "-MJ", "-include-pch", "--serialize-diagnostics"};
  return flags.contains(flag);
}

bool dropped(const std::string& flag) {
  static const std::set<std::string, std::less<>> exact = {"-c", "-S", "-M", "-MM", "-MD", "-MMD", "-MG", "-MP", "-MV", "-Winvalid-pch",
                                                          "-fcoroutines", "-fconcepts", "-fmodules-ts", "-save-temps", "-pipe", "-fanalyzer"};
  if (exact.contains(flag)) return true;
  for (const char* prefix : {"-W", "-fplugin", "-fdiagnostics", "-fconcepts-diagnostics", "-flto", "-fmodule-mapper", "-fdump", "-fprofile", "-fconstexpr-ops-limit"})
    if (flag.starts_with(prefix) && !flag.starts_with("-Wp,") && !flag.starts_with("-Wno-everything")) return true;
  return false;
}

std::vector<std::string> fit_for_clang(const std::vector<std::string>& raw, const std::string& file, std::string& error, const std::string& directory) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const std::string& flag = raw[i];
    if (i == 0) {
      out.push_back(flag);
      continue;
    }
    if (takes_value(flag)) {
      ++i;
      continue;
    }
    if (dropped(flag) || (flag.starts_with("-o") && flag.size() > 2)) continue;
    if (flag == "-include" && i + 1 < raw.size() && raw[i + 1].ends_with(".gch")) {
      ++i;
      continue;
    }
    if (flag.size() > 1 && flag.front() == '@') {
      fs::path response = flag.substr(1);
      if (response.is_relative()) response = fs::path(directory) / response;
      error = fmt::format("response file {} is missing", response.string());
      continue;
    }
    if (flag == "--" ) continue;
    std::error_code ignored;
    if (flag.front() != '-' && fs::weakly_canonical(fs::path(directory) / flag, ignored) == fs::path(file)) continue;
    out.push_back(flag);
  }
  for (const char* flag : {"-w", "-fsyntax-only", "-ferror-limit=0", "-Wno-unknown-warning-option", "-Qunused-arguments"}) out.emplace_back(flag);
  out.push_back("-resource-dir=" + std::string(kResourceDir));
  out.push_back(file);
  return out;
}

CompileEntry entry_of(const clang::tooling::CompileCommand& command) {
  CompileEntry entry;
  entry.directory = command.Directory;
  std::error_code error;
  fs::path file = command.Filename;
  if (file.is_relative()) file = fs::path(command.Directory) / file;
  entry.file = fs::weakly_canonical(file, error).string();
  if (!fs::is_directory(entry.directory, error)) entry.error = fmt::format("its folder {} does not exist", entry.directory);
  entry.arguments = fit_for_clang(command.CommandLine, entry.file, entry.error, entry.directory);
  return entry;
}

CompileEntry entry_without_database(const std::string& file, const LintOptions& options) {
  CompileEntry entry;
  entry.file = file;
  entry.directory = fs::current_path().string();
  std::vector<std::string> raw{fs::path(file).extension() == ".c" ? "cc" : "c++"};
  if (options.flags.empty() && raw.front() == "c++") raw.emplace_back("-std=gnu++20");
  raw.insert(raw.end(), options.flags.begin(), options.flags.end());
  entry.arguments = fit_for_clang(raw, entry.file, entry.error, entry.directory);
  return entry;
}

}  // namespace

Result<std::vector<CompileEntry>> compile_entries(const std::vector<std::string>& paths, const LintOptions& options) {
  std::error_code error;
  std::vector<fs::path> wanted;
  for (const auto& path : paths) wanted.push_back(fs::weakly_canonical(path, error));
  std::set<std::string> folders;
  if (!options.database.empty()) {
    if (!fs::exists(fs::path(options.database) / "compile_commands.json", error))
      return fail(Error::Kind::not_found, fmt::format("there is no compile_commands.json in {}", options.database),
                  "give the build folder, and configure with -DCMAKE_EXPORT_COMPILE_COMMANDS=ON (or run the build under `bear --`)");
    folders.insert(options.database);
  } else if (options.flags.empty()) {
    if (wanted.empty()) folders.insert(find_database(fs::current_path()));
    for (const auto& path : wanted)
      if (fs::is_directory(path, error) || source_extensions().contains(path.extension().string())) folders.insert(find_database(path));
    folders.erase("");
  }
  std::vector<CompileEntry> entries;
  std::set<std::pair<std::string, std::vector<std::string>>> seen;
  std::set<std::string> covered;
  for (const auto& folder : folders) {
    std::string message;
    auto json = clang::tooling::JSONCompilationDatabase::loadFromFile((fs::path(folder) / "compile_commands.json").string(), message,
                                                                      clang::tooling::JSONCommandLineSyntax::AutoDetect);
    if (!json) return fail(Error::Kind::bad_input, fmt::format("{}/compile_commands.json: {}", folder, message));
    auto database = clang::tooling::expandResponseFiles(clang::tooling::inferTargetAndDriverMode(std::move(json)), llvm::vfs::getRealFileSystem());
    for (const auto& command : database->getAllCompileCommands()) {
      auto entry = entry_of(command);
      if (!source_extensions().contains(fs::path(entry.file).extension().string())) continue;
      const bool in = wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const fs::path& path) {
                        return path == entry.file || below(entry.file, path);
                      });
      if (!in || !seen.emplace(entry.file, entry.arguments).second) continue;
      covered.insert(entry.file);
      entries.push_back(std::move(entry));
    }
  }
  for (const auto& path : wanted) {
    if (fs::is_directory(path, error) || !source_extensions().contains(path.extension().string())) continue;
    if (!covered.contains(path.string())) entries.push_back(entry_without_database(path.string(), options));
  }
  // In an order that a database's writer does not change.
  std::stable_sort(entries.begin(), entries.end(), [](const CompileEntry& a, const CompileEntry& b) { return a.file < b.file; });
  return entries;
}

}  // namespace concadvise
