// concadvise completions: what a shell needs to complete our words. Options come from the help at the moment of completing,
// so that there is one list of them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/options.h"

namespace concadvise::cli {
namespace {

constexpr std::string_view kBash = R"sh(# source <(concadvise completions bash)
_concadvise() {
  local word=${COMP_WORDS[COMP_CWORD]} i
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W "@names@" -- "$word")
    return
  fi
  if [[ ${COMP_WORDS[1]} == profile ]]; then
    for ((i = 2; i < COMP_CWORD; i++)); do
      if [[ ${COMP_WORDS[i]} == -- ]]; then
        if ((i + 1 == COMP_CWORD)); then mapfile -t COMPREPLY < <(compgen -c -- "$word"); fi
        return
      fi
    done
  fi
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(concadvise "${COMP_WORDS[1]}" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]+' | sort -u)" -- "$word")
  fi
}
complete -o bashdefault -o default -F _concadvise concadvise
)sh";

constexpr std::string_view kZsh = R"sh(#compdef concadvise
# source <(concadvise completions zsh)
_concadvise() {
  if ((CURRENT == 2)); then
    compadd -- @names@
  elif [[ ${words[CURRENT]} == -* ]]; then
    compadd -- ${(f)"$(concadvise ${words[2]} --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]+')"}
  elif [[ ${words[2]} == profile && ${words[CURRENT-1]} == -- ]]; then
    _command_names
  else
    _files
  fi
}
compdef _concadvise concadvise
)sh";

constexpr std::string_view kFish = R"sh(# concadvise completions fish | source
complete -c concadvise -n __fish_use_subcommand -f -a "@names@"
complete -c concadvise -n "not __fish_use_subcommand; and string match -q -- '-*' (commandline -ct)" -f -a "(concadvise (commandline -opc)[2] --help 2>/dev/null | string match -ra -- '--[a-z][a-z-]+')"
)sh";

}  // namespace

int run_completions_command(const Arguments& arguments) {
  CLI::App app("Prints what a shell needs to complete the words of concadvise.", "concadvise completions");
  std::string shell;
  app.add_option("shell", shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  if (const auto exit = read_options(app, arguments)) return *exit;
  std::vector<std::string_view> names;
  for (const Subcommand& each : subcommands()) names.push_back(each.name);
  std::string text(shell == "bash" ? kBash : shell == "zsh" ? kZsh : kFish);
  constexpr std::string_view kPlace = "@names@";
  text.replace(text.find(kPlace), kPlace.size(), fmt::format("{}", fmt::join(names, " ")));
  fmt::print("{}", text);
  return 0;
}

}  // namespace concadvise::cli
