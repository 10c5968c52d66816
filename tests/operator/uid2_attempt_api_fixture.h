// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_OPERATOR_UID2_TOKEN_API_FIXTURE_H_
#define TESTS_OPERATOR_UID2_TOKEN_API_FIXTURE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/crypto/aes_gcm.h"
#include "server/crypto/base64.h"
#include "server/operator/attempt_failure.h"
#include "server/operator/operator_clock.h"
#include "server/operator/operator_credentials.h"
#include "server/operator/uid2_attempt_api.h"
#include "server/secrets/secret_access.h"
#include "tests/fakes/fake_http_client.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/matchers/status_matchers.h"
#include "tests/testdata/json_file.h"

namespace uid2::testing {

constexpr char kSuccess[] =
    R"({"body":{"advertising_token":"AT","refresh_token":"RT","identity_expires":1900000000002,)"
    R"("refresh_expires":1900000000003,"refresh_from":1900000000001},"status":"success"})";

// A Uid2AttemptApi with a simulated clock and an operator that the test plays.
class Uid2AttemptApiFixture : public ::testing::Test {
 protected:
  Uid2AttemptApiFixture()
      : vectors_(ReadJsonFile("envelope_vectors.json")),
        secret_(*DecodeBase64(vectors_["client_secret"].GetString())),
        aead_(*AesGcm::New(secret_)),
        clock_(absl::FromUnixMillis(1900000000000)),
        operator_clock_(clock_),
        credentials_(Credentials("the-key")),
        api_("https://operator.example", Scope::kEuid, "test-client-1", http_, operator_clock_),
        context_(clock_.Steady() + std::chrono::seconds(1), true) {}

  // With the client secret of the vectors.
  OperatorCredentialsPtr Credentials(const std::string& api_key) const {
    return *OperatorCredentials::New({Secret(std::string(api_key)), Secret(std::string(secret_))});
  }

  void Generate(TokenGenerateRequest request = {TokenGenerateRequest::Kind::kEmailHash, "HASH",
                                                ""}) {
    api_.Send(generate_requests_.emplace_back(std::move(request)), credentials_, context_,
              [this](AttemptResult<TokenGenerateReply> result) { generated_ = result; });
  }

  void Refresh(const std::string& token, const std::string& response_key) {
    api_.Send(refresh_requests_.emplace_back(TokenRefreshRequest{token, response_key}),
              credentials_, context_,
              [this](AttemptResult<TokenRefreshReply> result) { refreshed_ = result; });
  }
  void Refresh(const std::string& token = "RT") {
    Refresh(token, vectors_["refresh_response_key"].GetString());
  }

  // The result of the last attempt, which must be of the kind that the name says.
  const TokenGenerateReply& generated() const { return absl::get<TokenGenerateReply>(*generated_); }
  const TokenRefreshReply& refreshed() const { return absl::get<TokenRefreshReply>(*refreshed_); }
  const AttemptFailure& generate_failure() const { return absl::get<AttemptFailure>(*generated_); }
  const AttemptFailure& refresh_failure() const { return absl::get<AttemptFailure>(*refreshed_); }

  // The header field of the posted request.
  absl::string_view Authorization() {
    return http_.request().target->secret_header->Reveal(SecretAccess());
  }

  // The plaintext of the envelope that was posted.
  std::string PostedPlaintext() {
    const std::string envelope = *DecodeBase64(http_.request().body);
    EXPECT_THAT(envelope[0], ::testing::Eq('\x01'));
    return *aead_->Open(envelope.substr(1));
  }

  // The timestamp inside the posted envelope.
  absl::Time PostedTime() {
    int64_t millis = 0;
    for (const char byte : PostedPlaintext().substr(0, 8)) {
      millis = millis << 8 | static_cast<unsigned char>(byte);
    }
    return absl::FromUnixMillis(millis);
  }

  // The reply of an operator whose clock shows `time` to the posted envelope.
  std::string SealReply(absl::string_view json, absl::Time time) {
    std::string sealed;
    EXPECT_THAT(aead_->SealWithUniqueIv(
                    std::string(12, 'i'),
                    ToBytes(time) + PostedPlaintext().substr(8, 8) + std::string(json), sealed),
                IsOk());
    return EncodeBase64(sealed);
  }
  std::string SealReply(absl::string_view json) { return SealReply(json, clock_.Now()); }

  static std::string ToBytes(absl::Time time) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<char>(absl::ToUnixMillis(time) >> shift & 0xff));
    }
    return bytes;
  }

  const rapidjson::Document vectors_;
  const std::string secret_;
  const std::unique_ptr<AesGcm> aead_;
  FakeHttpClient http_;
  SimulatedClock clock_;
  OperatorClock operator_clock_;
  OperatorCredentialsPtr credentials_;
  Uid2AttemptApi api_;
  CallContext context_;
  // These outlive their attempts.
  std::deque<TokenGenerateRequest> generate_requests_;
  std::deque<TokenRefreshRequest> refresh_requests_;
  absl::optional<AttemptResult<TokenGenerateReply>> generated_;
  absl::optional<AttemptResult<TokenRefreshReply>> refreshed_;
};

}  // namespace uid2::testing

#endif  // TESTS_OPERATOR_UID2_TOKEN_API_FIXTURE_H_
