// SPDX-License-Identifier: Apache-2.0

#include "server/config/participants_reader.h"

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/file_stamp.h"
#include "server/secrets/secret_access.h"
#include "tests/config/load_configuration_fixture.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ParticipantsReaderTest : public uid2::testing::LoadConfigurationTest {
 protected:
  // The problems that ReadParticipants() finds, without the file name.
  std::string Read(const std::string& text) { return ReadWith(&ReadParticipants, text); }

  static std::string ParticipantOf(const std::string& scope, const std::string& url) {
    return absl::StrCat("participants {\n  name: \"brand\"\n  scope: ", scope,
                        "\n  operator_url: \"", url, "\"\n  credentials_dir: \"credentials\"\n}\n");
  }

  void WriteApiKey(const std::string& key) const {
    std::ofstream(directory_ + "/credentials/api_key") << key;
  }
};

TEST_F(ParticipantsReaderTest, AParticipantIsReadWithItsCredentials) {
  EXPECT_THAT(Read("participants { name: \"brand\" scope: UID2 dii_policy: OPERATOR\n"
                   "  operator_url: \"https://one.example\" operator_url: \"http://[::1]:8080\"\n"
                   "  credentials_dir: \"credentials\" }\n"),
              IsEmpty());
  EXPECT_THAT(notices_, IsEmpty());
  ASSERT_THAT(result_.participants, SizeIs(1));
  const ParticipantConfiguration& participant = result_.participants[0];
  EXPECT_THAT(participant.name, Eq("brand"));
  EXPECT_THAT(participant.scope, Eq(Scope::kUid2));
  EXPECT_THAT(participant.operator_urls, ElementsAre("https://one.example", "http://[::1]:8080"));
  EXPECT_THAT(participant.dii_policy, Eq(DiiPolicy::kOperator));
  EXPECT_THAT(participant.credentials->RevealApiKey(SecretAccess()), Eq("UID2-C-L-999-fCXrMM"));
  EXPECT_THAT(participant.credentials_dir, Eq(directory_ + "/credentials"));
  EXPECT_THAT(participant.credentials_stamps,
              ElementsAre(FileStamp::Of(directory_ + "/credentials/api_key"),
                          FileStamp::Of(directory_ + "/credentials/client_secret")));
}

TEST_F(ParticipantsReaderTest, TheScopeIsRequiredAndReadPerParticipant) {
  WriteApiKey("an-old-key");
  EXPECT_THAT(Read(ParticipantOf("EUID", "https://operator.example")), IsEmpty());
  EXPECT_THAT(result_.participants[0].scope, Eq(Scope::kEuid));
  EXPECT_THAT(Read(ParticipantOf("SCOPE_UNSPECIFIED", "https://operator.example")),
              Eq(":3: scope: is missing; set it to UID2 or EUID"));
}

TEST_F(ParticipantsReaderTest, ANumberThatIsNoValueOfTheFieldIsAProblem) {
  EXPECT_THAT(Read(ParticipantOf("7", "https://operator.example")),
              Eq(":3: scope: 7 is not a value of this field; set it to UID2 or EUID"));
  EXPECT_THAT(Read(ParticipantOf("UID2\n  dii_policy: 9", "https://operator.example")),
              Eq(":4: dii_policy: 9 is not a value of this field; set it to STRICT or OPERATOR"));
}

struct AddressCase {
  const char* url;
  const char* problem;
};

TEST_F(ParticipantsReaderTest, AnAddressThatCouldNotBeCalledIsAProblem) {
  for (const AddressCase& test : std::vector<AddressCase>{
           {"prod.uidapi.com", "not an https:// URL; begin it with https://"},
           {"https://[127.0.0.1]:443", "brackets must contain an IPv6 address"},
           {"https://operator.example: 443", "contains white space"},
           {"https://operator.example:+443", "the port is not a number from 1 to 65535"},
           {"https://operator.example:0443", "the port is not a number from 1 to 65535"},
           {"https://operator.example:0", "the port is not a number from 1 to 65535"},
           {"https://operator..example", "the host is neither a name in ASCII"},
           {"https://127.0.0.256", "the host is neither a name in ASCII"},
           {"https:///operator.example", "the host is missing"},
           {"http://operator.example", "plain http:// is allowed for loopback hosts only"},
           {"https://operator.example/?a=b", "holds a query or fragment"},
       }) {
    EXPECT_THAT(Read(ParticipantOf("UID2", test.url)),
                HasSubstr(absl::StrCat(":4: operator_url: ", test.problem)))
        << test.url;
  }
}

struct NoticeCase {
  const char* scope;
  const char* url;
  const char* api_key;
  const char* notice;
};

TEST_F(ParticipantsReaderTest, AScopeThatDoesNotFitTheOperatorOrTheKeyIsNoticed) {
  for (const NoticeCase& test : std::vector<NoticeCase>{
           {"EUID", "https://prod.uidapi.com", "old",
            ":4: operator_url: prod.uidapi.com is an operator of UID2, but scope is EUID; correct "
            "one of the two"},
           {"UID2", "https://Integ.EUID.eu./", "old",
            ":4: operator_url: Integ.EUID.eu. is an operator of EUID, but scope is UID2;"},
           {"EUID", "https://operator.example", "UID2-C-P-1-canary.x",
            "the key is for UID2, but the participant's scope is EUID; put the right key into"},
           {"UID2", "https://prod.uidapi.com", "UID2-C-I-1-canary.x",
            ":5: credentials_dir: the key is for the integration environment, but is sent to "
            "prod.uidapi.com, which is production; each environment has its own keys"},
           {"UID2", "https://prod.uidapi.com", "EUID-C-P-1-canary.x",
            "the key is for EUID, but the participant's scope is UID2;"},
       }) {
    WriteApiKey(test.api_key);
    EXPECT_THAT(Read(ParticipantOf(test.scope, test.url)), IsEmpty()) << test.url;
    EXPECT_THAT(result_.participants, SizeIs(1)) << "a notice does not prevent the start";
    EXPECT_THAT(notices_, AllOf(HasSubstr(test.notice), Not(HasSubstr("canary"))));
  }
}

TEST_F(ParticipantsReaderTest, WhatFitsOrCannotBeJudgedIsNotNoticed) {
  for (const NoticeCase& test : std::vector<NoticeCase>{
           {"UID2", "https://prod.uidapi.com", "UID2-C-P-1-abcdef.x", ""},
           {"EUID", "https://integ.euid.eu/", "EUID-C-I-1-abcdef.x", ""},
           {"EUID", "https://notuidapi.com", "old", ""},
           {"EUID", "https://prod.uidapi.com.example", "old", ""},
           {"UID2", "https://operator.example/uid2", "old", ""},
       }) {
    WriteApiKey(test.api_key);
    EXPECT_THAT(Read(ParticipantOf(test.scope, test.url)), IsEmpty()) << test.url;
    EXPECT_THAT(notices_, IsEmpty()) << test.url;
  }
}

TEST_F(ParticipantsReaderTest, APathThatTheServiceAddsItselfIsNoticed) {
  for (const char* path : {"/v2", "/v2/", "/v2/token/generate"}) {
    EXPECT_THAT(Read(ParticipantOf("UID2", absl::StrCat("https://prod.uidapi.com", path))),
                IsEmpty());
    EXPECT_THAT(notices_, HasSubstr(":4: operator_url: contains the path /v2")) << path;
  }
}

TEST_F(ParticipantsReaderTest, AnApiKeyWithSomethingAroundItIsNoticed) {
  for (const char* key :
       {"\"UID2-C-L-999-canary\"", "API_KEY=UID2-C-L-999-canary", "VUlEMi1DLUktMTIzLWNhbmFyeS54"}) {
    WriteApiKey(key);
    EXPECT_THAT(Read(ParticipantOf("UID2", "https://operator.example")), IsEmpty());
    EXPECT_THAT(notices_, HasSubstr(":5: credentials_dir: "));
    EXPECT_THAT(notices_, AllOf(HasSubstr("credentials/api_key "), Not(HasSubstr("canary"))));
    EXPECT_THAT(result_.participants, SizeIs(1));
  }
}

TEST_F(ParticipantsReaderTest, BothCredentialFilesAreReportedAtOnce) {
  std::ofstream(directory_ + "/credentials/client_secret") << "short";
  WriteApiKey("two words");
  EXPECT_THAT(Read(ParticipantOf("UID2", "https://operator.example")),
              AllOf(HasSubstr("credentials/api_key contains a character"),
                    HasSubstr("credentials/client_secret is not standard base64")));
  EXPECT_THAT(result_.participants, IsEmpty());
}

}  // namespace
}  // namespace uid2
