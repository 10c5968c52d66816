// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/api_key.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ScopeOfApiKeyTest, IsThePrefixOfNewKeys) {
  EXPECT_THAT(ScopeOfApiKey("UID2-C-I-123-abcdef.secret"), Eq("UID2"));
  EXPECT_THAT(ScopeOfApiKey("EUID-C-P-123-abcdef.secret"), Eq("EUID"));
  for (const char* key : {"", "UID2", "uid2-C-I", "UID2x", "trustedPartnerKey", "UID3-C-I-1-a."}) {
    EXPECT_THAT(ScopeOfApiKey(key), Eq("")) << key;
  }
}

TEST(DoubtAboutApiKeyTest, AKeyOfAnyKnownFormIsNotDoubted) {
  for (const char* key : {
           "",
           "UID2-C-I-123-abcdef.38CharactersOfTheAlphabetOrDigits1234567",
           "trustedPartnerBasicUserKey",
           // Base64 of random bytes.
           "ioG3wKxAokmp+rERx6A4kM/13qhyolUXIu14WN16Spo=",
           "LsNFVNTFIfpwYYWmIyLxvbYqBHLoQA==",
           // Base64 of a short text, which random bytes may be.
           "YWJjZGVm",
       }) {
    EXPECT_THAT(DoubtAboutApiKey(key), Eq("")) << key;
  }
}

TEST(DoubtAboutApiKeyTest, AKeyWithSomethingAroundItIsDoubtedInWordsThatSayWhatToDo) {
  const struct {
    std::string key;
    const char* words;
  } kCases[] = {
      {"\"UID2-C-I-123-canary.x\"", "is in quotes"},
      {"'UID2-C-I-123-canary.x'", "is in quotes"},
      {"UID2-C-I-123-canary.x\"", "is in quotes"},
      {"API_KEY=UID2-C-I-123-canary.x", "has the form NAME=VALUE"},
      {"api_key:UID2-C-I-123-canary.x", "has the form NAME=VALUE"},
      {"UID2_API_KEY=\"canary\"", "has the form NAME=VALUE"},
      {"{\"api_key\":\"canary\"}", "looks like JSON"},
      // "UID2-C-I-123-canary.x", with and without a line end.
      {"VUlEMi1DLUktMTIzLWNhbmFyeS54", "looks like base64 of a key"},
      {"VUlEMi1DLUktMTIzLWNhbmFyeS54Cg==", "looks like base64 of a key"},
      // "trustedPartnerBasicUserKey"
      {"dHJ1c3RlZFBhcnRuZXJCYXNpY1VzZXJLZXk=", "looks like base64 of a key"},
  };
  for (const auto& test : kCases) {
    const std::string doubt(DoubtAboutApiKey(test.key));
    EXPECT_THAT(doubt, HasSubstr(test.words)) << test.key;
    EXPECT_THAT(doubt, Not(HasSubstr("canary")));
  }
}

}  // namespace
}  // namespace uid2
