// SPDX-License-Identifier: Apache-2.0

#include "client/cli/dii_input.h"

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace uid2::cli {
namespace {

// Only bounds what is read. The service itself accepts 16 KiB, and says so if it gets more.
constexpr size_t kMaxInput = 32 << 10;

absl::StatusOr<std::string> ReadAll(std::istream& in) {
  std::string text(kMaxInput + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return absl::InvalidArgumentError("stdin cannot be read");
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > kMaxInput) return absl::InvalidArgumentError("stdin contains too much data");
  return text;
}

}  // namespace

absl::Status ReadDii(std::istream& in, absl::string_view kind,
                     identity::v1::GenerateIdentityRequest& request) {
  absl::StatusOr<std::string> text = ReadAll(in);
  if (!text.ok()) return text.status();
  // Keep spaces: the service decides what they mean in an email.
  absl::string_view line = *text;
  if (!absl::ConsumeSuffix(&line, "\r\n")) absl::ConsumeSuffix(&line, "\n");
  if (line.empty()) {
    return absl::InvalidArgumentError("stdin is empty: write one email or phone to it");
  }
  if (absl::StrContains(line, '\n')) {
    return absl::InvalidArgumentError("stdin contains more than one line: send one user per call");
  }
  if (kind.empty()) kind = absl::StrContains(line, '@') ? "email" : line[0] == '+' ? "phone" : "";
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
        "stdin neither contains \"@\" nor starts with \"+\": add --kind=email, --kind=phone, "
        "--kind=email_hash or --kind=phone_hash");
  }
  return absl::OkStatus();
}

absl::Status ReadIdentity(std::istream& in, identity::v1::RefreshIdentityRequest& request) {
  absl::StatusOr<std::string> text = ReadAll(in);
  if (!text.ok()) return text.status();
  const absl::string_view json = absl::StripAsciiWhitespace(*text);
  if (json.empty()) {
    return absl::InvalidArgumentError(
        "stdin is empty: write an identity's JSON to it, as `generate --json_only` prints it");
  }
  request.set_identity_json(std::string(json));
  return absl::OkStatus();
}

}  // namespace uid2::cli
