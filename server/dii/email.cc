// SPDX-License-Identifier: Apache-2.0

#include "server/dii/email.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "server/dii/code_point.h"
#include "server/dii/dii_hash.h"
#include "server/dii/phone.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

constexpr char kGmail[] = "gmail.com";

absl::Status Invalid(absl::string_view what) {
  return MakeError(identity::v1::EMAIL_INVALID, what, "email");
}

absl::string_view StripTrailingSpaces(absl::string_view text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

absl::string_view StripSpaces(absl::string_view text) {
  return StripTrailingSpaces(text.substr(std::min(text.find_first_not_of(' '), text.size())));
}

bool IsVisibleAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

absl::Status CheckCharacters(absl::string_view email, DiiPolicy policy) {
  // Like nearly all of them.
  if (IsVisibleAscii(email)) return absl::OkStatus();
  bool begun = false;
  bool in_run = false;
  bool inside = false;
  bool at_edge = false;
  for (absl::string_view remaining = StripSpaces(email); !remaining.empty();) {
    const absl::optional<char32_t> code_point = TakeCodePoint(remaining);
    if (!code_point.has_value()) return Invalid("the email is not valid UTF-8; send it as UTF-8");
    if (IsSpaceOrControl(*code_point)) {
      in_run = true;
      continue;
    }
    if (in_run) (begun ? inside : at_edge) = true;
    begun = true;
    in_run = false;
  }
  at_edge |= in_run;
  if (policy == DiiPolicy::kOperator || !(inside || at_edge)) return absl::OkStatus();
  // Two messages for two causes: a typing error, and code that reads a form or file without
  // trimming.
  return Invalid(inside ? "the email has white space or a control character inside, which policy "
                          "STRICT rejects; ask the user to correct it"
                        : "the email begins or ends with a line break, a tab or another "
                          "character that policy STRICT rejects; trim it");
}

absl::Status NoAt(absl::string_view email) {
  if (IsSha256Text(email)) {
    return Invalid("the email has no @ and looks like a hash; send it as email_hash");
  }
  if (IsE164(email)) {
    return Invalid("the email has no @ and looks like a phone number; send it as phone");
  }
  return Invalid("the email has no @; ask the user to correct it");
}

std::string NormalizeLocalPart(absl::string_view local, bool gmail) {
  std::string normalized;
  normalized.reserve(local.size());
  for (const char c : local) {
    if (c == ' ' || (gmail && c == '.')) continue;
    if (gmail && c == '+') break;
    normalized.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  return normalized;
}

}  // namespace

absl::StatusOr<std::string> NormalizeEmail(absl::string_view email, DiiPolicy policy) {
  const size_t at = email.find('@');
  if (at == absl::string_view::npos) return NoAt(email);
  if (email.find('@', at + 1) != absl::string_view::npos) {
    return Invalid("the email has more than one @; ask the user to correct it");
  }
  const std::string domain = absl::AsciiStrToLower(StripTrailingSpaces(email.substr(at + 1)));
  if (domain.empty()) {
    return Invalid("the email has nothing after the @; ask the user to correct it");
  }
  const bool gmail = domain == kGmail;
  const std::string local = NormalizeLocalPart(email.substr(0, at), gmail);
  if (local.empty()) {
    return Invalid(gmail ? "the email has nothing before the @ but dots and a part after +, which "
                           "do not count at gmail.com; ask the user to correct it"
                         : "the email has nothing before the @; ask the user to correct it");
  }
  if (absl::Status status = CheckCharacters(email, policy); !status.ok()) return status;
  return absl::StrCat(local, "@", domain);
}

}  // namespace uid2
