// concadvise history: the trend of a target's measurements. Decides nothing.
#include "cli/history.h"

#include <fcntl.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/session_files.h"
#include "cli/options.h"
#include "cli/subcommand.h"

namespace concadvise::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr std::uintmax_t kLargest = 4U << 20;  // beyond it the older half is dropped: some 15,000 measurements

std::string history_file() {
  const std::string folder = state_folder();
  return folder.empty() ? folder : folder + "/history.jsonl";
}

std::string words(const std::vector<std::string>& command) {
  std::string out;
  for (const std::string& word : command) out += (out.empty() ? "" : " ") + word;
  return out;
}

void drop_older_half(const std::string& file) {
  std::error_code failed;
  if (std::filesystem::file_size(file, failed) < kLargest || failed) return;
  const auto text = read_text(file);
  if (!text) return;
  const auto line = text->find('\n', text->size() / 2);
  if (line != std::string::npos) static_cast<void>(write_text(file, text->substr(line + 1)));
}

/// A line that does not parse (cut short by a crash) is left out.
std::vector<json> entries(const std::string& text) {
  std::vector<json> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    json entry = json::parse(line, nullptr, false);
    if (entry.is_object() && entry.contains("command")) out.push_back(std::move(entry));
  }
  return out;
}

std::string date_of(double at) {
  const std::time_t seconds = static_cast<std::time_t>(at);
  struct tm local {};
  char text[32] = "";
  if (::localtime_r(&seconds, &local) != nullptr) std::strftime(text, sizeof text, "%F %T", &local);
  return text;
}

void print_trend(const std::string& command, const std::vector<const json*>& runs) {
  fmt::print("{}\n", command);
  double before = 0;
  for (const json* run : runs) {
    const double wall = run->value("wall_s", 0.0);
    const std::string change = before > 0 ? fmt::format("{:+.1f} %", 100 * (wall / before - 1)) : "";
    const std::string resource = run->value("resource", "");
    fmt::print("  {}  {:>9.3f} s {:>9}  cpu {:>8.3f} s  {}{}  {}\n", date_of(run->value("at", 0.0)), wall, change, run->value("cpu_s", 0.0),
               run->value("class", ""), resource.empty() ? "" : "/" + resource, run->value("model", ""));
    before = wall;
  }
}

}  // namespace

void remember(const Session& session, const std::string& json_path) {
  const std::string file = history_file();
  if (file.empty()) return;
  const Profile& profile = session.profile;
  std::error_code failed;
  const json entry = {{"at", profile.target.started_at},
                      {"command", words(profile.target.command)},
                      {"attached", profile.target.attached},
                      {"wall_s", profile.measurement.wall_s},
                      {"cpu_s", profile.measurement.cpu_s},
                      {"class", session.verdict.klass},
                      {"resource", session.verdict.resource},
                      {"confidence", session.verdict.confidence},
                      {"model", session.advice.model},
                      {"file", std::filesystem::absolute(json_path, failed).string()}};
  const std::string line = entry.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), failed);
  drop_older_half(file);
  // One write to a file opened for appending: lines of measurements that end together don't mix.
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return;
  const ssize_t written = ::write(fd, line.data(), line.size());
  static_cast<void>(written);
  ::close(fd);
}

int run_history_command(const Arguments& arguments) {
  CLI::App app{"Shows how the measurements of a target developed.", "concadvise history"};
  std::string wanted;
  std::size_t last = 20;
  app.add_option("text", wanted, "only commands that contain this");
  app.add_option("-n,--last", last, "the newest so many of each");
  if (const auto exit = read_options(app, arguments)) return *exit;
  const auto text = read_text(history_file());
  const std::vector<json> all = text ? entries(*text) : std::vector<json>{};
  std::map<std::string, std::vector<const json*>> by_command;
  for (const json& entry : all) {
    const std::string command = entry.value("command", "");
    if (command.find(wanted) != std::string::npos) by_command[command].push_back(&entry);
  }
  if (by_command.empty()) {
    fmt::print("Nothing measured yet{}.\n  concadvise profile ./app\n", wanted.empty() ? "" : " of a command with '" + wanted + "'");
    return 0;
  }
  for (auto& [command, runs] : by_command) {
    if (runs.size() > last) runs.erase(runs.begin(), runs.end() - static_cast<std::ptrdiff_t>(last));
    print_trend(command, runs);
  }
  return 0;
}

}  // namespace concadvise::cli
