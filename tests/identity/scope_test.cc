// SPDX-License-Identifier: Apache-2.0

#include "server/identity/scope.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;

std::string TokenWith(const char* begin) { return absl::StrCat(begin, std::string(216, 'x')); }

TEST(ScopeOfAdvertisingTokenTest, IsShownByTheFirstTwoCharacters) {
  const struct {
    const char* begin;
    absl::optional<Scope> scope;
  } kCases[] = {
      {"A4", Scope::kUid2},  {"B4", Scope::kUid2},  {"E4", Scope::kEuid},  {"F4", Scope::kEuid},
      {"A3", Scope::kUid2},  {"E3", Scope::kEuid},  {"C4", absl::nullopt}, {"Ag", absl::nullopt},
      {"a4", absl::nullopt}, {"A5", absl::nullopt}, {"4A", absl::nullopt},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(ScopeOfAdvertisingToken(TokenWith(test.begin)), Eq(test.scope)) << test.begin;
  }
}

TEST(ScopeOfAdvertisingTokenTest, IsUnknownForWhatIsNoToken) {
  for (const char* text : {"", "A", "E", "token", "AgAAAA", "optout"}) {
    EXPECT_THAT(ScopeOfAdvertisingToken(text), Eq(absl::nullopt)) << text;
  }
}

TEST(ScopeOfHostTest, IsKnownForTheHostsInTheDocumentation) {
  const struct {
    const char* host;
    absl::optional<Scope> scope;
  } kCases[] = {
      {"prod.uidapi.com", Scope::kUid2},
      {"usw.prod.uidapi.com", Scope::kUid2},
      {"uidapi.com", Scope::kUid2},
      {"PROD.UIDAPI.COM.", Scope::kUid2},
      {"integ.euid.eu", Scope::kEuid},
      {"notuidapi.com", absl::nullopt},
      {"uidapi.com.example", absl::nullopt},
      {"127.0.0.1", absl::nullopt},
      {"", absl::nullopt},
  };
  for (const auto& test : kCases) EXPECT_THAT(ScopeOfHost(test.host), Eq(test.scope)) << test.host;
}

TEST(ScopeTest, HasTheNameOfTheConfiguration) {
  EXPECT_THAT(NameOf(Scope::kUid2), Eq("UID2"));
  EXPECT_THAT(NameOf(Scope::kEuid), Eq("EUID"));
}

}  // namespace
}  // namespace uid2
