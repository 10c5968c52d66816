// SPDX-License-Identifier: Apache-2.0

#include "client/cli/identity_report.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "absl/strings/str_cat.h"
#include "client/cli/report_text.h"
#include "server/identity/freshness.h"

namespace uid2::cli {
namespace {

const char* NameOf(IdentityState state) {
  switch (state) {
    case IdentityState::kFresh:
      return "FRESH";
    case IdentityState::kDue:
      return "DUE";
    case IdentityState::kExpired:
      return "EXPIRED";
    case IdentityState::kLoginRequired:
      break;
  }
  return "LOGIN_REQUIRED";
}

const char* MeaningOf(IdentityState state) {
  switch (state) {
    case IdentityState::kFresh:
      return "use it: no refresh is due";
    case IdentityState::kDue:
      return "use it, and refresh it";
    case IdentityState::kExpired:
      return "refresh it before use: the advertising token has expired";
    case IdentityState::kLoginRequired:
      break;
  }
  return "it cannot be refreshed any more; a new one requires the user's email or phone (generate)";
}

}  // namespace

IdentityState StateOf(const Identity& identity, absl::Time now) {
  if (IsRefreshTokenExpired(identity, now)) return IdentityState::kLoginRequired;
  if (!IsAdvertisingTokenGood(identity, now)) return IdentityState::kExpired;
  return IsRefreshDue(identity, now) ? IdentityState::kDue : IdentityState::kFresh;
}

TokenOrigin OriginOf(absl::string_view advertising_token) {
  // The first byte holds the scope and the kind, the second the token's version, 3 or 4. In base64,
  // both show in the first two characters.
  if (advertising_token.size() < 2 ||
      (advertising_token[1] != '3' && advertising_token[1] != '4')) {
    return {"", ""};
  }
  switch (advertising_token[0]) {
    case 'A':
      return {"UID2", "email"};
    case 'B':
      return {"UID2", "phone"};
    case 'E':
      return {"EUID", "email"};
    case 'F':
      return {"EUID", "phone"};
    default:
      return {"", ""};
  }
}

std::string IdentityText(const Identity& identity, absl::Time now) {
  const IdentityState state = StateOf(identity, now);
  const TokenOrigin origin = OriginOf(identity.advertising_token);
  std::string text;
  AppendLine(text, "state", NameOf(state));
  AppendLine(text, "meaning", MeaningOf(state));
  AppendLine(text, "scope", origin.scope.empty() ? "unknown" : origin.scope);
  AppendLine(text, "made_of", origin.kind.empty() ? "unknown" : origin.kind);
  AppendLine(text, "advertising_token", Shortened(identity.advertising_token));
  AppendLine(text, "refresh_token", Shortened(identity.refresh_token));
  AppendLine(text, "refresh_response_key",
             identity.refresh_response_key.empty() ? "none: a legacy identity" : "set");
  AppendLine(text, "refresh_from", Instant(identity.refresh_from, now));
  AppendLine(text, "identity_expires", Instant(identity.identity_expires, now));
  AppendLine(text, "refresh_expires", Instant(identity.refresh_expires, now));
  return text;
}

std::string IdentityJson(const Identity& identity, absl::Time now) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  const auto text = [&json](const char* name, absl::string_view value) {
    if (value.empty()) return;
    json.Key(name);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  const auto number = [&json](const char* name, int64_t value) {
    json.Key(name);
    json.Int64(value);
  };
  const TokenOrigin origin = OriginOf(identity.advertising_token);
  json.StartObject();
  text("state", NameOf(StateOf(identity, now)));
  text("scope", origin.scope);
  text("made_of", origin.kind);
  json.Key("legacy");
  json.Bool(identity.refresh_response_key.empty());
  number("refresh_from", identity.refresh_from);
  number("identity_expires", identity.identity_expires);
  number("refresh_expires", identity.refresh_expires);
  json.EndObject();
  return absl::StrCat(buffer.GetString(), "\n");
}

}  // namespace uid2::cli
