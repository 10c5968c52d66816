// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/api_key_check.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2::doctor {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ApiKeyCheckTest, AKeyThatMatchesItsUseIsFine) {
  const struct {
    std::string key;
    Scope scope;
    std::string host;
  } kCases[] = {
      {"UID2-C-P-123-abcdef.secret", Scope::kUid2, "prod.uidapi.com"},
      {"UID2-C-P-123-abcdef.secret", Scope::kUid2, "usw.prod.uidapi.com"},
      {"UID2-C-I-123-abcdef.secret", Scope::kUid2, "operator-integ.uidapi.com"},
      {"EUID-C-I-123-abcdef.secret", Scope::kEuid, "integ.euid.eu"},
      {"UID2-C-L-123-abcdef.secret", Scope::kUid2, "localhost"},
      {"UID2-C-T-123-abcdef.secret", Scope::kUid2, "127.0.0.1"},
      // The host name of a private operator tells nothing about its environment.
      {"UID2-C-P-123-abcdef.secret", Scope::kUid2, "operator.example"},
      // Old keys tell nothing about theirs.
      {"c2VjcmV0LWtleQ==", Scope::kUid2, "prod.uidapi.com"},
      {"UID2-C-X-123-abcdef.secret", Scope::kUid2, "prod.uidapi.com"},
      {"", Scope::kUid2, "prod.uidapi.com"},
  };
  for (const auto& test : kCases) {
    const Finding finding = CheckApiKey(test.key, test.scope, test.host, "/etc/brand");
    EXPECT_THAT(finding.severity, Eq(Severity::kOk)) << test.key << " at " << test.host;
  }
}

TEST(ApiKeyCheckTest, AKeyForAnotherUseIsAWarningThatDoesNotQuoteIt) {
  const struct {
    std::string key;
    Scope scope;
    std::string host;
    std::string words;
  } kCases[] = {
      {"UID2-C-I-123-abcdef.secret", Scope::kUid2, "prod.uidapi.com", "integration environment"},
      {"UID2-C-P-123-abcdef.secret", Scope::kUid2, "operator-integ.uidapi.com",
       "which is integration"},
      {"UID2-C-P-123-abcdef.secret", Scope::kUid2, "127.0.0.1", "which is local"},
      {"EUID-C-P-123-abcdef.secret", Scope::kUid2, "prod.uidapi.com", "scope is UID2"},
      {"UID2-C-P-123-abcdef.secret", Scope::kUid2, "prod.euid.eu", "is sent to prod.euid.eu"},
      {"UID2-O-P-123-abcdef.secret", Scope::kUid2, "prod.uidapi.com", "belongs to an operator"},
  };
  for (const auto& test : kCases) {
    const Finding finding = CheckApiKey(test.key, test.scope, test.host, "/etc/brand");
    EXPECT_THAT(finding.severity, Eq(Severity::kWarning)) << test.words;
    EXPECT_THAT(finding.text, AllOf(HasSubstr(test.words), Not(HasSubstr("abcdef"))));
    EXPECT_THAT(finding.fix, Not(Eq("")));
  }
}

}  // namespace
}  // namespace uid2::doctor
