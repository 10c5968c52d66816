// SPDX-License-Identifier: Apache-2.0

#include "server/config/participants_reader.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/http/url.h"
#include "server/operator/operator_credentials.h"
#include "server/secrets/credentials.h"

namespace uid2 {
namespace {

using ProtoParticipant = identity::config::v1::Participant;

constexpr int kMaxAddresses = 8;
constexpr size_t kMaxNameSize = 63;

bool IsNameCharacter(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c)) ||
         absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
}

void CheckName(const std::string& name, std::set<std::string>& taken, ConfigChecker& check) {
  if (name.empty() || name.size() > kMaxNameSize ||
      !std::all_of(name.begin(), name.end(), IsNameCharacter)) {
    check.Problem("name", absl::StrCat("must be 1 to ", kMaxNameSize,
                                       " characters out of a-z, 0-9, \"-\", \"_\" and \".\""));
  } else if (!taken.insert(name).second) {
    check.Problem("name",
                  absl::StrCat("\"", name, "\" is already the name of another participant"));
  }
}

// Returns the same text for different spellings of the same address.
std::string AddressKey(absl::string_view url) {
  const std::string lower = absl::AsciiStrToLower(url);
  absl::string_view key = absl::StripSuffix(lower, "/");
  key = absl::StripSuffix(key, absl::StartsWith(key, "https:") ? ":443" : ":80");
  key = absl::StripSuffix(key, ":");
  return std::string(key);
}

void CheckOperatorUrl(const std::string& text, int index, std::set<std::string>& taken,
                      ConfigChecker& check) {
  constexpr char kField[] = "operator_url";
  const absl::StatusOr<Url> url = ParseUrl(text);
  if (!url.ok()) {
    check.Problem(kField, url.status().message(), index);
  } else if (url->scheme == "http" && !IsLoopbackHost(url->host)) {
    check.Problem(kField, "plain http:// is allowed for loopback hosts only; use https://", index);
  } else if (!taken.insert(AddressKey(text)).second) {
    check.Problem(kField, "repeats one of this participant's addresses; list each one only once",
                  index);
  }
}

void CheckOperatorUrls(const ProtoParticipant& participant, ConfigChecker& check) {
  if (participant.operator_url().empty()) {
    check.Problem("operator_url", "is missing; set it, for example to \"https://prod.uidapi.com\"");
  }
  std::set<std::string> taken;
  for (int i = 0; i < participant.operator_url_size(); ++i) {
    CheckOperatorUrl(participant.operator_url(i), i, taken, check);
  }
  if (participant.operator_url_size() > kMaxAddresses) {
    check.Problem("operator_url",
                  absl::StrCat("too many addresses: at most ", kMaxAddresses, " are allowed"),
                  kMaxAddresses);
  }
}

// Returns null if there is a problem.
OperatorCredentialsPtr ReadCredentials(const std::string& written, const std::string& directory,
                                       ConfigChecker& check) {
  if (written.empty()) {
    check.Problem("credentials_dir",
                  "is missing; set it to the folder that contains api_key and client_secret");
    return nullptr;
  }
  absl::StatusOr<Secret> api_key = LoadApiKey(directory);
  absl::StatusOr<Secret> client_secret = LoadClientSecret(directory);
  for (const absl::Status& status : {api_key.status(), client_secret.status()}) {
    if (!status.ok()) check.Problem("credentials_dir", status.message());
  }
  if (!api_key.ok() || !client_secret.ok()) return nullptr;
  absl::StatusOr<OperatorCredentialsPtr> credentials =
      OperatorCredentials::New({*std::move(api_key), *std::move(client_secret)});
  if (!credentials.ok()) {
    check.Problem("credentials_dir", credentials.status().message());
    return nullptr;
  }
  return *std::move(credentials);
}

}  // namespace

void ReadParticipants(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  const identity::config::v1::ServerConfig& config = source.config();
  if (config.participants().empty()) {
    check.Problem("participants",
                  "at least one is required, with a name, a scope, an operator_url and a "
                  "credentials_dir");
  }
  std::set<std::string> names;
  for (int i = 0; i < config.participants_size(); ++i) {
    const ProtoParticipant& proto = config.participants(i);
    ConfigChecker nested = check.Nested("participants", proto, i);
    CheckName(proto.name(), names, nested);
    CheckOperatorUrls(proto, nested);
    if (proto.scope() == ProtoParticipant::SCOPE_UNSPECIFIED) {
      nested.Problem("scope", "is missing; set it to UID2 or EUID");
    }
    OperatorCredentialsPtr credentials =
        ReadCredentials(proto.credentials_dir(), source.Resolve(proto.credentials_dir()), nested);
    if (credentials == nullptr) continue;
    result.participants.push_back({proto.name(),
                                   {proto.operator_url().begin(), proto.operator_url().end()},
                                   proto.dii_policy() == ProtoParticipant::OPERATOR
                                       ? DiiPolicy::kOperator
                                       : DiiPolicy::kStrict,
                                   std::move(credentials)});
  }
}

}  // namespace uid2
