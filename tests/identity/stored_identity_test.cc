// SPDX-License-Identifier: Apache-2.0

#include "server/identity/stored_identity.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/identity/identity_json.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

std::string IdentityOf(const std::string& token, const std::string& more = "") {
  return absl::StrCat(R"({"advertising_token":")", token,
                      R"(","refresh_token":"R+/=","identity_expires":1900003600001,)",
                      R"("refresh_expires":1900086400001,"refresh_from":1900000900001)", more, "}");
}

// As encodeURIComponent() does it.
std::string Encoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
        absl::StrContains("-_.!~*'()", absl::string_view(&c, 1))) {
      encoded.push_back(c);
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

struct StoredCase {
  const char* situation;
  std::string text;
  // Empty for an opt-out.
  const char* token;
};

const std::vector<StoredCase>& StoredCases() {
  static const auto& cases = *new std::vector<StoredCase>{
      {"an identity", IdentityOf("AT"), "AT"},
      {"an identity with members of its own", IdentityOf("AT", R"(,"private":{"status":"optout"})"),
       "AT"},
      {"an identity with another status", IdentityOf("AT", R"(,"status":"success")"), "AT"},
      {"an identity that has a member of Prebid.js's store",
       IdentityOf("AT", R"(,"latestToken":5)"), "AT"},
      {"the SDK's record of an opt-out",
       R"({"refresh_expires":1900000000001,"identity_expires":1900000000001,"status":"optout"})",
       ""},
      {"an opt-out that has lapsed",
       R"({"status":"optout","identity_expires":1600000000001,"refresh_expires":1600000000001})",
       ""},
      {"an opt-out without times", R"({"status":"optout"})", ""},
      {"an opt-out with times that no identity has",
       R"({"identity_expires":"x","status":"optout"})", ""},
      {"the opt-out of a user who had an identity", IdentityOf("AT", R"(,"status":"optout")"), ""},
      {"Prebid.js: a token that was supplied and not yet refreshed",
       absl::StrCat(R"({"originalToken":)", IdentityOf("AT"), R"(,"latestToken":)",
                    IdentityOf("AT"), "}"),
       "AT"},
      {"Prebid.js: a refreshed token",
       absl::StrCat(R"({"originalToken":)", IdentityOf("OLD"), R"(,"latestToken":)",
                    IdentityOf("NEW"), R"(,"originalIdentity":{"identity":"hash","salt":1}})"),
       "NEW"},
      {"Prebid.js: a token that it generated itself",
       absl::StrCat(R"({"originalIdentity":{"identity":"hash","salt":1},"latestToken":)",
                    IdentityOf("NEW"), "}"),
       "NEW"},
      {"Prebid.js: an opt-out at a refresh",
       absl::StrCat(R"({"originalToken":)", IdentityOf("OLD"), R"(,"latestToken":"optout"})"), ""},
      {"Prebid.js: an opt-out when it generated a token itself",
       R"({"originalIdentity":{"identity":"hash","salt":1},"latestToken":"optout"})", ""},
      {"Prebid.js: the SDK's record of an opt-out, taken over from its cookie",
       absl::StrCat(R"({"originalToken":{"status":"optout"},"latestToken":)",
                    R"({"advertising_token":"","refresh_token":"","status":"optout"}})"),
       ""},
      {"Prebid.js: a latest token whose own member has a status",
       absl::StrCat(R"({"latestToken":)", IdentityOf("AT", R"(,"x":{"status":"optout"})"), "}"),
       "AT"},
      {"Prebid.js: an opt-out before the latest token",
       absl::StrCat(R"({"originalToken":{"status":"optout"},"latestToken":)", IdentityOf("NEW"),
                    "}"),
       "NEW"},
      {"Prebid.js: the refresh token had expired",
       absl::StrCat(R"({"originalToken":)", IdentityOf("OLD"), "}"), "OLD"},
      {"Prebid.js: the same, stored as null",
       absl::StrCat(R"({"originalToken":)", IdentityOf("OLD"), R"(,"latestToken":null})"), "OLD"},
  };
  return cases;
}

void ExpectStored(const absl::StatusOr<StoredIdentity>& stored, const std::string& token) {
  ASSERT_THAT(stored, IsOk());
  ASSERT_THAT(stored->identity.has_value(), Eq(!token.empty()));
  if (token.empty()) return;
  EXPECT_THAT(stored->identity->advertising_token, Eq(token));
  EXPECT_THAT(stored->identity->refresh_token, Eq("R+/="));
}

TEST(ParseStoredIdentityTest, ReadsEachStateThatTheSdkAndPrebidStore) {
  for (const StoredCase& test : StoredCases()) {
    SCOPED_TRACE(test.situation);
    ExpectStored(ParseStoredIdentity(test.text), test.token);
  }
}

TEST(ParseStoredIdentityTest, ReadsEachStateAsACookieHoldsIt) {
  for (const StoredCase& test : StoredCases()) {
    SCOPED_TRACE(test.situation);
    ExpectStored(ParseStoredIdentity(Encoded(test.text)), test.token);
  }
}

TEST(ParseStoredIdentityTest, IgnoresWhiteSpaceAroundEitherForm) {
  const std::string plain = IdentityOf("AT");
  for (const std::string& text :
       {absl::StrCat(" \r\n\t", plain, " \r\n\t"), absl::StrCat(" \n", Encoded(plain), " \n"),
        Encoded(absl::StrCat(" \r\n\t", plain, "\n")), absl::StrCat(" %20%0a", Encoded(plain))}) {
    SCOPED_TRACE(text);
    ExpectStored(ParseStoredIdentity(text), "AT");
  }
}

TEST(ParseStoredIdentityTest, ReturnsTheIdentityAloneWithoutTheStoreAroundIt) {
  const std::string latest = IdentityOf("NEW", R"(,"x":"<")");
  const absl::StatusOr<StoredIdentity> whole = ParseStoredIdentity(
      absl::StrCat(R"({"originalToken":)", IdentityOf("OLD"), R"(,"latestToken":)", latest, "}"));
  ASSERT_THAT(whole, IsOk());
  EXPECT_THAT(whole->identity->json, Eq(IdentityOf("NEW", R"(,"x":"\u003c")")));
}

struct RefusedCase {
  const char* situation;
  std::string text;
  const char* problem;
};

TEST(ParseStoredIdentityTest, SaysWhatIsWrongWithWhatIsNotAnIdentity) {
  const RefusedCase cases[] = {
      {"the bare token that Prebid.js may store", "A4AAAA", "an advertising token alone cannot be"},
      {"the SDK's stored options", R"({"baseUrl":"https://prod.uidapi.com"})",
       "advertising_token is missing"},
      {"the two tokens that the first SDK stored",
       R"({"advertising_token":"A","refresh_token":"R"})", "identity_expires is missing"},
      {"a padded token with white space", " A4AA+/-_== \n", "an advertising token alone cannot be"},
      {"what getIdentity() returns without an identity", " null\n",
       "null (there is no identity to refresh)"},
      {"the same, encoded", "%20null", "null (there is no identity to refresh)"},
      {"a variable that was not set", "undefined", "undefined (there is no identity to refresh)"},
      {"an object as a string", "[object Object]", "[object Object] (use JSON.stringify())"},
      {"white space", " \n", "empty"},
      {"a cookie with its name", absl::StrCat("__uid_2=", Encoded(IdentityOf("AT"))),
       "of the form NAME=VALUE (send the value alone)"},
      {"a plain cookie with its name", absl::StrCat("uid2-identity=", IdentityOf("AT")),
       "of the form NAME=VALUE (send the value alone)"},
      {"a cookie in quotes with its name", "uid2=\"A4AAAA\"", "of the form NAME=VALUE"},
      {"text that is no token", "no identity", "not JSON"},
      {"JSON that lacks its first half", R"(AT=","refresh_token":"R="})", "of the form NAME=VALUE"},
      {"an array of identities", absl::StrCat("[", IdentityOf("AT"), "]"), "not a JSON object"},
      {"an identity of the wrong types", R"({"advertising_token":5})",
       "advertising_token is not a string"},
      {"a status in an array", R"([{"status":"optout"}])", "not a JSON object"},
      {"a status of another type", R"({"status":["optout"]})", "advertising_token is missing"},
      {"a latest token that lacks a field", R"({"latestToken":{"advertising_token":"A"}})",
       "latestToken: refresh_token is missing"},
      {"a latest token of another type", R"({"latestToken":"A4AAAA"})", "latestToken is not an"},
      {"an original token that lacks a field", R"({"originalToken":{}})",
       "originalToken: advertising_token is missing"},
      {"an opt-out in the original token", R"({"originalToken":"optout"})",
       "latestToken is not an"},
      {"two latest tokens", R"({"latestToken":"optout","latestToken":{}})", "appears twice"},
      {"cut short", IdentityOf("AT").substr(0, 50), "not JSON"},
      {"encoded and cut short", Encoded(IdentityOf("AT")).substr(0, 50), "not JSON"},
      {"an escape cut short", "%7B%2", "a % escape is not complete"},
      {"an escape that is none", "%7B%zz", "a % escape is not complete"},
      {"encoded twice", Encoded(Encoded(IdentityOf("AT"))), "URL-encoded twice (decode it once)"},
      {"larger than the limit", std::string(kMaxIdentityJsonSize + 1, ' '), "larger than 16384"},
  };
  for (const RefusedCase& test : cases) {
    EXPECT_THAT(ParseStoredIdentity(test.text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(test.problem)))
        << test.situation;
  }
}

}  // namespace
}  // namespace uid2
