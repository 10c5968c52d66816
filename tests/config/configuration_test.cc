// SPDX-License-Identifier: Apache-2.0

#include "server/config/configuration.h"

#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/secrets/secret_access.h"
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
  EXPECT_THAT(configuration.admin_address, Eq(""));
  EXPECT_TRUE(configuration.reflection);
  EXPECT_THAT(configuration.deadlines.max_call_time, Eq(absl::Seconds(5)));
  EXPECT_THAT(configuration.deadlines.deadline_margin, Eq(absl::Milliseconds(30)));
  EXPECT_THAT(configuration.retry_policy.min_time_left, Eq(absl::Milliseconds(100)));
  EXPECT_THAT(configuration.http.connect_timeout, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.http.request_timeout, Eq(absl::Milliseconds(1500)));
  EXPECT_THAT(configuration.http.max_reply_bytes, Eq(65536));
  EXPECT_THAT(configuration.http.max_idle_connections, Eq(256));
  EXPECT_THAT(configuration.http.idle_timeout, Eq(absl::Seconds(50)));
  EXPECT_THAT(configuration.ca_file, Eq(""));
  EXPECT_THAT(configuration.drain_delay, Eq(absl::Milliseconds(200)));
  EXPECT_THAT(configuration.drain_timeout, Eq(absl::Seconds(10)));
  EXPECT_THAT(configuration.self_probe.interval, Eq(absl::Seconds(5)));
  EXPECT_THAT(configuration.self_probe.timeout, Eq(absl::Seconds(5)));
  EXPECT_THAT(configuration.self_probe.failures, Eq(3));
  EXPECT_THAT(configuration.log.min_severity, Eq(Severity::kInfo));
  EXPECT_THAT(configuration.log.max_lines_per_second, Eq(1000));
  EXPECT_FALSE(configuration.synthetic_probe.has_value());
  EXPECT_THAT(configuration.workers, Eq(1));
  EXPECT_THAT(configuration.max_calls_in_flight, Eq(2048));
  EXPECT_THAT(configuration.max_caller_share, Eq(1));
  const ClientConnectionOptions& connections = configuration.client_connections;
  EXPECT_THAT(connections.max_concurrent_streams, Eq(2148));
  EXPECT_THAT(connections.handshake_timeout, Eq(absl::Seconds(10)));
  EXPECT_THAT(connections.max_connection_age, Eq(absl::Minutes(5)));
  EXPECT_THAT(connections.max_connection_age_grace, Eq(absl::Seconds(10)));
  EXPECT_THAT(connections.max_connection_idle, Eq(absl::Minutes(15)));
  EXPECT_THAT(connections.keepalive_time, Eq(absl::Minutes(1)));
  EXPECT_THAT(connections.keepalive_timeout, Eq(absl::Seconds(10)));
  EXPECT_THAT(connections.memory_quota_bytes, Eq(268'435'456));
  EXPECT_THAT(configuration.retry_policy.max_attempts, Eq(3));
  EXPECT_THAT(configuration.retry_policy.initial_backoff, Eq(absl::Milliseconds(50)));
  EXPECT_THAT(configuration.retry_policy.initial_overload_backoff, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.retry_policy.max_backoff, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.retry_budget.max_tokens, Eq(50));
  EXPECT_THAT(configuration.retry_budget.token_ratio, Eq(0.1));
  EXPECT_THAT(configuration.throttling.sampling_window, Eq(absl::Seconds(10)));
  EXPECT_THAT(configuration.throttling.min_failures, Eq(20));
  EXPECT_THAT(configuration.throttling.max_rejection_probability, Eq(0.9));
  EXPECT_THAT(configuration.address_ejection.consecutive_failures, Eq(3));
  EXPECT_THAT(configuration.address_ejection.base_ejection_time, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.address_ejection.max_ejection_time, Eq(absl::Seconds(5)));
}

TEST_F(LoadConfigurationTest, AnUnsetFieldHasItsDocumentedDefault) {
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
  EXPECT_THAT(loaded.configuration->participants[0].credentials->RevealApiKey(SecretAccess()),
              Eq("UID2-C-L-999-fCXrMM"));
}

TEST_F(LoadConfigurationTest, TheSampleFileContainsTheDefaults) {
  const LoadedConfiguration loaded =
      LoadConfiguration("deploy/local/server.txtpb", kManyFiles, absl::Now());
  EXPECT_THAT(loaded.problems, IsEmpty());
  ASSERT_TRUE(loaded.configuration.has_value());
  ExpectDefaults(*loaded.configuration);
}

TEST_F(LoadConfigurationTest, EveryFieldIsRead) {
  std::ofstream(directory_ + "/ca.pem") << std::ifstream(TrustStore::kSystemFile).rdbuf();
  const LoadedConfiguration loaded = Load(
      "listen_address: \"0.0.0.0:1\" insecure: true reflection: false\n"
      "admin_address: \"0.0.0.0:2\"\n"
      "max_call_time { seconds: 2 } deadline_margin { seconds: 1 } min_call_time {}\n"
      "workers: 3 max_calls_in_flight: 9 max_caller_share: 0.5\n"
      "operator_connection { connect_timeout { nanos: 500000000 } request_timeout { seconds: 1 }\n"
      "  max_reply_bytes: 5000 max_idle_connections: 7 idle_timeout { seconds: 9 }\n"
      "  ca_file: \"ca.pem\" }\n"
      "retry_policy { max_attempts: 1 initial_backoff { nanos: 2000000 } initial_overload_backoff "
      "{ nanos: 3000000 }\n"
      "  max_backoff { nanos: 4000000 } budget_max_tokens: 5 budget_token_ratio: 0 }\n"
      "throttling { sampling_window { seconds: 60 } min_failures: 1 max_rejection_probability: 0 "
      "}\n"
      "address_ejection { consecutive_failures: 2 base_ejection_time { seconds: 7 } "
      "max_ejection_time { seconds: 8 } }\n"
      "drain { delay { seconds: 4 } timeout { seconds: 6 } }\n"
      "self_probe { interval { seconds: 7 } timeout { seconds: 8 } failures: 0 }\n"
      "log { min_severity: DEBUG max_lines_per_second: 0 }\n"
      "synthetic_probe { interval { seconds: 9 } timeout { seconds: 3 } }\n"
      "participants { name: \"b\" scope: EUID operator_url: \"http://127.0.0.1:1\"\n"
      "  operator_url: \"https://second.example\" operator_url: \"https://third.example:8443/\"\n"
      "  credentials_dir: \"credentials\" dii_policy: OPERATOR }\n");
  EXPECT_THAT(loaded.problems, IsEmpty());
  ASSERT_TRUE(loaded.configuration.has_value());
  const Configuration& configuration = *loaded.configuration;
  EXPECT_THAT(configuration.listen_address, Eq("0.0.0.0:1"));
  EXPECT_THAT(configuration.admin_address, Eq("0.0.0.0:2"));
  EXPECT_FALSE(configuration.reflection);
  EXPECT_THAT(configuration.deadlines.max_call_time, Eq(absl::Seconds(2)));
  EXPECT_THAT(configuration.deadlines.deadline_margin, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.retry_policy.min_time_left, Eq(absl::ZeroDuration()));
  EXPECT_THAT(configuration.workers, Eq(3));
  EXPECT_THAT(configuration.max_calls_in_flight, Eq(9));
  EXPECT_THAT(configuration.max_caller_share, Eq(0.5));
  EXPECT_THAT(configuration.retry_policy.max_attempts, Eq(1));
  EXPECT_THAT(configuration.retry_policy.initial_backoff, Eq(absl::Milliseconds(2)));
  EXPECT_THAT(configuration.retry_policy.initial_overload_backoff, Eq(absl::Milliseconds(3)));
  EXPECT_THAT(configuration.retry_policy.max_backoff, Eq(absl::Milliseconds(4)));
  EXPECT_THAT(configuration.retry_budget.max_tokens, Eq(5));
  EXPECT_THAT(configuration.retry_budget.token_ratio, Eq(0));
  EXPECT_THAT(configuration.throttling.sampling_window, Eq(absl::Minutes(1)));
  EXPECT_THAT(configuration.throttling.min_failures, Eq(1));
  EXPECT_THAT(configuration.throttling.max_rejection_probability, Eq(0));
  EXPECT_THAT(configuration.address_ejection.consecutive_failures, Eq(2));
  EXPECT_THAT(configuration.address_ejection.base_ejection_time, Eq(absl::Seconds(7)));
  EXPECT_THAT(configuration.address_ejection.max_ejection_time, Eq(absl::Seconds(8)));
  EXPECT_THAT(configuration.http.connect_timeout, Eq(absl::Milliseconds(500)));
  EXPECT_THAT(configuration.http.request_timeout, Eq(absl::Seconds(1)));
  EXPECT_THAT(configuration.http.max_reply_bytes, Eq(5000));
  EXPECT_THAT(configuration.http.max_idle_connections, Eq(7));
  EXPECT_THAT(configuration.http.idle_timeout, Eq(absl::Seconds(9)));
  EXPECT_THAT(configuration.ca_file, Eq(directory_ + "/ca.pem"));
  EXPECT_THAT(configuration.drain_delay, Eq(absl::Seconds(4)));
  EXPECT_THAT(configuration.drain_timeout, Eq(absl::Seconds(6)));
  EXPECT_THAT(configuration.self_probe.interval, Eq(absl::Seconds(7)));
  EXPECT_THAT(configuration.self_probe.timeout, Eq(absl::Seconds(8)));
  EXPECT_THAT(configuration.self_probe.failures, Eq(0));
  EXPECT_THAT(configuration.log.min_severity, Eq(Severity::kDebug));
  EXPECT_THAT(configuration.log.max_lines_per_second, Eq(0));
  ASSERT_TRUE(configuration.synthetic_probe.has_value());
  EXPECT_THAT(configuration.synthetic_probe->interval, Eq(absl::Seconds(9)));
  EXPECT_THAT(configuration.synthetic_probe->timeout, Eq(absl::Seconds(3)));
  EXPECT_THAT(
      configuration.participants[0].operator_urls,
      ElementsAre("http://127.0.0.1:1", "https://second.example", "https://third.example:8443/"));
  EXPECT_THAT(configuration.participants[0].dii_policy, Eq(DiiPolicy::kOperator));
}

TEST_F(LoadConfigurationTest, ADefaultAdaptsToTheFieldsSetBesideIt) {
  const LoadedConfiguration loaded =
      Load(absl::StrCat(kParticipant,
                        "retry_policy { max_backoff { nanos: 20000000 } }\n"
                        "address_ejection { base_ejection_time { seconds: 9 } }\n"));
  ASSERT_THAT(loaded.problems, IsEmpty());
  EXPECT_THAT(loaded.configuration->retry_policy.initial_backoff, Eq(absl::Milliseconds(20)));
  EXPECT_THAT(loaded.configuration->retry_policy.initial_overload_backoff,
              Eq(absl::Milliseconds(20)));
  EXPECT_THAT(loaded.configuration->address_ejection.max_ejection_time, Eq(absl::Seconds(9)));
}

TEST_F(LoadConfigurationTest, TheDefaultCallsInFlightAreLoweredToFitTheOpenFileLimit) {
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
            "each, plus 256), but the hard limit of this process is 4351; raise that limit to at "
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

TEST_F(LoadConfigurationTest, ASetBoundThatDoesNotFitIsReportedWithBothFixes) {
  const std::string text = absl::StrCat(kParticipant, "max_calls_in_flight: 385\n");
  EXPECT_THAT(
      Problems(text, 1024),
      StartsWith(":7: max_calls_in_flight: 385 calls in flight need 1026 open files (2 each, "
                 "plus 256), but the hard limit of this process is 1024: lower it to at "
                 "most 384, or raise that limit to at least 1026 ("));
}

TEST_F(LoadConfigurationTest, AnOpenFileLimitTooLowForOneCallIsAProblem) {
  for (const char* more : {"", "max_calls_in_flight: 2048\n"}) {
    const std::string problems = Problems(absl::StrCat(kParticipant, more), 257);
    EXPECT_THAT(problems, HasSubstr("is 257, too low for a single call: raise that limit to at "
                                    "least 4352 ("));
    EXPECT_THAT(problems, ::testing::Not(HasSubstr("lower it")));
  }
}

}  // namespace
}  // namespace uid2
