// SPDX-License-Identifier: Apache-2.0

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "server/crypto/aes_gcm.h"
#include "server/operator/attempt_failure.h"
#include "server/operator/classification.h"
#include "server/operator/envelope.h"
#include "server/status/reason.h"
#include "tests/fuzz/invariant.h"

namespace uid2 {
namespace {

using ::uid2::testing::Require;

constexpr int kStatuses[] = {400, 401, 404, 429, 500, 503};

void RequireReason(const AttemptFailure& failure) {
  Require(failure.reason != identity::v1::ERROR_REASON_UNSPECIFIED, "a failure has a reason");
}

// The reply, or null after checking the failure.
template <typename Reply>
const Reply* CheckedReply(const AttemptResult<Reply>& result) {
  if (const AttemptFailure* const failure = FailureOf(result)) RequireReason(*failure);
  return absl::get_if<Reply>(&result);
}

// Classifies `body` as the body and Retry-After of each kind of reply.
void CheckClassification(const std::string& body, absl::Time now) {
  for (const int http_status : kStatuses) {
    HttpReply reply;
    reply.status = http_status;
    reply.body = body;
    reply.retry_after = body;
    RequireReason(ClassifyGenerateFailure(reply, now));
    const AttemptResult<TokenRefreshReply> result = ClassifyRefreshFailure(reply, now);
    if (const TokenRefreshReply* const refresh = CheckedReply(result)) {
      Require(refresh->outcome == TokenRefreshReply::Outcome::kTokenRefused,
              "a failed refresh returns no identity");
    }
  }
  const AttemptResult<TokenGenerateReply> generate_result = ClassifyGenerateReply(body);
  if (const TokenGenerateReply* const generated = CheckedReply(generate_result)) {
    Require(generated->identity.has_value() ==
                (generated->outcome == TokenGenerateReply::Outcome::kIssued),
            "ISSUED, and no other outcome, comes with an identity");
  }
  const AttemptResult<TokenRefreshReply> refresh_result = ClassifyRefreshReply(body);
  if (const TokenRefreshReply* const refreshed = CheckedReply(refresh_result)) {
    Require(refreshed->identity.has_value() ==
                (refreshed->outcome == TokenRefreshReply::Outcome::kRefreshed),
            "REFRESHED, and no other outcome, comes with an identity");
  }
}

void CheckEnvelope(const std::string& body) {
  static const std::unique_ptr<AesGcm>& key =
      *new std::unique_ptr<AesGcm>(*AesGcm::New(std::string(AesGcm::kKeySize, 'k')));
  Require(!OpenGenerateReply(*key, "12345678", body).ok(), "a forged generate reply does not open");
  Require(!OpenRefreshReply(std::string(AesGcm::kKeySize, 'k'), body).ok(),
          "a forged refresh reply does not open");
}

}  // namespace
}  // namespace uid2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  uid2::CheckClassification(body, absl::FromUnixSeconds(1900000000));
  uid2::CheckEnvelope(body);
  return 0;
}
