// SPDX-License-Identifier: Apache-2.0

#include "server/app/command_line.h"

#include <algorithm>
#include <cstddef>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"

namespace uid2 {
namespace {

constexpr size_t kColumns = 80;
constexpr absl::string_view kIndent = "      ";

struct Argument {
  std::string name;
  absl::optional<std::string> value;
};

// `text` begins with "-".
Argument Split(const std::string& text) {
  const size_t begin = absl::StartsWith(text, "--") ? 2 : 1;
  const size_t end = std::min(text.find('='), text.size());
  Argument argument;
  argument.name = absl::StrReplaceAll(text.substr(begin, end - begin), {{"-", "_"}});
  if (end < text.size()) argument.value = text.substr(end + 1);
  return argument;
}

absl::Status Wrong(absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat(problem, "; identity_server --help lists the flags"));
}

std::string Wrapped(absl::string_view text) {
  std::string wrapped;
  size_t column = 0;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (column != 0 && column + 1 + word.size() > kColumns) {
      wrapped += '\n';
      column = 0;
    }
    const absl::string_view before = column == 0 ? kIndent : " ";
    absl::StrAppend(&wrapped, before, word);
    column += before.size() + word.size();
  }
  return wrapped;
}

}  // namespace

absl::StatusOr<CommandLineRequest> ParseCommandLine(const std::vector<std::string>& arguments,
                                                    absl::Span<const absl::string_view> flags) {
  for (size_t next = 0; next < arguments.size();) {
    const std::string& text = arguments[next++];
    if (text.size() < 2 || text[0] != '-') {
      return Wrong(absl::StrCat("takes flags only, not \"", text, "\""));
    }
    Argument argument = Split(text);
    if (argument.name == "help" || argument.name == "h") return CommandLineRequest::kHelp;
    if (argument.name == "version") return CommandLineRequest::kVersion;
    absl::CommandLineFlag* const flag =
        std::find(flags.begin(), flags.end(), argument.name) == flags.end()
            ? nullptr
            : absl::FindCommandLineFlag(argument.name);
    if (flag == nullptr) return Wrong(absl::StrCat("there is no flag --", argument.name));
    if (!argument.value.has_value() && flag->IsOfType<bool>()) argument.value = "true";
    if (!argument.value.has_value() && next < arguments.size()) argument.value = arguments[next++];
    if (!argument.value.has_value()) {
      return Wrong(
          absl::StrCat("--", argument.name, " needs a value: --", argument.name, "=VALUE"));
    }
    std::string error;
    if (!flag->ParseFrom(*argument.value, &error)) return Wrong(error);
  }
  return CommandLineRequest::kRun;
}

std::string FlagsHelp(absl::Span<const absl::string_view> flags) {
  std::string help;
  for (absl::string_view name : flags) {
    const absl::CommandLineFlag* const flag = absl::FindCommandLineFlag(name);
    const std::string value = flag->DefaultValue();
    absl::StrAppend(&help, "  --", name);
    if (!value.empty()) absl::StrAppend(&help, " (default: ", value, ")");
    absl::StrAppend(&help, "\n", Wrapped(flag->Help()), "\n");
  }
  return help;
}

}  // namespace uid2
