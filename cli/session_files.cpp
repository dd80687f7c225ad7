#include "cli/session_files.h"

#include <sys/stat.h>

#include "cli/judgement.h"
#include "cli/result_files.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <memory>

namespace concadvise::cli {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20U;

std::string folder_of(const char* variable, const char* below_home) {
  const char* base = std::getenv(variable);
  if (base != nullptr && base[0] == '/') return std::string(base) + "/concadvise";
  const char* home = std::getenv("HOME");
  return home != nullptr && home[0] == '/' ? fmt::format("{}/{}/concadvise", home, below_home) : std::string();
}

// A saved file, parsed while it is read: those of long runs are large.
template <typename Parse>
auto load(const std::string& path, const char* what_to_give, Parse parse) -> decltype(parse(std::declval<std::istream&>(), path)) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  const bool opened = in.is_open();
  auto parsed = parse(in, path);
  if (opened && !in.bad()) return parsed;
  return fail(Error::Kind::io, fmt::format("{}: can't be read: {}", path, std::strerror(errno)), what_to_give);
}

Session judged(Session session, const std::string& path) {
  if (!session.advice.path.empty()) return session;  // every judgement goes some way through the flowchart
  judge_here(session);
  name_saved_file(session.advice, path);
  return session;
}

}  // namespace

Result<std::string> read_text(const std::string& path) {
  errno = 0;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  std::string text;
  // Room for the whole file at once, because a growing string holds twice as much for a while; a pipe has no size.
  struct stat info {};
  if (file && ::fstat(::fileno(file.get()), &info) == 0 && info.st_size > 0) text.reserve(static_cast<std::size_t>(info.st_size) + kPiece);
  for (std::size_t got = kPiece; file && got == kPiece;) {
    const std::size_t before = text.size();
    text.resize(before + kPiece);
    got = std::fread(text.data() + before, 1, kPiece, file.get());
    text.resize(before + got);
  }
  if (!file || std::ferror(file.get()) != 0) return fail(Error::Kind::io, fmt::format("{}: can't be read: {}", path, std::strerror(errno)));
  return text;
}

Result<void> write_text(const std::string& path, const std::string& text) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  return replace_file(path, text);
}

Result<Session> load_session(const std::string& path) {
  const bool bare = !path.ends_with(".json") && !std::filesystem::exists(path);
  return load(bare ? path + ".json" : path, "Give the JSON file that `concadvise profile` wrote.",
              [](std::istream& in, const std::string& origin) { return session_from_json(in, origin); })
      .map([&path](Session session) { return judged(std::move(session), path); });
}

Result<SavedResult> load_result(const std::string& path) {
  return load(path, "Give the JSON file that `concadvise profile` or `concadvise lint --format json` wrote.", result_from_json)
      .map([&path](SavedResult saved) {
        if (auto* session = std::get_if<Session>(&saved)) *session = judged(std::move(*session), path);
        return saved;
      });
}

std::string cache_folder() { return folder_of("XDG_CACHE_HOME", ".cache"); }
std::string state_folder() { return folder_of("XDG_STATE_HOME", ".local/state"); }

}  // namespace concadvise::cli
