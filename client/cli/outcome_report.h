#ifndef CLIENT_CLI_OUTCOME_REPORT_H_
#define CLIENT_CLI_OUTCOME_REPORT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "uid2/identity/v1/error_reason.pb.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::cli {

// What came of a generate or refresh, in the words of the API.
struct Outcome {
  // The enum value's name.
  std::string name;
  // Null where there is none.
  const identity::v1::Identity* identity = nullptr;
  // With KEPT.
  identity::v1::ErrorReason kept_reason = identity::v1::ERROR_REASON_UNSPECIFIED;
  // What the caller does next; empty where that is plain.
  std::string advice;
};

// `response` must outlive the result.
Outcome OutcomeOf(const identity::v1::GenerateIdentityResponse& response);
Outcome OutcomeOf(const identity::v1::RefreshIdentityResponse& response);

// For people: one "name value" a line. Tokens are cut short, as terminals are scrolled back and
// copied from; the response key is not shown at all.
std::string ToText(const Outcome& outcome, absl::Time now);

// For programs: {"outcome":"ISSUED","identity":{...}}, the identity whole.
std::string ToJson(const Outcome& outcome);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_OUTCOME_REPORT_H_
