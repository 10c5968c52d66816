// SPDX-License-Identifier: Apache-2.0

#include "server/config/participants_reader.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "server/event/file_stamp.h"
#include "server/http/url.h"
#include "server/identity/scope.h"
#include "server/operator/api_key_use.h"
#include "server/operator/operator_credentials.h"
#include "server/secrets/credentials_folder.h"

namespace uid2 {
namespace {

using ProtoParticipant = identity::config::v1::Participant;

constexpr char kOperatorUrl[] = "operator_url";
constexpr char kCredentialsDir[] = "credentials_dir";
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

absl::optional<Scope> ScopeOf(const ProtoParticipant& participant) {
  switch (participant.scope()) {
    case ProtoParticipant::UID2:
      return Scope::kUid2;
    case ProtoParticipant::EUID:
      return Scope::kEuid;
    default:
      return absl::nullopt;
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

// What is probably a mistake in a valid address, but may be right for a proxy in front of an
// operator.
void NoticeOperatorUrl(const std::string& text, const Url& url, absl::optional<Scope> scope,
                       int index, ConfigChecker& check) {
  const absl::optional<Scope> expected = ScopeOfHost(url.host);
  if (scope.has_value() && expected.has_value() && scope != expected) {
    check.Notice(kOperatorUrl,
                 absl::StrCat(url.host, " is an operator of ", NameOf(*expected), ", but scope is ",
                              NameOf(*scope), "; correct one of the two"),
                 index);
  }
  if (absl::StrContains(absl::StrCat(text, "/"), "/v2/")) {
    check.Notice(kOperatorUrl,
                 "contains the path /v2, which the service adds itself; remove it unless the "
                 "operator's paths begin with /v2/v2",
                 index);
  }
}

void CheckOperatorUrl(const std::string& text, absl::optional<Scope> scope, int index,
                      std::set<std::string>& taken, ConfigChecker& check) {
  const absl::StatusOr<Url> url = ParseUrl(text);
  if (!url.ok()) {
    check.Problem(kOperatorUrl, url.status().message(), index);
  } else if (url->scheme == "http" && !IsLoopbackHost(url->host)) {
    check.Problem(kOperatorUrl, "plain http:// is allowed for loopback hosts only; use https://",
                  index);
  } else if (!taken.insert(AddressKey(text)).second) {
    check.Problem(kOperatorUrl,
                  "repeats one of this participant's addresses; list each one only once", index);
  } else {
    NoticeOperatorUrl(text, *url, scope, index, check);
  }
}

void CheckOperatorUrls(const ProtoParticipant& participant, absl::optional<Scope> scope,
                       ConfigChecker& check) {
  if (participant.operator_url().empty()) {
    check.Problem(kOperatorUrl, "is missing; set it, for example to \"https://prod.uidapi.com\"");
  }
  std::set<std::string> taken;
  for (int i = 0; i < participant.operator_url_size(); ++i) {
    CheckOperatorUrl(participant.operator_url(i), scope, i, taken, check);
  }
  if (participant.operator_url_size() > kMaxAddresses) {
    check.Problem(kOperatorUrl,
                  absl::StrCat("too many addresses: at most ", kMaxAddresses, " are allowed"),
                  kMaxAddresses);
  }
}

// Returns null if there is a problem.
OperatorCredentialsPtr ReadCredentials(const std::string& written, const std::string& folder,
                                       ConfigChecker& check, std::vector<FileStamp>& stamps) {
  if (written.empty()) {
    check.Problem(kCredentialsDir,
                  "is missing; set it to the folder that contains api_key and client_secret");
    return nullptr;
  }
  CredentialsFolder content = CredentialsFolder::Read(folder);
  for (const std::string& problem : content.problems) check.Problem(kCredentialsDir, problem);
  if (!content.credentials.has_value()) return nullptr;
  stamps = std::move(content.stamps);
  absl::StatusOr<OperatorCredentialsPtr> credentials =
      OperatorCredentials::New(*std::move(content.credentials));
  if (!credentials.ok()) {
    check.Problem(kCredentialsDir, credentials.status().message());
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
    const absl::optional<Scope> scope = ScopeOf(proto);
    CheckOperatorUrls(proto, scope, nested);
    if (nested.Enumerated("scope") && !scope.has_value()) {
      nested.Problem("scope", "is missing; set it to UID2 or EUID");
    }
    (void)nested.Enumerated("dii_policy", ProtoParticipant::STRICT);
    const std::string folder = nested.Path(kCredentialsDir, proto.credentials_dir());
    std::vector<FileStamp> stamps;
    OperatorCredentialsPtr credentials =
        ReadCredentials(proto.credentials_dir(), folder, nested, stamps);
    if (credentials == nullptr) continue;
    const std::vector<std::string> urls = {proto.operator_url().begin(),
                                           proto.operator_url().end()};
    if (scope.has_value()) {
      for (const std::string& doubt : DoubtsAboutApiKey(*credentials, *scope, urls, folder)) {
        nested.Notice(kCredentialsDir, doubt);
      }
    }
    result.participants.push_back(
        {proto.name(), urls,
         proto.dii_policy() == ProtoParticipant::OPERATOR ? DiiPolicy::kOperator
                                                          : DiiPolicy::kStrict,
         std::move(credentials), scope.value_or(Scope::kUid2), folder, std::move(stamps)});
  }
}

}  // namespace uid2
