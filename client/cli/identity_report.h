// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_IDENTITY_REPORT_H_
#define CLIENT_CLI_IDENTITY_REPORT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/identity/identity.h"

namespace uid2::cli {

// What can be done with an identity at present.
enum class IdentityState {
  // The advertising token is valid, and no refresh is due.
  kFresh,
  // The advertising token is valid, and a refresh is due.
  kDue,
  // The advertising token has expired; a refresh gives a new one.
  kExpired,
  // The refresh token has expired: the user's email or phone is needed again.
  kLoginRequired,
};

// By the rules of the service, with this machine's clock instead of the operator's.
IdentityState StateOf(const Identity& identity, absl::Time now);

// What an advertising token says about itself. Empty if it does not have a known form.
struct TokenOrigin {
  // "UID2" or "EUID".
  absl::string_view scope;
  // "email" or "phone": what it was made of.
  absl::string_view kind;
};
TokenOrigin OriginOf(absl::string_view advertising_token);

// For people, with shortened tokens, and for programs, without tokens. Neither contains the
// response key.
std::string IdentityText(const Identity& identity, absl::Time now);
std::string IdentityJson(const Identity& identity, absl::Time now);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_IDENTITY_REPORT_H_
