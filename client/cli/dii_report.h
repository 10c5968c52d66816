// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_DII_REPORT_H_
#define CLIENT_CLI_DII_REPORT_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/dii/dii_policy.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::cli {

// What the service makes of a user.
struct NormalizedDii {
  // "email", "phone", "email_hash" or "phone_hash".
  std::string kind;
  // What is hashed; empty if a hash was given.
  std::string normalized;
  // Base64 of the SHA-256, as the operator gets it.
  std::string hash;
  // The same in hexadecimal.
  std::string hex_hash;
};

// Uses the service's own rules, for a participant with `policy`. Fails as the service would.
absl::StatusOr<NormalizedDii> NormalizeDii(const identity::v1::GenerateIdentityRequest& request,
                                           DiiPolicy policy);

// For people and for programs. Both contain the user's email or phone.
std::string ToText(const NormalizedDii& dii);
std::string ToJson(const NormalizedDii& dii);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_DII_REPORT_H_
