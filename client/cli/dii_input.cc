// SPDX-License-Identifier: Apache-2.0

#include "client/cli/dii_input.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace uid2::cli {

absl::StatusOr<std::string> OnlyLine(absl::string_view text) {
  absl::string_view only;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    if (!only.empty()) {
      return absl::InvalidArgumentError(
          "stdin contains more than one line: send one user per call, or use `identityctl batch`");
    }
    absl::ConsumeSuffix(&line, "\r");
    only = line;
  }
  if (only.empty()) {
    return absl::InvalidArgumentError("stdin is empty: write one email or phone to it");
  }
  return std::string(only);
}

absl::Status SetDii(absl::string_view line, absl::string_view kind,
                    identity::v1::GenerateIdentityRequest& request) {
  if (kind.empty()) {
    kind = absl::StrContains(line, '@') ? "email" : absl::StartsWith(line, "+") ? "phone" : "";
  }
  const std::string value(line);
  if (kind == "email") {
    request.set_email(value);
  } else if (kind == "phone") {
    request.set_phone(value);
  } else if (kind == "email_hash") {
    request.set_email_hash(value);
  } else if (kind == "phone_hash") {
    request.set_phone_hash(value);
  } else {
    return absl::InvalidArgumentError(
        "the line neither contains \"@\" nor starts with \"+\": add --kind=email, --kind=phone, "
        "--kind=email_hash or --kind=phone_hash");
  }
  return absl::OkStatus();
}

}  // namespace uid2::cli
