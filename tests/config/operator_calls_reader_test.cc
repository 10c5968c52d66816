// SPDX-License-Identifier: Apache-2.0

#include "server/config/operator_calls_reader.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/config/load_configuration_fixture.h"

namespace uid2 {
namespace {

using ::testing::DoubleEq;
using ::testing::Eq;
using ::testing::IsEmpty;

class OperatorCallsReaderTest : public uid2::testing::LoadConfigurationTest {
 protected:
  // The problems that ReadOperatorCalls() finds, without the file name.
  std::string Read(const std::string& text) { return ReadWith(&ReadOperatorCalls, text); }
};

TEST_F(OperatorCallsReaderTest, EachMessageIsReadIntoItsOptions) {
  EXPECT_THAT(Read("operator_connection { request_timeout { seconds: 2 } max_reply_bytes: 8192 }\n"
                   "retry_policy { max_attempts: 2 budget_token_ratio: 0.5 }\n"
                   "throttling { sampling_window { seconds: 20 } min_failures: 5 }\n"
                   "address_ejection { consecutive_failures: 9 }\n"),
              IsEmpty());
  EXPECT_THAT(result_.http.request_timeout, Eq(absl::Seconds(2)));
  EXPECT_THAT(result_.http.max_reply_bytes, Eq(8192));
  EXPECT_THAT(result_.retry_policy.max_attempts, Eq(2));
  EXPECT_THAT(result_.retry_budget.token_ratio, DoubleEq(0.5));
  EXPECT_THAT(result_.throttling.sampling_window, Eq(absl::Seconds(20)));
  EXPECT_THAT(result_.throttling.min_failures, Eq(5));
  EXPECT_THAT(result_.address_ejection.consecutive_failures, Eq(9));
}

struct OrderCase {
  const char* text;
  const char* problem;
};

TEST_F(OperatorCallsReaderTest, ValuesThatContradictEachOtherAreReportedOnTheOneThatWasSet) {
  for (const OrderCase& test : std::vector<OrderCase>{
           {"retry_policy { initial_backoff { seconds: 2 } }",
            ":1: initial_backoff: must not be longer than max_backoff, which is 1s"},
           {"operator_connection { request_timeout { seconds: 10 } }",
            ":1: request_timeout: must be shorter than throttling.sampling_window, which is 10s"},
           {"operator_connection { request_timeout { seconds: 10 } }\n"
            "throttling { sampling_window { seconds: 9 } }",
            ":2: sampling_window: must be longer than operator_connection.request_timeout, which "
            "is 10s"},
           {"address_ejection { base_ejection_time { seconds: 9 } max_ejection_time { seconds: 8 } "
            "}",
            ":1: base_ejection_time: must not be longer than max_ejection_time, which is 8s"},
       }) {
    EXPECT_THAT(Read(test.text), Eq(test.problem));
  }
}

TEST_F(OperatorCallsReaderTest, ANumberThatIsNoHttpVersionIsAProblem) {
  EXPECT_THAT(Read("operator_connection { http_version: 3 }"),
              Eq(":1: http_version: 3 is not a value of this field; set it to HTTP_1_1 or HTTP_2"));
}

TEST_F(OperatorCallsReaderTest, ANumberThatIsNoTransportIsAProblem) {
  EXPECT_THAT(Read("operator_connection { transport: 3 }"),
              Eq(":1: transport: 3 is not a value of this field; set it to LEAN or LIBCURL"));
}

TEST_F(OperatorCallsReaderTest, TheTransportIsTheOneThatIsSet) {
  EXPECT_THAT(Read("operator_connection { transport: LEAN }"), IsEmpty());
  EXPECT_THAT(result_.http.transport, Eq(HttpClientOptions::Transport::kLean));
  EXPECT_THAT(Read("operator_connection { transport: LIBCURL }"), IsEmpty());
  EXPECT_THAT(result_.http.transport, Eq(HttpClientOptions::Transport::kLibcurl));
}

TEST_F(OperatorCallsReaderTest, TheLeanTransportWithWhatOnlyLibcurlHasIsAProblem) {
  for (const OrderCase& test : std::vector<OrderCase>{
           {"http_version: HTTP_2",
            "LEAN has no HTTP_2: set it to LIBCURL, or http_version to HTTP_1_1"},
           {"proxy_url: \"http://proxy.example:3128\"",
            "LEAN uses no proxy: set it to LIBCURL, or remove proxy_url"},
       }) {
    EXPECT_THAT(Read(absl::StrCat("operator_connection { ", test.text, " transport: LEAN }")),
                Eq(absl::StrCat(":1: transport: ", test.problem)));
    EXPECT_THAT(Read(absl::StrCat("operator_connection { ", test.text, " transport: LIBCURL }")),
                IsEmpty());
  }
}

TEST_F(OperatorCallsReaderTest, WithoutATransportItIsTheLeanOneUnlessOnlyLibcurlCanDoIt) {
  EXPECT_THAT(Read(""), IsEmpty());
  EXPECT_THAT(result_.http.transport, Eq(HttpClientOptions::Transport::kLean));
  for (const char* text : {"http_version: HTTP_2", "proxy_url: \"http://proxy.example:3128\""}) {
    EXPECT_THAT(Read(absl::StrCat("operator_connection { ", text, " }")), IsEmpty());
    EXPECT_THAT(result_.http.transport, Eq(HttpClientOptions::Transport::kLibcurl)) << text;
  }
}

TEST_F(OperatorCallsReaderTest, AProxyThatCouldNotBeCalledIsAProblem) {
  for (const OrderCase& test : std::vector<OrderCase>{
           {"proxy.example:3128", "must begin with http:// or https://: http://HOST:PORT"},
           {"socks5://proxy.example:1080", "must begin with http:// or https://: http://HOST:PORT"},
           {"user:password@proxy.example:3128",
            "holds a user name or password; put them into proxy_credentials_file"},
           {"http://user:password@proxy.example:3128",
            "holds a user name or password; put them into proxy_credentials_file"},
           {"http://proxy.example", "must name the proxy's port: http://HOST:PORT"},
           {"http://proxy.example:3128/path", "must have no path: http://HOST:PORT"},
       }) {
    EXPECT_THAT(Read(absl::StrCat("operator_connection { proxy_url: \"", test.text, "\" }")),
                Eq(absl::StrCat(":1: proxy_url: ", test.problem)));
  }
}

TEST_F(OperatorCallsReaderTest, ADefaultAdaptsToTheFieldsSetBesideIt) {
  EXPECT_THAT(Read("retry_policy { max_backoff { nanos: 20000000 } }\n"
                   "address_ejection { base_ejection_time { seconds: 9 } }\n"),
              IsEmpty());
  EXPECT_THAT(result_.retry_policy.initial_backoff, Eq(absl::Milliseconds(20)));
  EXPECT_THAT(result_.address_ejection.max_ejection_time, Eq(absl::Seconds(9)));
}

}  // namespace
}  // namespace uid2
