#include "cli/result_files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "cli/subcommand.h"

namespace concadvise::cli {
namespace {

constexpr const char* kDefaultName = "concadvise";

Result<void> check_folder(const std::string& base) {
  const std::size_t slash = base.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : base.substr(0, slash);
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    return fail(Error::Kind::io, fmt::format("{}: no such folder for the results", folder),
                fmt::format("Make it first (mkdir -p '{}'), or name another with -o.", folder));
  if (::access(folder.c_str(), W_OK) != 0)
    return fail(Error::Kind::io, fmt::format("{}: results can't be written there: {}", folder, std::strerror(errno)),
                "Name a place of your own: concadvise profile -o ~/result ...");
  return {};
}

}  // namespace

Result<std::string> result_base(const std::string& output) {
  if (output.empty()) return fail(Error::Kind::usage, "-o without a name", "For example: concadvise profile -o result ...");
  struct stat info {};
  const bool exists = ::stat(output.c_str(), &info) == 0;
  const bool is_folder = exists && S_ISDIR(info.st_mode);
  // /dev/stdout is a regular file where standard output goes to one.
  const bool is_stream = output == "-" || output.starts_with("/dev/fd/") || output == "/dev/stdout" || output == "/dev/stderr" ||
                         (exists && !is_folder && !S_ISREG(info.st_mode));
  if (is_stream)
    return fail(Error::Kind::usage, fmt::format("-o {}: the results are two files, they can't go there", output),
                "Standard output is the command's. Afterwards: concadvise report concadvise.json --format json -o -");
  std::string base = output;
  if (is_folder || base.ends_with('/')) {
    base += fmt::format("{}{}", base.ends_with('/') ? "" : "/", kDefaultName);
  } else {
    constexpr std::size_t kEnding = 5;
    for (const char* ending : {".json", ".html"})
      if (base.size() > kEnding && base.ends_with(ending)) base.resize(base.size() - kEnding);
  }
  if (auto checked = check_folder(base); !checked) return tl::unexpected(std::move(checked.error()));
  return base;
}

Result<void> replace_file(const std::string& path, const std::string& text) {
  const std::string temporary = fmt::format("{}.{}", path, ::getpid());
  errno = 0;
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (file.fail() || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    std::remove(temporary.c_str());
    return fail(Error::Kind::io, fmt::format("{}: can't be written: {}", path, why));
  }
  return {};
}

void PartialResult::write(const std::string& text) { written_ |= replace_file(path_, text).has_value(); }

void PartialResult::remove() {
  std::remove(path_.c_str());
  written_ = false;
}

std::string save_result(const std::string& base, const char* ending, const std::string& text) {
  const std::string path = base + ending;
  const auto written = replace_file(path, text);
  if (written) return path;
  print_error(written.error());
  const char* folder = std::getenv("TMPDIR");
  const std::string other = fmt::format("{}/concadvise-{}{}", folder != nullptr ? folder : "/tmp", ::getpid(), ending);
  const auto again = replace_file(other, text);
  if (again) {
    say(fmt::format("  It was saved as {} instead.\n", other));
    return other;
  }
  print_error(again.error());
  return {};
}

}  // namespace concadvise::cli
