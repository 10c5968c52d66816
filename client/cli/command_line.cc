// SPDX-License-Identifier: Apache-2.0

#include "client/cli/command_line.h"

#include <algorithm>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/types/optional.h"
#include "client/cli/nearest.h"

namespace uid2::cli {
namespace {

std::string Suggest(absl::string_view word, const std::vector<absl::string_view>& candidates,
                    absl::string_view before, absl::string_view otherwise) {
  const absl::string_view nearest = Nearest(word, candidates);
  if (nearest.empty()) return std::string(otherwise);
  return absl::StrCat("did you mean ", before, nearest, "?");
}

absl::Status UnknownCommand(absl::string_view word) {
  std::vector<absl::string_view> names;
  for (const Command& command : Commands()) names.push_back(command.name);
  return absl::InvalidArgumentError(
      absl::StrCat("unknown command ", word, "; ",
                   Suggest(word, names, "", "identityctl --help lists the commands")));
}

struct FlagWord {
  std::string name;
  absl::optional<std::string> value;
};

FlagWord SplitFlag(const std::string& argument) {
  FlagWord result;
  const size_t begin = absl::StartsWith(argument, "--") ? 2 : 1;
  const size_t end = argument.find('=');
  result.name = absl::StrReplaceAll(argument.substr(begin, end - begin), {{"-", "_"}});
  if (end != std::string::npos) result.value = argument.substr(end + 1);
  return result;
}

bool Takes(const Command& command, absl::string_view flag) {
  return std::find(command.flags.begin(), command.flags.end(), flag) != command.flags.end();
}

// Parses the arguments that follow the command's name.
class Reader {
 public:
  Reader(const Command& command, const std::vector<std::string>& arguments)
      : command_(command), arguments_(arguments) {}

  // Starts at the argument with index `next`.
  absl::Status Read(size_t next, CommandLine& result) {
    for (next_ = next; next_ < arguments_.size();) {
      const std::string& argument = arguments_[next_++];
      absl::Status status = argument.size() > 1 && argument[0] == '-' ? ReadFlag(argument, result)
                                                                      : ReadWord(argument, result);
      if (!status.ok() || result.wish != CommandLine::Wish::kRun) return status;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status ReadFlag(const std::string& argument, CommandLine& result) {
    FlagWord word = SplitFlag(argument);
    if (word.name == "help" || word.name == "h") {
      result.wish = CommandLine::Wish::kHelp;
      return absl::OkStatus();
    }
    absl::CommandLineFlag* flag =
        Takes(command_, word.name) ? absl::FindCommandLineFlag(word.name) : nullptr;
    if (flag == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          command_.name, " has no flag --", word.name, "; ",
          Suggest(word.name, command_.flags, "--",
                  absl::StrCat("identityctl ", command_.name, " --help lists its flags"))));
    }
    if (!word.value.has_value() && flag->IsOfType<bool>()) word.value = "true";
    if (!word.value.has_value() && next_ < arguments_.size()) word.value = arguments_[next_++];
    if (!word.value.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", word.name, " needs a value: --", word.name, "=..."));
    }
    std::string error;
    if (!flag->ParseFrom(*word.value, &error)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", word.name, " has an invalid value; it means: ", flag->Help()));
    }
    return absl::OkStatus();
  }

  absl::Status ReadWord(const std::string& argument, CommandLine& result) const {
    if (command_.words.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          command_.name, " takes flags only; see identityctl ", command_.name, " --help"));
    }
    result.words.push_back(argument);
    return absl::OkStatus();
  }

  const Command& command_;
  const std::vector<std::string>& arguments_;
  size_t next_ = 0;
};

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments) {
  CommandLine result;
  if (arguments.empty()) return absl::InvalidArgumentError("no command given");
  const std::string& first = arguments[0];
  if (first == "--help" || first == "-h" || first == "help") {
    result.wish = CommandLine::Wish::kHelp;
    if (arguments.size() > 1) result.command = FindCommand(arguments[1]);
    return result;
  }
  if (first == "--version") {
    result.wish = CommandLine::Wish::kVersion;
    return result;
  }
  if (absl::StartsWith(first, "-")) {
    return absl::InvalidArgumentError("the command comes first: identityctl COMMAND [FLAGS]");
  }
  result.command = FindCommand(first);
  if (result.command == nullptr) return UnknownCommand(first);
  const absl::Status status = Reader(*result.command, arguments).Read(1, result);
  if (!status.ok()) return status;
  return result;
}

}  // namespace uid2::cli
