// SPDX-License-Identifier: Apache-2.0

#include "client/cli/header.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/cli/input.h"

namespace uid2::cli {
namespace {

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
}

bool IsValueCharacter(char c) { return c >= 0x20 && c <= 0x7e; }

// gRPC sets these itself, and ends the process or the call if they are set twice.
bool IsReserved(absl::string_view name) {
  for (const absl::string_view reserved :
       {"content-type", "user-agent", "te", "host", "connection", "transfer-encoding"}) {
    if (name == reserved) return true;
  }
  return absl::StartsWith(name, "grpc-");
}

// `origin` is "-H" or the file and line.
absl::Status Append(absl::string_view text, absl::string_view origin, Headers& headers) {
  const size_t colon = text.find(':');
  const std::string name = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text.substr(0, colon)));
  if (colon == absl::string_view::npos || name.empty() ||
      !std::all_of(name.begin(), name.end(), IsNameCharacter)) {
    return absl::InvalidArgumentError(
        absl::StrCat(origin, " must be \"NAME: VALUE\", with letters, digits and -_. in the name"));
  }
  if (IsReserved(name)) {
    return absl::InvalidArgumentError(absl::StrCat(origin, ": gRPC sets ", name, " itself"));
  }
  std::string value(absl::StripAsciiWhitespace(text.substr(colon + 1)));
  if (absl::EndsWith(name, "-bin")) {
    std::string bytes;
    if (!absl::Base64Unescape(value, &bytes)) {
      return absl::InvalidArgumentError(
          absl::StrCat(origin, ": the value of ", name, " is not base64"));
    }
    value = std::move(bytes);
  } else if (!std::all_of(value.begin(), value.end(), IsValueCharacter)) {
    return absl::InvalidArgumentError(
        absl::StrCat(origin, ": the value of ", name,
                     " is not printable ASCII; a name that ends in -bin takes "
                     "base64 of anything"));
  }
  headers.emplace_back(name, std::move(value));
  return absl::OkStatus();
}

absl::Status AppendFile(const std::string& path, absl::Duration limit, const Clock& clock,
                        Headers& headers) {
  if (path.empty() || path == "-") {
    return absl::InvalidArgumentError("-H @FILE needs the name of a file");
  }
  const absl::StatusOr<std::string> text = ReadInput(path, "headers", limit, clock);
  if (!text.ok()) return text.status();
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    ++number;
    const absl::string_view content = absl::StripAsciiWhitespace(line);
    if (content.empty() || absl::StartsWith(content, "#")) continue;
    absl::Status status = Append(content, absl::StrCat(path, ":", number), headers);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Headers> ParseHeaders(const std::vector<std::string>& arguments,
                                     absl::Duration limit, const Clock& clock) {
  Headers headers;
  for (const std::string& argument : arguments) {
    absl::string_view path = argument;
    const absl::Status status = absl::ConsumePrefix(&path, "@")
                                    ? AppendFile(std::string(path), limit, clock, headers)
                                    : Append(argument, "-H", headers);
    if (!status.ok()) return status;
  }
  return headers;
}

}  // namespace uid2::cli
