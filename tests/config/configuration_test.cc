#include "server/config/configuration.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/config/load_configuration_fixture.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using uid2::testing::kManyFiles;
using uid2::testing::kParticipant;
using uid2::testing::LoadConfigurationTest;

void ExpectDefaults(const Configuration& configuration) {
  EXPECT_THAT(configuration.listen_address, Eq("127.0.0.1:50051"));
  EXPECT_TRUE(configuration.reflection);
  EXPECT_THAT(configuration.deadlines.max_call_time, Eq(absl::Seconds(5)));
  EXPECT_THAT(configuration.deadlines.answer_margin, Eq(absl::Milliseconds(30)));
  EXPECT_THAT(configuration.retries.least_time, Eq(absl::Milliseconds(100)));
  EXPECT_THAT(configuration.http.connect_timeout, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.http.request_timeout, Eq(absl::Milliseconds(1500)));
  EXPECT_THAT(configuration.http.max_reply_bytes, Eq(65536));
  EXPECT_THAT(configuration.http.max_idle_connections, Eq(256));
  EXPECT_THAT(configuration.http.max_idle_time, Eq(absl::Seconds(50)));
  EXPECT_THAT(configuration.http.ca_file, Eq(""));
  EXPECT_THAT(configuration.drain_delay, Eq(absl::ZeroDuration()));
  EXPECT_THAT(configuration.drain_timeout, Eq(absl::Seconds(10)));
  EXPECT_THAT(configuration.thread_pairs, Eq(1));
  EXPECT_THAT(configuration.max_calls_in_flight, Eq(2048));
  EXPECT_THAT(configuration.caller_share, Eq(1));
  EXPECT_THAT(configuration.retries.max_attempts, Eq(3));
  EXPECT_THAT(configuration.retries.base_delay, Eq(absl::Milliseconds(50)));
  EXPECT_THAT(configuration.retries.overload_delay, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.retries.longest_delay, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.retry_budget.burst, Eq(50));
  EXPECT_THAT(configuration.retry_budget.per_success, Eq(0.1));
  EXPECT_THAT(configuration.throttling.window, Eq(absl::Seconds(10)));
  EXPECT_THAT(configuration.throttling.least_failures, Eq(20));
  EXPECT_THAT(configuration.throttling.most_held_back, Eq(0.9));
  EXPECT_THAT(configuration.address_rest.failures, Eq(3));
  EXPECT_THAT(configuration.address_rest.first_rest, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.address_rest.longest_rest, Eq(absl::Seconds(5)));
}

TEST_F(LoadConfigurationTest, WhatIsNotSaidHasItsDocumentedDefault) {
  const LoadedConfiguration loaded = Load(kParticipant);
  EXPECT_THAT(loaded.problems, IsEmpty());
  EXPECT_THAT(loaded.notices, IsEmpty());
  ASSERT_TRUE(loaded.configuration.has_value());
  ExpectDefaults(*loaded.configuration);
  ASSERT_THAT(loaded.configuration->participants, SizeIs(1));
  EXPECT_THAT(loaded.configuration->participants[0].name, Eq("brand"));
  EXPECT_THAT(loaded.configuration->participants[0].operator_urls,
              ElementsAre("https://operator.example"));
  EXPECT_THAT(loaded.configuration->participants[0].dii_policy, Eq(DiiPolicy::kStrict));
  EXPECT_THAT(loaded.configuration->participants[0].credentials.api_key.Reveal(),
              Eq("UID2-C-L-999-fCXrMM"));
}

TEST_F(LoadConfigurationTest, TheSampleHoldsTheDefaults) {
  const LoadedConfiguration loaded = LoadConfiguration("deploy/local/server.txtpb", kManyFiles);
  EXPECT_THAT(loaded.problems, IsEmpty());
  ASSERT_TRUE(loaded.configuration.has_value());
  ExpectDefaults(*loaded.configuration);
}

TEST_F(LoadConfigurationTest, EveryFieldIsTaken) {
  const LoadedConfiguration loaded = Load(
      "listen_address: \"0.0.0.0:1\" insecure: true reflection: false\n"
      "max_call_time { seconds: 2 } answer_margin { seconds: 1 } least_call_time {}\n"
      "thread_pairs: 3 max_calls_in_flight: 9 caller_share: 0.5\n"
      "operator_connection { connect_timeout { nanos: 500000000 } request_timeout { seconds: 1 }\n"
      "  max_reply_bytes: 5000 max_idle_connections: 7 max_idle_time { seconds: 9 }\n"
      "  ca_file: \"ca.pem\" }\n"
      "retries { max_attempts: 1 base_delay { nanos: 2000000 } overload_delay { nanos: 3000000 }\n"
      "  longest_delay { nanos: 4000000 } budget_burst: 5 budget_per_success: 0 }\n"
      "throttling { window { seconds: 60 } least_failures: 1 most_held_back: 0 }\n"
      "address_rest { failures: 2 first_rest { seconds: 7 } longest_rest { seconds: 8 } }\n"
      "drain { delay { seconds: 4 } timeout { seconds: 6 } }\n"
      "participants { name: \"b\" scope: EUID operator_url: \"http://127.0.0.1:1\"\n"
      "  operator_url: \"https://second.example\" operator_url: \"https://third.example:8443/\"\n"
      "  credentials_dir: \"credentials\" dii_policy: OPERATOR }\n");
  EXPECT_THAT(loaded.problems, IsEmpty());
  ASSERT_TRUE(loaded.configuration.has_value());
  const Configuration& configuration = *loaded.configuration;
  EXPECT_THAT(configuration.listen_address, Eq("0.0.0.0:1"));
  EXPECT_FALSE(configuration.reflection);
  EXPECT_THAT(configuration.deadlines.max_call_time, Eq(absl::Seconds(2)));
  EXPECT_THAT(configuration.deadlines.answer_margin, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.retries.least_time, Eq(absl::ZeroDuration()));
  EXPECT_THAT(configuration.thread_pairs, Eq(3));
  EXPECT_THAT(configuration.max_calls_in_flight, Eq(9));
  EXPECT_THAT(configuration.caller_share, Eq(0.5));
  EXPECT_THAT(configuration.retries.max_attempts, Eq(1));
  EXPECT_THAT(configuration.retries.base_delay, Eq(absl::Milliseconds(2)));
  EXPECT_THAT(configuration.retries.overload_delay, Eq(absl::Milliseconds(3)));
  EXPECT_THAT(configuration.retries.longest_delay, Eq(absl::Milliseconds(4)));
  EXPECT_THAT(configuration.retry_budget.burst, Eq(5));
  EXPECT_THAT(configuration.retry_budget.per_success, Eq(0));
  EXPECT_THAT(configuration.throttling.window, Eq(absl::Minutes(1)));
  EXPECT_THAT(configuration.throttling.least_failures, Eq(1));
  EXPECT_THAT(configuration.throttling.most_held_back, Eq(0));
  EXPECT_THAT(configuration.address_rest.failures, Eq(2));
  EXPECT_THAT(configuration.address_rest.first_rest, Eq(absl::Seconds(7)));
  EXPECT_THAT(configuration.address_rest.longest_rest, Eq(absl::Seconds(8)));
  EXPECT_THAT(configuration.http.connect_timeout, Eq(absl::Milliseconds(500)));
  EXPECT_THAT(configuration.http.request_timeout, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.http.max_reply_bytes, Eq(5000));
  EXPECT_THAT(configuration.http.max_idle_connections, Eq(7));
  EXPECT_THAT(configuration.http.max_idle_time, Eq(absl::Seconds(9)));
  EXPECT_THAT(configuration.http.ca_file, Eq(directory_ + "/ca.pem"));
  EXPECT_THAT(configuration.drain_delay, Eq(absl::Seconds(4)));
  EXPECT_THAT(configuration.drain_timeout, Eq(absl::Seconds(6)));
  EXPECT_THAT(
      configuration.participants[0].operator_urls,
      ElementsAre("http://127.0.0.1:1", "https://second.example", "https://third.example:8443/"));
  EXPECT_THAT(configuration.participants[0].dii_policy, Eq(DiiPolicy::kOperator));
}

TEST_F(LoadConfigurationTest, ADefaultGivesWayToWhatIsSaidBesideIt) {
  const LoadedConfiguration loaded =
      Load(absl::StrCat(kParticipant,
                        "retries { longest_delay { nanos: 20000000 } }\n"
                        "address_rest { first_rest { seconds: 9 } }\n"));
  ASSERT_THAT(loaded.problems, IsEmpty());
  EXPECT_THAT(loaded.configuration->retries.base_delay, Eq(absl::Milliseconds(20)));
  EXPECT_THAT(loaded.configuration->retries.overload_delay, Eq(absl::Milliseconds(20)));
  EXPECT_THAT(loaded.configuration->address_rest.longest_rest, Eq(absl::Seconds(9)));
}

TEST_F(LoadConfigurationTest, CallsInFlightFitIntoTheLimitOfOpenFiles) {
  struct Case {
    const char* text;
    int64_t open_files;
    int calls;
    const char* notice;
  };
  for (const Case& each : std::vector<Case>{
           {"", 4352, 2048, ""},
           {"", 4351, 2047,
            ": max_calls_in_flight: lowered to 2047: 2048 calls in flight need 4352 open files (2 "
            "each and 256), and the hard limit of this process is 4351; raise that limit to at "
            "least 4352 ("},
           {"", 1024, 384, ": max_calls_in_flight: lowered to 384: "},
           {"", 258, 1, ": max_calls_in_flight: lowered to 1: "},
           {"max_calls_in_flight: 384", 1024, 384, ""},
           {"max_calls_in_flight: 1000000", std::numeric_limits<int64_t>::max(), 1000000, ""},
       }) {
    SCOPED_TRACE(each.open_files);
    const LoadedConfiguration loaded = Load(absl::StrCat(kParticipant, each.text), each.open_files);
    ASSERT_THAT(loaded.problems, IsEmpty());
    EXPECT_THAT(loaded.configuration->max_calls_in_flight, Eq(each.calls));
    EXPECT_THAT(loaded.notices, SizeIs(*each.notice == '\0' ? 0 : 1));
    EXPECT_THAT(WithoutPath(absl::StrJoin(loaded.notices, "\n")), StartsWith(each.notice));
  }
}

TEST_F(LoadConfigurationTest, ABoundThatWasAskedForAndDoesNotFitNamesBothFixes) {
  const std::string text = absl::StrCat(kParticipant, "max_calls_in_flight: 385\n");
  EXPECT_THAT(
      Problems(text, 1024),
      StartsWith(":7: max_calls_in_flight: 385 calls in flight need 1026 open files (2 each "
                 "and 256), and the hard limit of this process is 1024: lower it to at "
                 "most 384, or raise that limit to at least 1026 ("));
}

TEST_F(LoadConfigurationTest, ALimitWithoutRoomForOneCallIsAProblem) {
  for (const char* more : {"", "max_calls_in_flight: 2048\n"}) {
    const std::string problems = Problems(absl::StrCat(kParticipant, more), 257);
    EXPECT_THAT(problems, HasSubstr("is 257, too low for a single call: raise that limit to at "
                                    "least 4352 ("));
    EXPECT_THAT(problems, ::testing::Not(HasSubstr("lower it")));
  }
}

}  // namespace
}  // namespace uid2
