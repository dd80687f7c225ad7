#include "cli/session_files.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

#include "model/json.h"

namespace concadvise::cli {
namespace {

std::string folder_of(const char* variable, const char* below_home) {
  const char* base = std::getenv(variable);
  if (base != nullptr && base[0] == '/') return std::string(base) + "/concadvise";
  const char* home = std::getenv("HOME");
  return home != nullptr && home[0] == '/' ? fmt::format("{}/{}/concadvise", home, below_home) : std::string();
}

}  // namespace

Result<std::string> read_text(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) return fail(Error::Kind::io, fmt::format("{}: can't be read: {}", path, std::strerror(errno)));
  return text;
}

Result<void> write_text(const std::string& path, const std::string& text) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  const std::string temporary = fmt::format("{}.{}", path, ::getpid());
  errno = 0;
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file.fail() || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    std::remove(temporary.c_str());
    return fail(Error::Kind::io, fmt::format("{}: can't be written: {}", path, why));
  }
  return {};
}

Result<Session> load_session(const std::string& path) {
  auto text = read_text(path);
  if (!text && !path.ends_with(".json")) text = read_text(path + ".json");
  if (!text) {
    Error error = text.error();
    error.next = "Give the JSON file that `concadvise profile` wrote.";
    return tl::unexpected(error);
  }
  return session_from_json(*text, path);
}

std::string cache_folder() { return folder_of("XDG_CACHE_HOME", ".cache"); }
std::string state_folder() { return folder_of("XDG_STATE_HOME", ".local/state"); }

}  // namespace concadvise::cli
