// concadvise rules: the rules of lint, and their documentation as pages.
#include <fmt/format.h>

#include <cstdio>

#include "analyzer/checks/check.h"
#include "cli/subcommand.h"

namespace concadvise::cli {

int run_rules_command(const Arguments& arguments) {
  if (arguments.size() == 2 && arguments[0] == "docs") {
    // One page per rule, for docs/rules.
    for (const auto* check : all_checks()) {
      const std::string path = fmt::format("{}/{}.md", arguments[1], check->name);
      std::FILE* file = std::fopen(path.c_str(), "w");
      if (file == nullptr) {
        print_error({Error::Kind::io, fmt::format("{} can't be written", path), "give a folder that exists"});
        return kExitUsage;
      }
      fmt::print(file, "<!-- Written by `concadvise rules docs`; edit analyzer/checks instead. -->\n# {}\n\n{}\n\nSeverity: {}{}. Languages: {}.\n{}", check->name,
                 check->summary, check->severity, check->extended ? "; off by default, `--extended` turns it on" : "",
                 check->cpp && check->python ? "C and C++, Python" : check->cpp ? "C and C++" : "Python", check->documentation);
      std::fclose(file);
    }
    return 0;
  }
  if (arguments.size() != 1 || arguments[0] != "list") {
    fmt::print(arguments.empty() ? stderr : stdout, "concadvise rules list: names, languages, severities and what each rule is about\n");
    return arguments.empty() ? kExitUsage : arguments[0] == "--help" ? 0 : kExitUsage;
  }
  for (const auto* check : all_checks())
    fmt::print("{:<28} {:<10} {:<8} {}{}\n", check->name, check->cpp && check->python ? "C++ Python" : check->cpp ? "C++" : "Python", check->severity, check->summary,
               check->extended ? " (off by default)" : "");
  return 0;
}

}  // namespace concadvise::cli
