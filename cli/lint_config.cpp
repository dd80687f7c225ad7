#include "cli/lint_config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "analyzer/checks/check.h"
#include "cli/subcommand.h"

namespace concadvise::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 8> kKeys = {"disable", "exclude", "extended", "fail_on", "knowledge", "root", "rules", "severity"};
constexpr std::array<std::string_view, 4> kLimits = {"error", "warning", "note", "never"};

class Table {
 public:
  Table(const toml::table& table, const std::string& file) : table_(table), file_(file) {}

  void unknown_keys() {
    for (const auto& [key, node] : table_)
      if (std::find(kKeys.begin(), kKeys.end(), key.str()) == kKeys.end())
        complain(node, fmt::format("unknown key `{}`; did you mean `{}`?", std::string_view(key.str()), nearest(key.str(), kKeys)));
  }
  std::vector<std::string> texts(std::string_view key) {
    std::vector<std::string> out;
    const auto* node = table_.get(key);
    if (!node) return out;
    const auto* list = node->as_array();
    if (!list) complain(*node, fmt::format("`{}` must be a list of texts", key));
    for (std::size_t i = 0; list && i < list->size(); ++i) {
      if (const auto text = (*list)[i].value<std::string>()) out.push_back(*text);
      else complain((*list)[i], fmt::format("`{}` must be a list of texts", key));
    }
    return out;
  }
  template <typename T> std::optional<T> value(std::string_view key, std::string_view kind) {
    const auto* node = table_.get(key);
    if (!node) return std::nullopt;
    const auto out = node->value_exact<T>();
    if (!out) complain(*node, fmt::format("`{}` must be {}", key, kind));
    return out;
  }
  std::vector<std::string> rules(std::string_view key) {
    auto names = texts(key);
    for (const auto& name : names) known_rule(name, *table_.get(key));
    return names;
  }
  void known_rule(std::string_view name, const toml::node& at) {
    if (find_check(name)) return;
    std::vector<std::string_view> names;
    for (const auto* check : all_checks()) names.push_back(check->name);
    complain(at, fmt::format("there is no rule `{}`; did you mean `{}`?", name, nearest(name, names)));
  }
  template <typename Names> static std::string_view nearest(std::string_view typed, const Names& names) {
    const auto near = nearest_name(typed, std::span<const std::string_view>(names.data(), names.size()));
    return near.empty() ? names[0] : near;
  }
  void complain(const toml::node& at, const std::string& what) {
    if (error.empty()) error = fmt::format("{}:{}: {}", file_, at.source().begin.line, what);
  }
  std::string error;

 private:
  const toml::table& table_;
  const std::string& file_;
};

void read_severities(const toml::table& lint, Table& reader, LintConfig& config) {
  const auto* node = lint.get("severity");
  if (!node) return;
  const auto* table = node->as_table();
  if (!table) return reader.complain(*node, "`severity` must be a table of rules");
  for (const auto& [key, value] : *table) {
    reader.known_rule(key.str(), value);
    const auto text = value.value<std::string>().value_or("");
    if (text == "never" || std::find(kLimits.begin(), kLimits.end(), text) == kLimits.end()) reader.complain(value, "a severity is error, warning or note");
    config.severity[std::string(key.str())] = text;
  }
}

}  // namespace

Result<LintConfig> read_lint_config(const std::string& file) {
  LintConfig config;
  config.file = file;
  toml::table document;
  try {
    document = toml::parse_file(file);
  } catch (const toml::parse_error& error) {
    return fail(Error::Kind::usage, fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()), "correct the file");
  }
  constexpr std::array<std::string_view, 2> kTables = {"lint", "thresholds"};
  for (const auto& [key, node] : document)
    if (std::find(kTables.begin(), kTables.end(), key.str()) == kTables.end())
      return fail(Error::Kind::usage, fmt::format("{}:{}: unknown key `{}`; did you mean `{}`?", file, node.source().begin.line, std::string_view(key.str()),
                                                  Table::nearest(std::string(key.str()), kTables)), "correct the file");
  const auto* lint = document["lint"].as_table();
  if (!lint) return config;
  const fs::path folder = fs::path(file).parent_path();
  const auto beside = [&](const std::string& path) { return (folder / path).lexically_normal().string(); };
  Table reader(*lint, file);
  reader.unknown_keys();
  config.rules = reader.rules("rules");
  config.disable = reader.rules("disable");
  for (const auto& one : reader.texts("exclude")) config.exclude.push_back(beside(one));
  for (const auto& one : reader.texts("knowledge")) config.knowledge.push_back(beside(one));
  config.extended = reader.value<bool>("extended", "true or false");
  config.fail_on = reader.value<std::string>("fail_on", "error, warning, note or never").value_or("");
  if (!config.fail_on.empty() && std::find(kLimits.begin(), kLimits.end(), config.fail_on) == kLimits.end())
    reader.complain(*lint->get("fail_on"), "`fail_on` must be error, warning, note or never");
  if (const auto root = reader.value<std::string>("root", "a folder")) config.root = beside(*root);
  read_severities(*lint, reader, config);
  if (!reader.error.empty()) return fail(Error::Kind::usage, reader.error, "correct the file");
  return config;
}

Result<LintConfig> find_lint_config(const std::string& start) {
  std::error_code failed;
  fs::path folder = fs::weakly_canonical(start, failed);
  if (!fs::is_directory(folder, failed)) folder = folder.parent_path();
  for (;; folder = folder.parent_path()) {
    if (const fs::path file = folder / ".concadvise.toml"; fs::is_regular_file(file, failed)) return read_lint_config(file.string());
    if (folder == folder.parent_path()) break;
  }
  const char* xdg = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  const fs::path user = xdg && *xdg == '/' ? fs::path(xdg) : home && *home == '/' ? fs::path(home) / ".config" : fs::path();
  if (const fs::path file = user / "concadvise/config.toml"; !user.empty() && fs::is_regular_file(file, failed)) return read_lint_config(file.string());
  return LintConfig{};
}

}  // namespace concadvise::cli
