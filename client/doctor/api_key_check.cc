// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/api_key_check.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/http/url.h"
#include "server/secrets/api_key.h"

namespace uid2::doctor {
namespace {

constexpr char kCheck[] = "api_key";

Finding Warning(absl::string_view text, absl::string_view fix) {
  return {Severity::kWarning, kCheck, std::string(text), std::string(fix), ""};
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

Finding CheckApiKey(absl::string_view key, Scope scope, absl::string_view host,
                    absl::string_view credentials_dir) {
  const absl::string_view named = ScopeOfApiKey(key);
  const std::vector<absl::string_view> parts = absl::StrSplit(key, absl::MaxSplits('-', 4));
  if (named.empty() || parts.size() < 5 || EnvironmentOfLetter(parts[2]).empty()) {
    return {Severity::kOk, kCheck, "an old key, which does not name its scope and environment", "",
            ""};
  }
  if (named != NameOf(scope)) {
    return Warning(
        absl::StrCat("the key is for ", named, ", but the participant's scope is ", NameOf(scope)),
        absl::StrCat("put the right key into api_key in ", credentials_dir, ", or correct scope"));
  }
  if (ScopeOfHost(host).value_or(scope) != scope) {
    return Warning(absl::StrCat("the key is for ", named, ", but is sent to ", host),
                   "correct operator_url");
  }
  if (parts[1] == "O") {
    return Warning(
        "the key belongs to an operator, not to a publisher",
        absl::StrCat("put the key that the portal shows for the publisher into api_key in ",
                     credentials_dir));
  }
  const absl::string_view environment = EnvironmentOfLetter(parts[2]);
  const absl::string_view expected = EnvironmentOfHost(host);
  if (!Fit(environment, expected)) {
    return Warning(absl::StrCat("the key is for the ", environment, " environment, but is sent to ",
                                host, ", which is ", expected),
                   absl::StrCat("each environment has its own keys: correct api_key in ",
                                credentials_dir, " or operator_url"));
  }
  return {Severity::kOk, kCheck, absl::StrCat("for ", named, ", ", environment), "", ""};
}

}  // namespace uid2::doctor
