// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_OUTCOME_REPORT_H_
#define CLIENT_CLI_OUTCOME_REPORT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "uid2/identity/v1/error_reason.pb.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::cli {

// The result of a generate or refresh call, in the terms of the API.
struct Outcome {
  // The enum value's name.
  std::string name;
  // Null if there is none.
  const identity::v1::Identity* identity = nullptr;
  // Set with KEPT.
  identity::v1::ErrorReason kept_reason = identity::v1::ERROR_REASON_UNSPECIFIED;
  // What the caller should do next; empty if that is obvious.
  std::string advice;
};

// `response` must outlive the result.
Outcome OutcomeOf(const identity::v1::GenerateIdentityResponse& response);
Outcome OutcomeOf(const identity::v1::RefreshIdentityResponse& response);

// For people: one "name value" pair per line. Tokens are shortened, because text in a terminal gets
// scrolled back to and copied. The response key is not shown.
std::string ToText(const Outcome& outcome, absl::Time now);

// For programs: {"outcome":"ISSUED","identity":{...}} with the complete identity.
std::string ToJson(const Outcome& outcome);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_OUTCOME_REPORT_H_
