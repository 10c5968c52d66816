// SPDX-License-Identifier: Apache-2.0

#include "server/http/http_client_options.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::HasSubstr;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

using Change = std::function<void(HttpClientOptions&)>;

HttpClientOptions With(const Change& change) {
  HttpClientOptions options;
  change(options);
  return options;
}

TEST(HttpClientOptionsTest, DefaultsAreValid) {
  EXPECT_THAT(Validate(HttpClientOptions()), IsOk());
}

TEST(HttpClientOptionsTest, AcceptsTheSmallestValues) {
  EXPECT_THAT(Validate(With([](HttpClientOptions& options) {
                options.connect_timeout = absl::Milliseconds(1);
                options.request_timeout = absl::Milliseconds(1);
                options.max_reply_bytes = 1;
                options.max_idle_connections = 1;
                options.idle_timeout = absl::Seconds(1);
                options.address_age = absl::Nanoseconds(1);
              })),
              IsOk());
}

TEST(HttpClientOptionsTest, NamesTheInvalidField) {
  struct Case {
    std::string field;
    Change change;
  };
  const std::vector<Case> cases = {
      {"connect_timeout", [](auto& options) { options.connect_timeout = absl::Microseconds(999); }},
      {"request_timeout", [](auto& options) { options.request_timeout = absl::ZeroDuration(); }},
      {"max_reply_bytes", [](auto& options) { options.max_reply_bytes = 0; }},
      {"max_idle_connections", [](auto& options) { options.max_idle_connections = 0; }},
      {"idle_timeout", [](auto& options) { options.idle_timeout = absl::Milliseconds(999); }},
      {"address_age", [](auto& options) { options.address_age = absl::ZeroDuration(); }},
      {"transport",
       [](auto& options) {
         options.transport = HttpClientOptions::Transport::kLean;
         options.http_version = HttpClientOptions::HttpVersion::kHttp2;
       }},
      {"transport",
       [](auto& options) {
         options.transport = HttpClientOptions::Transport::kLean;
         options.proxy_url = "http://proxy.example:3128";
       }},
  };
  for (const Case& bad : cases) {
    EXPECT_THAT(Validate(With(bad.change)),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(bad.field)));
  }
}

}  // namespace
}  // namespace uid2
