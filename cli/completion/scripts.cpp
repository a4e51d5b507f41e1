#include "completion/scripts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "podium/error.h"
#include "podium/names.h"

namespace cli {
namespace {

// Each is thin: which words may stand where is known to the program alone (complete.h), which the shell asks.

constexpr const char* bash = R"sh(# Completion of podium for bash: the program itself is asked at every Tab. Made by: podium completion bash
_podium() {
  local program=${1/#\~/$HOME} line=${COMP_LINE:0:COMP_POINT} breaks="" kept="" current kind word
  local -a words=()
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=${words[${#words[@]} - 1]}
  # Bash wants back what stands behind the last break of the word, if = or : is one here.
  [[ $COMP_WORDBREAKS == *=* ]] && breaks+="="
  [[ $COMP_WORDBREAKS == *:* ]] && breaks+=":"
  [[ -n $breaks && $current == *[$breaks]* ]] && kept=${current%"${current##*[$breaks]}"}
  COMPREPLY=()
  {
    read -r kind
    while IFS=$'\t' read -r word _; do COMPREPLY+=("${word#"$kept"}"); done
  } < <("$program" __complete "${words[@]:1}" 2>/dev/null)
  if [[ $kind == files ]]; then
    if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
      compopt -o default
    else
      while read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "${current#"$kept"}")
    fi
  fi
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:] ]] && compopt -o nospace
  return 0
}
complete -F _podium podium
)sh";

constexpr const char* zsh = R"sh(#compdef podium
# Completion of podium for zsh: the program itself is asked at every Tab. Made by: podium completion zsh
_podium() {
  local program=${words[1]/#\~/$HOME} line word
  local -a answer open closed
  answer=("${(@f)$("$program" __complete "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
  for line in "${(@)answer[2,-1]}"; do
    word=${${line%%$'\t'*}//:/\\:}
    if [[ $word == *(=|:) ]]; then
      open+=("$word:${line#*$'\t'}")
    else
      closed+=("$word:${line#*$'\t'}")
    fi
  done
  (( $#open + $#closed )) && _describe -V podium closed -- open -S ''
  if [[ $answer[1] == files ]]; then
    [[ $PREFIX == --* ]] && compset -P '*='
    _files
  fi
}
if [[ $funcstack[1] == _podium ]]; then
  _podium "$@"
else
  compdef _podium podium
fi
)sh";

constexpr const char* fish = R"sh(# Completion of podium for fish: the program itself is asked at every Tab. Made by: podium completion fish
function __podium_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    set -e words[1]
    set -l answer ($program __complete $words "$current" 2>/dev/null)
    set -l kind $answer[1]
    set -e answer[1]
    printf '%s\n' $answer
    if test "$kind" = files
        __fish_complete_path "$current"
    end
end
complete -c podium -f -a '(__podium_complete)'
)sh";

struct Script {
  const char* shell;
  const char* text;
};
constexpr Script scripts[] = {{"bash", bash}, {"fish", fish}, {"zsh", zsh}};

}  // namespace

std::vector<std::string> shell_names() {
  std::vector<std::string> names;
  for (const Script& script : scripts) names.emplace_back(script.shell);
  return names;
}

std::string completion_script(const std::string& shell) {
  for (const Script& script : scripts) {
    if (shell == script.shell) return script.text;
  }
  throw podium::Exception(
      {podium::ErrorCode::wrong_use,
       fmt::format("there is no completion for the shell '{}'{}", podium::printable(shell), podium::did_you_mean(shell, shell_names())),
       fmt::format("choose from {}", fmt::join(shell_names(), ", "))});
}

}  // namespace cli
