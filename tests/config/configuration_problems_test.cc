// SPDX-License-Identifier: Apache-2.0

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/configuration.h"
#include "tests/config/load_configuration_fixture.h"

namespace uid2 {
namespace {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using uid2::testing::kManyFiles;
using uid2::testing::kParticipant;
using uid2::testing::LoadConfigurationTest;

TEST_F(LoadConfigurationTest, AllProblemsAreReportedAtOnceWithTheirLines) {
  EXPECT_THAT(
      Load("listen_address: \"0.0.0.0:1\"\n"
           "reflexion: true\n"
           "max_call_time { seconds: 3600 }\n"
           "participants {\n"
           "  name: \"Brand\"\n"
           "  operator_url: \"http://operator.example\"\n"
           "  credentials_dir: \"nowhere\"\n"
           "}\n"
           "operator_connection {\n"
           "  max_reply_bytes: 1\n"
           "}\n")
          .problems,
      ElementsAre(HasSubstr(":2:10: Message type"),
                  HasSubstr(":1: listen_address: clients are not authenticated"),
                  HasSubstr(":3: max_call_time: must be from 100ms to 1m"),
                  HasSubstr(":5: name: must be 1 to 63 characters"),
                  HasSubstr(":6: operator_url: plain http://"), HasSubstr(":4: scope: is missing"),
                  HasSubstr(":7: credentials_dir: cannot read"),
                  HasSubstr(":7: credentials_dir: cannot read"),
                  HasSubstr(":10: max_reply_bytes: must be from 4096 to 16777216")));
}

TEST_F(LoadConfigurationTest, ValuesOutOfRangeAreReportedWithTheirRange) {
  struct Case {
    const char* text;
    const char* problem;
  };
  for (const Case& each : std::vector<Case>{
           {"max_calls_in_flight: 0", "max_calls_in_flight: must be from 1 to 1000000"},
           {"max_calls_in_flight: -5", "max_calls_in_flight: must be from 1 to 1000000"},
           {"max_calls_in_flight: 1000001", "max_calls_in_flight: must be from 1 to 1000000"},
           {"max_caller_share: 0", "max_caller_share: must be greater than 0 and at most 1"},
           {"max_caller_share: -0.1", "max_caller_share: must be greater than 0 and at most 1"},
           {"max_caller_share: 1.01", "max_caller_share: must be greater than 0 and at most 1"},
           {"max_caller_share: nan", "max_caller_share: must be greater than 0 and at most 1"},
           {"max_caller_share: inf", "max_caller_share: must be greater than 0 and at most 1"},
           {"max_call_time { seconds: -1 }", "max_call_time: must be from 100ms to 1m"},
           // In 64-bit nanoseconds this would wrap around to 0.29 s.
           {"max_call_time { seconds: 18446744074 }", "max_call_time: must be from 100ms to 1m"},
           // Every call would fail with DEADLINE_TOO_SHORT.
           {"max_call_time { nanos: 100000000 }",
            "max_call_time: must be longer than min_call_time, which is 100ms"},
           {"min_call_time { seconds: 5 }",
            "min_call_time: must be shorter than max_call_time, which is 5s"},
           {"operator_connection { request_timeout { nanos: 9999999 } }",
            "request_timeout: must be from 10ms to 1m"},
           {"operator_connection { request_timeout { seconds: 10 } }",
            "request_timeout: must be shorter than throttling.sampling_window, which is 10s"},
           {"retry_policy { max_attempts: 0 }", "max_attempts: must be from 1 to 10"},
           {"retry_policy { max_attempts: 11 }", "max_attempts: must be from 1 to 10"},
           {"retry_policy { initial_backoff { } }", "initial_backoff: must be from 1ms to 10s"},
           {"retry_policy { initial_backoff { seconds: 2 } }",
            "initial_backoff: must not be longer than max_backoff, which is 1s"},
           {"retry_policy { initial_overload_backoff { seconds: 2 } }",
            "initial_overload_backoff: must not be longer than max_backoff, which is 1s"},
           {"retry_policy { max_backoff { seconds: 61 } }", "max_backoff: must be from 1ms to 1m"},
           {"retry_policy { budget_max_tokens: 0 }", "budget_max_tokens: must be from 1 to 100000"},
           {"retry_policy { budget_token_ratio: -0.1 }", "budget_token_ratio: must be from 0 to 1"},
           {"retry_policy { budget_token_ratio: nan }", "budget_token_ratio: must be from 0 to 1"},
           {"retry_policy { budget_token_ratio: 1.1 }", "budget_token_ratio: must be from 0 to 1"},
           {"throttling { sampling_window { nanos: 999999999 } }",
            "sampling_window: must be longer than"},
           {"throttling { sampling_window { seconds: 601 } }",
            "sampling_window: must be from 1s to 10m"},
           {"throttling { sampling_window { seconds: 1 nanos: 500000000 } }",
            "sampling_window: must be longer than operator_connection.request_timeout, which is "
            "1.5s"},
           {"throttling { min_failures: 0 }", "min_failures: must be from 1 to 100000"},
           {"throttling { max_rejection_probability: 1 }",
            "max_rejection_probability: must be from 0 to 0.99"},
           {"throttling { max_rejection_probability: -inf }",
            "max_rejection_probability: must be from 0 to 0.99"},
           {"throttling { max_rejection_probability: nan }",
            "max_rejection_probability: must be from 0 to 0.99"},
           {"address_ejection { consecutive_failures: 0 }",
            "consecutive_failures: must be from 1 to 1000"},
           {"address_ejection { base_ejection_time { } }",
            "base_ejection_time: must be from 10ms to 10m"},
           {"address_ejection { max_ejection_time { nanos: 500000000 } }",
            "base_ejection_time: must not be longer than max_ejection_time, which is 500ms"},
       }) {
    const std::string problems = Problems(absl::StrCat(kParticipant, each.text, "\n"));
    EXPECT_THAT(problems, HasSubstr(absl::StrCat(":7: ", each.problem))) << each.text;
  }
}

TEST_F(LoadConfigurationTest, EachAddressOfAnOperatorIsCheckedOnItsOwnLine) {
  EXPECT_THAT(Problems("participants {\n"
                       "  name: \"brand\" scope: UID2 credentials_dir: \"credentials\"\n"
                       "  operator_url: \"https://one.example\"\n"
                       "  operator_url: \"http://two.example\"\n"
                       "  operator_url: \"three.example\"\n"
                       "  operator_url: \"\"\n"
                       "  operator_url: \"http://127.0.0.1:8080\"\n"
                       "  operator_url: \"HTTPS://One.Example:443/\"\n"
                       "}\n"),
              ContainsRegex("^:4: operator_url: plain http://[^\n]*\n"
                            ":5: operator_url: [^\n]*\n"
                            ":6: operator_url: [^\n]*\n"
                            ":8: operator_url: repeats one of this participant's addresses; "
                            "list each one only once$"));
}

TEST_F(LoadConfigurationTest, AddressesMayBeWrittenAsAList) {
  EXPECT_THAT(Problems("participants {\n"
                       "  name: \"brand\" scope: UID2 credentials_dir: \"credentials\"\n"
                       "  operator_url: [\"https://one.example\", \"https://one.example\"]\n"
                       "}\n"),
              StartsWith(":3: operator_url: repeats one of"));
}

TEST_F(LoadConfigurationTest, AnOperatorHasAtMostEightAddresses) {
  std::string text =
      "participants {\n"
      "  name: \"brand\" scope: UID2 credentials_dir: \"credentials\"\n";
  for (int i = 0; i < 8; ++i) {
    absl::StrAppend(&text, "  operator_url: \"https://operator", i, ".example\"\n");
  }
  EXPECT_THAT(Problems(text + "}\n"), IsEmpty());
  EXPECT_THAT(Problems(text + "  operator_url: \"https://ninth.example\" }\n"),
              Eq(":11: operator_url: too many addresses: at most 8 are allowed"));
}

TEST_F(LoadConfigurationTest, ASyntaxErrorIsReportedWithLineAndColumn) {
  EXPECT_THAT(Problems("participants {\n  name \"brand\"\n"), HasSubstr(":2:8: "));
}

TEST_F(LoadConfigurationTest, AFileThatCannotBeReadIsReported) {
  const LoadedConfiguration loaded =
      LoadConfiguration(directory_ + "/nowhere.txtpb", kManyFiles, absl::Now());
  EXPECT_THAT(loaded.problems, ElementsAre(HasSubstr("/nowhere.txtpb: cannot read: No such file")));
  EXPECT_FALSE(loaded.configuration.has_value());
}

TEST_F(LoadConfigurationTest, AnEmptyFileNeedsAParticipant) {
  EXPECT_THAT(Problems(""), HasSubstr("participants: at least one is required"));
}

TEST_F(LoadConfigurationTest, AParticipantsNameMustBeUnique) {
  EXPECT_THAT(Problems(absl::StrCat(kParticipant, kParticipant)),
              Eq(":8: name: \"brand\" is already the name of another participant"));
}

TEST_F(LoadConfigurationTest, NoProblemContainsAnyPartOfACredential) {
  std::ofstream(directory_ + "/credentials/client_secret") << "canary";
  std::ofstream(directory_ + "/credentials/api_key") << "canary key";
  EXPECT_THAT(Problems(kParticipant), ::testing::Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace uid2
