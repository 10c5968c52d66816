// SPDX-License-Identifier: Apache-2.0

#include "client/cli/command_line.h"

#include <algorithm>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/types/optional.h"
#include "client/cli/flag_value.h"
#include "client/cli/nearest.h"

namespace uid2::cli {
namespace {

std::string Suggest(absl::string_view word, const std::vector<absl::string_view>& candidates,
                    absl::string_view before, absl::string_view otherwise) {
  const absl::string_view nearest = Nearest(word, candidates);
  if (nearest.empty()) return std::string(otherwise);
  return absl::StrCat("did you mean ", before, nearest, "?");
}

// `word` if it looks like a misspelled name, and "" if it may be a value, such as an email.
absl::string_view NameOnly(absl::string_view word) {
  constexpr size_t kLongest = 32;
  const bool is_name =
      word.size() <= kLongest && std::all_of(word.begin(), word.end(), [](char c) {
        return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '-';
      });
  return is_name ? word : "";
}

absl::Status UnknownCommand(absl::string_view word) {
  std::vector<absl::string_view> names;
  for (const Command& command : Commands()) names.push_back(command.name);
  const absl::string_view name = NameOnly(word);
  return absl::InvalidArgumentError(
      absl::StrCat("unknown command", name.empty() ? "" : " ", name, "; ",
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
  if (argument == "-H") result.name = "header";
  if (argument == "-v") result.name = "verbose";
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
    bool flags_ended = false;
    for (next_ = next; next_ < arguments_.size();) {
      const std::string& argument = arguments_[next_++];
      if (argument == "--" && !flags_ended) {
        flags_ended = true;
        continue;
      }
      const bool is_flag = !flags_ended && argument.size() > 1 && argument[0] == '-';
      const absl::Status status = is_flag ? ReadFlag(argument, result) : ReadWord(argument, result);
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
    const absl::CommandLineFlag* const flag =
        Takes(command_, word.name) ? absl::FindCommandLineFlag(word.name) : nullptr;
    if (flag == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          command_.name, " has no flag --", NameOnly(word.name), "; ",
          Suggest(word.name, command_.flags, "--",
                  absl::StrCat("identityctl ", command_.name, " --help lists its flags"))));
    }
    const std::string origin = absl::StrCat("--", word.name);
    if (!word.value.has_value() && flag->IsOfType<bool>()) word.value = "true";
    if (!word.value.has_value() && next_ < arguments_.size() &&
        !absl::StartsWith(arguments_[next_], "--")) {
      word.value = arguments_[next_++];
    }
    if (!word.value.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(origin, " needs a value: ", origin, "=..."));
    }
    const bool is_new = result.flags.insert(word.name).second;
    // The last of two would win in silence, and the answer might be for the wrong user.
    if (!is_new && IsUserFlag(word.name)) {
      return absl::InvalidArgumentError(absl::StrCat(origin, " is set twice: set it once"));
    }
    if (word.name == "header") result.headers.push_back(*word.value);
    return SetFlag(word.name, *word.value, origin);
  }

  absl::Status ReadWord(const std::string& argument, CommandLine& result) const {
    if (command_.argument.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          command_.name, " takes flags only; see identityctl ", command_.name, " --help"));
    }
    if (!result.word.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(command_.name, " takes one ", command_.argument, " only"));
    }
    if (argument.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the ", command_.argument, " is empty: leave it out, or name one"));
    }
    result.word = argument;
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
    if (arguments.size() == 1) return result;
    result.command = FindCommand(arguments[1]);
    if (result.command == nullptr) return UnknownCommand(arguments[1]);
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

bool AsksForJson(const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    if (!absl::StartsWith(arguments[i], "-")) continue;
    const FlagWord word = SplitFlag(arguments[i]);
    if (word.name != "output") continue;
    if (word.value == "json") return true;
    if (!word.value.has_value() && i + 1 < arguments.size() && arguments[i + 1] == "json") {
      return true;
    }
  }
  return false;
}

}  // namespace uid2::cli
