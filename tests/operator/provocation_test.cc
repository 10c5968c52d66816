// SPDX-License-Identifier: Apache-2.0

#include "server/operator/provocation.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/crypto/base64.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::TestParamInfo;
using ::testing::TestWithParam;
using ::testing::ValuesIn;

struct GenerateCase {
  std::string name;
  Scope scope;
  std::string consent;
  std::string body;
  FailureKind kind;
};

class GenerateProvocationTest : public TestWithParam<GenerateCase> {};

TEST_P(GenerateProvocationTest, OnlyAnUnhandledErrorWithAConsentStringMayBeTheCallers) {
  const TokenGenerateRequest request = {TokenGenerateRequest::Kind::kEmailHash, "HASH",
                                        GetParam().consent};
  HttpReply reply;
  reply.status = 500;
  reply.body = GetParam().body;
  EXPECT_THAT(ServerErrorKind(GetParam().scope, request, reply), Eq(GetParam().kind));
}

constexpr char kUnhandled[] =
    R"({"message":"Unknown error while generating token v2","status":"unknown"})";

const GenerateCase kGenerateCases[] = {
    {"UnhandledWithConsent", Scope::kEuid, "BO", kUnhandled, FailureKind::kPossiblyProvokedError},
    {"UnhandledWithoutConsent", Scope::kEuid, "", kUnhandled, FailureKind::kServerError},
    {"NoKeyWithConsent", Scope::kEuid, "BO",
     R"({"message":"No active encryption key available","status":"unknown"})",
     FailureKind::kServerError},
    {"AnotherStatusWithConsent", Scope::kEuid, "BO",
     R"({"message":"Unknown error while generating token v2","status":"error"})",
     FailureKind::kServerError},
    {"AProxysPageWithConsent", Scope::kEuid, "BO", "<html>Internal Server Error</html>",
     FailureKind::kServerError},
    {"NothingWithConsent", Scope::kEuid, "BO", "", FailureKind::kServerError},
    {"UnhandledWithConsentThatAUid2OperatorIgnores", Scope::kUid2, "BO", kUnhandled,
     FailureKind::kServerError},
};

INSTANTIATE_TEST_SUITE_P(All, GenerateProvocationTest, ValuesIn(kGenerateCases),
                         [](const TestParamInfo<GenerateCase>& tested) {
                           return tested.param.name;
                         });

struct RefreshCase {
  std::string name;
  std::string token;
  FailureKind kind;
};

class RefreshProvocationTest : public TestWithParam<RefreshCase> {};

TEST_P(RefreshProvocationTest, OnlyASealedTokenCannotProvokeAnError) {
  EXPECT_THAT(ServerErrorKind(TokenRefreshRequest{GetParam().token, "KEY"}), Eq(GetParam().kind));
}

const RefreshCase kRefreshCases[] = {
    {"Sealed", EncodeBase64(std::string(291, 'x')), FailureKind::kServerError},
    {"SealedAmongWhiteSpace", " " + EncodeBase64(std::string(291, 'x')) + "\r\n",
     FailureKind::kServerError},
    {"AsLongAsASealedOne", std::string(388, '-'), FailureKind::kServerError},
    {"OneByteTooShort", std::string(387, 'x'), FailureKind::kProvokedError},
    {"OneByteTooLong", EncodeBase64(std::string(292, 'x')), FailureKind::kProvokedError},
    {"OneByte", "AA==", FailureKind::kProvokedError},
    {"ATruncatedTokenOfVersion2", "Ag==", FailureKind::kProvokedError},
    {"ATruncatedTokenOfVersion3", "AHA=", FailureKind::kProvokedError},
    {"ADamagedTokenOfVersion3", EncodeBase64(std::string("\0p", 2) + std::string(122, 'x')),
     FailureKind::kProvokedError},
    {"NotBase64", "?", FailureKind::kProvokedError},
};

INSTANTIATE_TEST_SUITE_P(All, RefreshProvocationTest, ValuesIn(kRefreshCases),
                         [](const TestParamInfo<RefreshCase>& tested) {
                           return tested.param.name;
                         });

}  // namespace
}  // namespace uid2
