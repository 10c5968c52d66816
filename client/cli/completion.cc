#include "client/cli/completion.h"

#include <vector>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "client/cli/command.h"

namespace uid2::cli {
namespace {

// bash splits words at "=": what stands before and behind it are words of their own.
constexpr char kScript[] = R"(# Completes identityctl. Made by `identityctl completion bash`.
_identityctl() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=
  if [[ $current == "=" ]]; then
    current=
  elif [[ $before == "=" ]]; then
    before=${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  case $before in
@VALUES@  esac
  if ((COMP_CWORD == 1)); then
    words="@COMMANDS@"
  else
    case ${COMP_WORDS[1]} in
@FLAGS@    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
  return 0
}
complete -F _identityctl identityctl
)";

std::string ValueCases() {
  std::string text;
  for (const FlagValues& flag : CompletableFlags()) {
    const std::string words =
        flag.values == "file" ? std::string("-f") : absl::StrCat("-W \"", flag.values, "\"");
    absl::StrAppend(&text, "    --", flag.flag, ") COMPREPLY=($(compgen ", words,
                    " -- \"$current\")); return 0 ;;\n");
  }
  return text;
}

std::string FlagCases() {
  std::string text;
  for (const Command& command : Commands()) {
    std::vector<std::string> words(command.words.begin(), command.words.end());
    for (const absl::string_view name : command.flags) {
      const absl::CommandLineFlag* const flag = absl::FindCommandLineFlag(name);
      const bool has_value = flag != nullptr && !flag->IsOfType<bool>();
      words.push_back(absl::StrCat("--", name, has_value ? "=" : ""));
    }
    words.push_back("--help");
    absl::StrAppend(&text, "      ", command.name, ") words=\"", absl::StrJoin(words, " "),
                    "\" ;;\n");
  }
  return text;
}

}  // namespace

std::string BashCompletion() {
  const std::string commands = absl::StrJoin(
      Commands(), " ",
      [](std::string* out, const Command& command) { absl::StrAppend(out, command.name); });
  return absl::StrReplaceAll(
      kScript, {{"@VALUES@", ValueCases()}, {"@COMMANDS@", commands}, {"@FLAGS@", FlagCases()}});
}

}  // namespace uid2::cli
