// SPDX-License-Identifier: Apache-2.0

#include "server/operator/api_key_use.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_attempt_api.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using uid2::testing::TestCredentials;

TEST(ApiKeyUseTest, AKeyThatMatchesItsUseIsFine) {
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
    EXPECT_TRUE(
        CheckApiKeyUse(*TestCredentials(test.key), test.scope, test.host, "/etc/brand").matches)
        << test.key << " at " << test.host;
  }
}

TEST(ApiKeyUseTest, AKeyForAnotherUseIsAWarningThatDoesNotQuoteIt) {
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
    const ApiKeyUse use =
        CheckApiKeyUse(*TestCredentials(test.key), test.scope, test.host, "/etc/brand");
    EXPECT_FALSE(use.matches) << test.words;
    EXPECT_THAT(use.text, AllOf(HasSubstr(test.words), Not(HasSubstr("abcdef"))));
    EXPECT_THAT(use.fix, Not(Eq("")));
  }
}

std::vector<std::string> Doubts(const std::string& key, Scope scope,
                                const std::vector<std::string>& urls) {
  return DoubtsAboutApiKey(*TestCredentials(key), scope, urls, "/etc/brand");
}

TEST(ApiKeyUseTest, DoubtsSayWhatToDoOnceForAllAddresses) {
  EXPECT_THAT(Doubts("EUID-C-P-1-abcdef.x", Scope::kUid2,
                     {"https://prod.uidapi.com", "https://usw.prod.uidapi.com"}),
              ElementsAre("the key is for EUID, but the participant's scope is UID2; put the right "
                          "key into api_key in /etc/brand, or correct scope"));
  EXPECT_THAT(Doubts("UID2-C-I-1-abcdef.x", Scope::kUid2,
                     {"https://operator-integ.uidapi.com", "https://prod.uidapi.com"}),
              ElementsAre(HasSubstr("is sent to prod.uidapi.com, which is production; each")));
  EXPECT_THAT(Doubts("\"UID2-C-I-1-abcdef.x\"", Scope::kUid2, {"https://prod.uidapi.com"}),
              ElementsAre(HasSubstr("/etc/brand/api_key is in quotes")));
}

TEST(ApiKeyUseTest, AHostOfTheOtherScopeIsNotTheKeysFault) {
  EXPECT_THAT(Doubts("UID2-C-P-1-abcdef.x", Scope::kUid2, {"https://prod.euid.eu"}), IsEmpty());
  EXPECT_THAT(Doubts("UID2-C-P-1-abcdef.x", Scope::kUid2, {"https://prod.uidapi.com", "nonsense"}),
              IsEmpty());
}

}  // namespace
}  // namespace uid2
