#ifndef CLIENT_DOCTOR_OPERATOR_FINDINGS_H_
#define CLIENT_DOCTOR_OPERATOR_FINDINGS_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/doctor/finding.h"
#include "client/doctor/operator_calls.h"
#include "server/operator/token_api.h"

namespace uid2::doctor {

// What replies of the operator say about this server. Pure functions.

// Whether an operator answers at all.
Finding HttpFinding(const OperatorCalls::Generated& generated);

// Whether it takes API key and client secret.
Finding CredentialsFinding(const absl::StatusOr<TokenGenerateReply>& reply);

// For the test identities that must be issued, refreshed, opted out, and opted out at refresh.
Finding GenerateFinding(const absl::StatusOr<TokenGenerateReply>& reply, absl::Duration took);
Finding RefreshFinding(const absl::StatusOr<TokenRefreshReply>& reply);
Finding OptOutFinding(const absl::StatusOr<TokenGenerateReply>& reply);
Finding RefreshOptOutFinding(const absl::StatusOr<TokenRefreshReply>& reply);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_OPERATOR_FINDINGS_H_
