// SPDX-License-Identifier: Apache-2.0

#include "server/operator/api_key_use.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/http/url.h"
#include "server/secrets/api_key.h"
#include "server/secrets/secret_access.h"

namespace uid2 {
namespace {

ApiKeyUse Mismatch(std::string text, std::string fix) {
  return {false, std::move(text), std::move(fix)};
}

absl::string_view EnvironmentOfLetter(absl::string_view letter) {
  if (letter == "L") return "local";
  if (letter == "T") return "test";
  if (letter == "I") return "integration";
  return letter == "P" ? "production" : "";
}

// For the hosts in the UID2 and EUID documentation; empty for all others.
absl::string_view EnvironmentOfHost(absl::string_view host) {
  if (IsLoopbackHost(host)) return "local";
  if (!ScopeOfHost(host).has_value()) return "";
  if (absl::StrContains(host, "integ")) return "integration";
  return absl::StrContains(host, "prod") ? "production" : "";
}

// A developer's local operator may have test keys too.
bool Fit(absl::string_view key, absl::string_view host) {
  return host.empty() || key == host || (key == "test" && host == "local");
}

}  // namespace

ApiKeyUse CheckApiKeyUse(const OperatorCredentials& credentials, Scope scope,
                         absl::string_view host, absl::string_view folder) {
  const absl::string_view key = credentials.RevealApiKey(SecretAccess());
  const absl::string_view named = ScopeOfApiKey(key);
  if (!named.empty() && named != NameOf(scope)) {
    return Mismatch(
        absl::StrCat("the key is for ", named, ", but the participant's scope is ", NameOf(scope)),
        absl::StrCat("put the right key into api_key in ", folder, ", or correct scope"));
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(key, absl::MaxSplits('-', 4));
  if (named.empty() || parts.size() < 5 || EnvironmentOfLetter(parts[2]).empty()) {
    return {true, "an old key, which does not name its scope and environment"};
  }
  if (ScopeOfHost(host).value_or(scope) != scope) {
    return Mismatch(absl::StrCat("the key is for ", named, ", but is sent to ", host),
                    "correct operator_url");
  }
  if (parts[1] == "O") {
    return Mismatch("the key belongs to an operator, not to a publisher",
                    absl::StrCat("put the key that the portal shows for the publisher into api_key "
                                 "in ",
                                 folder));
  }
  const absl::string_view environment = EnvironmentOfLetter(parts[2]);
  const absl::string_view expected = EnvironmentOfHost(host);
  if (!Fit(environment, expected)) {
    return Mismatch(absl::StrCat("the key is for the ", environment,
                                 " environment, but is sent to ", host, ", which is ", expected),
                    absl::StrCat("each environment has its own keys: correct api_key in ", folder,
                                 " or operator_url"));
  }
  return {true, absl::StrCat("for ", named, ", ", environment)};
}

std::vector<std::string> DoubtsAboutApiKey(const OperatorCredentials& credentials, Scope scope,
                                           const std::vector<std::string>& operator_urls,
                                           absl::string_view folder) {
  std::vector<std::string> doubts;
  const absl::string_view form = DoubtAboutApiKey(credentials.RevealApiKey(SecretAccess()));
  if (!form.empty()) doubts.push_back(absl::StrCat(folder, "/api_key ", form));
  for (const std::string& text : operator_urls) {
    const absl::StatusOr<Url> url = ParseUrl(text);
    if (!url.ok() || ScopeOfHost(url->host).value_or(scope) != scope) continue;
    const ApiKeyUse use = CheckApiKeyUse(credentials, scope, url->host, folder);
    const std::string doubt = absl::StrCat(use.text, "; ", use.fix);
    const bool known = std::find(doubts.begin(), doubts.end(), doubt) != doubts.end();
    if (!use.matches && !known) doubts.push_back(doubt);
  }
  return doubts;
}

}  // namespace uid2
