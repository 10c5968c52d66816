// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_OPERATOR_FINDINGS_H_
#define CLIENT_DOCTOR_OPERATOR_FINDINGS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/doctor/finding.h"
#include "client/doctor/operator_calls.h"
#include "server/operator/token_api.h"

namespace uid2::doctor {

// What the operator's replies say about this server's setup. Pure functions.

// Whether an operator answers at all.
Finding HttpFinding(const OperatorCalls::Generated& generated);

// Whether the operator accepts the API key and the client secret, which are in `credentials_dir`.
Finding CredentialsFinding(const absl::StatusOr<TokenGenerateReply>& reply,
                           absl::string_view credentials_dir);

// For the test users that must get an identity, be refreshed, be opted out, and opt out later.
Finding GenerateFinding(const absl::StatusOr<TokenGenerateReply>& reply, absl::Duration took);
Finding RefreshFinding(const absl::StatusOr<TokenRefreshReply>& reply);
Finding OptOutFinding(const absl::StatusOr<TokenGenerateReply>& reply);
Finding RefreshOptOutFinding(const absl::StatusOr<TokenRefreshReply>& reply);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_OPERATOR_FINDINGS_H_
