#include "rules/stack.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <toml++/toml.h>

#include "rules/embedded.h"

namespace concadvise {
namespace {

std::vector<Library> load() {
  std::vector<Library> out;
  const toml::table table = toml::parse(embedded::libraries());
  for (const char* language : {"python", "native"})
    for (const auto& [name, node] : *table[language].as_table()) {
      const toml::table& row = *node.as_table();
      Library library;
      library.name = name.str();
      library.language = language;
      library.kind = row["kind"].value_or("");
      library.effect = row["effect"].value_or("any");
      library.async_api = row["async_api"].value_or("");
      library.sibling = row["sibling"].value_or("");
      library.base = row["base"].value_or(false);
      library.source = row["source"].value_or("");
      out.push_back(std::move(library));
    }
  return out;
}

/// The soname without path and version: "libpq.so.5.15" -> "libpq", "libevent-2.1.so.7" -> "libevent-2".
std::string stem_of(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  const auto so = path.find(".so");
  if (so == std::string_view::npos) return {};
  path = path.substr(0, so);
  const auto dot = path.find('.');
  return std::string(path.substr(0, dot));
}

std::set<std::string> names_in(const Profile& profile) {
  std::set<std::string> out;
  for (const Process& process : profile.processes) {
    out.insert(process.modules.begin(), process.modules.end());
    for (const std::string& library : process.libraries) out.insert(stem_of(library));
  }
  return out;
}

bool can_async(const Library& library) { return library.kind != "blocking"; }

/// Of the libraries found, those that decide: of the wanted effect, not carrying another one that was found. An event loop by itself
/// can wait for everything but files.
std::vector<const Library*> deciding(const std::vector<const Library*>& found, const std::string& effect) {
  std::vector<const Library*> out;
  for (const bool base : {false, true}) {
    for (const Library* library : found)
      if (library->base == base && (library->effect == effect || (library->effect == "any" && library->kind == "loop" && effect != "disk"))) out.push_back(library);
    if (!out.empty()) return out;
  }
  return out;
}

void add_lint(Stack& stack, const LintResult* lint) {
  if (lint == nullptr) return;
  const auto coroutines = std::count_if(lint->findings.begin(), lint->findings.end(), [](const Finding& finding) {
    return finding.context.find("coroutine") != std::string::npos || finding.context.find("async") != std::string::npos;
  });
  if (coroutines == 0) return;
  stack.evidence.push_back(fmt::format("the source has coroutines: lint looked into {} of them", coroutines));
  if (!stack.known) stack.async_share = 1;
  stack.known = true;
}

}  // namespace

const std::vector<Library>& libraries() {
  static const std::vector<Library> all = load();
  return all;
}

Stack stack_of(const Profile& profile, const LintResult* lint, const std::string& effect) {
  Stack stack;
  const std::set<std::string> names = names_in(profile);
  for (const Library& library : libraries())
    if (names.count(library.name) != 0) stack.found.push_back(&library);
  const std::vector<const Library*> decide = deciding(stack.found, effect);
  double able = 0;
  for (const Library* library : decide) {
    able += can_async(*library) ? 1 : 0;
    stack.evidence.push_back(can_async(*library) ? fmt::format("{} can work asynchronously: {}", library->name, library->async_api)
                                                 : fmt::format("{} only blocks", library->name));
    if (!can_async(*library) && !library->sibling.empty()) stack.replace.push_back(library->name + " -> " + library->sibling);
  }
  stack.known = !decide.empty();
  stack.async_share = decide.empty() ? 0 : able / static_cast<double>(decide.size());
  add_lint(stack, lint);
  for (const Loop& loop : profile.loops) {
    stack.runs_loop = true;
    if (!loop.framework.empty()) stack.framework = loop.framework;
  }
  // Readiness loops tell nothing about files: those need a thread, or a library of their own (io_uring).
  if (stack.runs_loop && effect != "disk") {
    stack.known = true;
    stack.async_share = 1;
    stack.evidence.push_back(fmt::format("an event loop was seen running ({})", stack.framework.empty() ? profile.loops.front().kind : stack.framework));
  }
  if (!stack.known) stack.evidence.push_back("no I/O library was recognised and no event loop was seen");
  return stack;
}

}  // namespace concadvise
