// SPDX-License-Identifier: Apache-2.0

#include "client/cli/help.h"

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace uid2::cli {
namespace {

constexpr absl::string_view kExitCodes =
    R"(Exit codes:
  0 an identity (health: serving)   3 the user has opted out   4 consent is insufficient
  5 the user must log in again     64 wrong command line      65 invalid input
 66 a file cannot be read          69 unavailable, try later  70 protocol violated
 74 output cannot be written       77 not allowed             78 the service's credentials or clock
)";

void AppendFlag(absl::string_view name, std::string& text) {
  const absl::CommandLineFlag* const flag = absl::FindCommandLineFlag(name);
  if (flag == nullptr) return;
  std::string heading = absl::StrCat("  --", name);
  if (!flag->IsOfType<bool>()) {
    const std::string otherwise = flag->DefaultValue();
    absl::StrAppend(&heading, "=", otherwise.empty() ? "..." : otherwise);
  }
  for (const absl::string_view line : absl::StrSplit(flag->Help(), '\n')) {
    absl::StrAppend(&text, absl::StrFormat("%-28s %s\n", heading, line));
    heading.clear();
  }
}

}  // namespace

std::string ShortUsage() {
  std::string text = "identityctl COMMAND [FLAGS]\n\n";
  for (const Command& command : Commands()) {
    absl::StrAppend(&text, absl::StrFormat("  %-12s %s\n", command.name, command.summary));
  }
  return absl::StrCat(
      text,
      "\nExample:\n  echo user@example.com | identityctl generate "
      "--address=127.0.0.1:50051\n\n",
      kExitCodes, "\nidentityctl COMMAND --help shows details; --version prints the version.\n");
}

std::string HelpOf(const Command& command) {
  std::string text = absl::StrCat("identityctl ", command.name);
  if (!command.argument.empty()) {
    absl::StrAppend(&text, " ", command.words.empty() ? "[FILE]" : command.argument);
  }
  absl::StrAppend(&text, command.flags.empty() ? "" : " [FLAGS]", ": ", command.summary, "\n\n",
                  command.description, "\n\nExamples:\n", command.examples);
  if (!command.flags.empty()) absl::StrAppend(&text, "\nFlags:\n");
  for (const absl::string_view flag : command.flags) AppendFlag(flag, text);
  if (command.name != "doctor") absl::StrAppend(&text, "\n", kExitCodes);
  return text;
}

}  // namespace uid2::cli
