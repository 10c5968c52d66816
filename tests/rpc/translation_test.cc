// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/translation.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/encoded_response.h"
#include "tests/matchers/proto_matchers.h"
#include "tests/matchers/status_matchers.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::SizeIs;
using uid2::testing::EqualsProto;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;
namespace v1 = identity::v1;

// The message that the caller gets. Its bytes are those that libprotobuf would have written.
template <typename Response>
Response Decoded(const EncodedResponse& encoded) {
  const std::string bytes(encoded.bytes.begin(), encoded.bytes.end());
  Response response;
  EXPECT_TRUE(response.ParseFromString(bytes));
  EXPECT_THAT(bytes, Eq(response.SerializeAsString()));
  EXPECT_THAT(encoded.outcome, Eq(response.outcome()));
  return response;
}

// Fails if a field is new and nobody writes it.
void ExpectAllFieldsSet(const google::protobuf::Message& message) {
  std::vector<const google::protobuf::FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  EXPECT_EQ(set.size(), static_cast<size_t>(message.GetDescriptor()->field_count()))
      << message.GetTypeName();
}

Identity SomeIdentity() {
  Identity identity;
  identity.advertising_token = "AT";
  identity.refresh_token = "RT";
  identity.refresh_response_key = "KEY";
  identity.identity_expires = 2;
  identity.refresh_from = 1;
  identity.refresh_expires = 3;
  identity.json = "{}";
  return identity;
}

constexpr char kSomeIdentity[] =
    "identity { advertising_token: 'AT' refresh_token: 'RT' refresh_response_key: 'KEY' "
    "identity_expires: 2 refresh_from: 1 refresh_expires: 3 json: '{}' }";

TEST(TranslationTest, EachFieldOfAGenerateRequestIsTranslated) {
  v1::GenerateIdentityRequest request;
  request.set_email("email");
  request.set_phone("phone");
  request.set_email_hash("email hash");
  request.set_phone_hash("phone hash");
  request.set_tcf_consent_string("consent");
  const GenerateIdentityCommand command = ToCommand(request);
  EXPECT_THAT(command.dii.email, Eq("email"));
  EXPECT_THAT(command.dii.phone, Eq("phone"));
  EXPECT_THAT(command.dii.email_hash, Eq("email hash"));
  EXPECT_THAT(command.dii.phone_hash, Eq("phone hash"));
  EXPECT_THAT(command.tcf_consent_string, Eq("consent"));
}

TEST(TranslationTest, EachFieldOfARefreshRequestIsTranslated) {
  v1::RefreshIdentityRequest request;
  request.set_identity_json("{}");
  request.set_force(true);
  const RefreshIdentityCommand command = ToCommand(request);
  EXPECT_THAT(command.identity_json, Eq("{}"));
  EXPECT_TRUE(command.force);
}

struct GenerateCase {
  TokenGenerateReply::Outcome outcome;
  const char* response;
};

TEST(TranslationTest, EachGenerateOutcomeIsTranslated) {
  using Outcome = TokenGenerateReply::Outcome;
  for (const GenerateCase& expected : {
           GenerateCase{Outcome::kIssued, "outcome: ISSUED"},
           GenerateCase{Outcome::kOptedOut, "outcome: OPTED_OUT"},
           GenerateCase{Outcome::kInsufficientConsent, "outcome: INSUFFICIENT_CONSENT"},
       }) {
    const auto response = ToResponse(TokenGenerateReply{expected.outcome, absl::nullopt});
    ASSERT_THAT(response, IsOk());
    EXPECT_THAT(Decoded<v1::GenerateIdentityResponse>(*response), EqualsProto(expected.response));
  }
}

struct RefreshCase {
  RefreshIdentityResult::Outcome outcome;
  const char* response;
};

TEST(TranslationTest, EachRefreshOutcomeIsTranslated) {
  using Outcome = RefreshIdentityResult::Outcome;
  for (const RefreshCase& expected : {
           RefreshCase{Outcome::kRefreshed, "outcome: REFRESHED"},
           RefreshCase{Outcome::kNotDue, "outcome: NOT_DUE"},
           RefreshCase{Outcome::kKept, "outcome: KEPT"},
           RefreshCase{Outcome::kOptedOut, "outcome: OPTED_OUT"},
           RefreshCase{Outcome::kLoginRequired, "outcome: LOGIN_REQUIRED"},
       }) {
    RefreshIdentityResult result;
    result.outcome = expected.outcome;
    const auto response = ToResponse(std::move(result));
    ASSERT_THAT(response, IsOk());
    EXPECT_THAT(Decoded<v1::RefreshIdentityResponse>(*response), EqualsProto(expected.response));
  }
}

TEST(TranslationTest, AnIdentityIsTranslatedInFull) {
  const auto issued =
      ToResponse(TokenGenerateReply{TokenGenerateReply::Outcome::kIssued, SomeIdentity()});
  ASSERT_THAT(issued, IsOk());
  const auto generated = Decoded<v1::GenerateIdentityResponse>(*issued);
  EXPECT_THAT(generated, EqualsProto(std::string("outcome: ISSUED ") + kSomeIdentity));
  ExpectAllFieldsSet(generated);
  ExpectAllFieldsSet(generated.identity());
  RefreshIdentityResult result;
  result.outcome = RefreshIdentityResult::Outcome::kKept;
  result.identity = SomeIdentity();
  result.kept_reason = v1::OPERATOR_TIMEOUT;
  const auto kept = ToResponse(std::move(result));
  ASSERT_THAT(kept, IsOk());
  EXPECT_THAT(kept->kept_reason, Eq(v1::OPERATOR_TIMEOUT));
  const auto refreshed = Decoded<v1::RefreshIdentityResponse>(*kept);
  EXPECT_THAT(refreshed, EqualsProto(std::string("outcome: KEPT kept_reason: OPERATOR_TIMEOUT ") +
                                     kSomeIdentity));
  ExpectAllFieldsSet(refreshed);
}

TEST(TranslationTest, TextsOfEverySizeAndTimesOfEveryLengthAreEncoded) {
  TokenGenerateReply reply{TokenGenerateReply::Outcome::kIssued, Identity()};
  for (const size_t size : {0U, 1U, 127U, 128U, 1000U, 16'383U, 16'384U, 70'000U}) {
    for (int bit = 0; bit < 63; ++bit) {
      reply.identity->advertising_token = std::string(size, 'a');
      reply.identity->json = std::string(size, 'j');
      reply.identity->refresh_from = int64_t{1} << bit;
      const auto response = Decoded<v1::GenerateIdentityResponse>(*ToResponse(reply));
      ASSERT_THAT(response.identity().advertising_token(), SizeIs(size));
      ASSERT_THAT(response.identity().json(), SizeIs(size));
      ASSERT_THAT(response.identity().refresh_from(), Eq(int64_t{1} << bit));
    }
  }
}

TEST(TranslationTest, ErrorsPassThrough) {
  EXPECT_THAT(ToResponse(absl::StatusOr<TokenGenerateReply>(absl::CancelledError("gone"))),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(ToResponse(absl::StatusOr<RefreshIdentityResult>(absl::InternalError("bug"))),
              StatusIs(absl::StatusCode::kInternal));
}

}  // namespace
}  // namespace uid2
