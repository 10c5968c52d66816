// SPDX-License-Identifier: Apache-2.0

#include "server/config/client_connections_reader.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/config/load_configuration_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;

class ClientConnectionsReaderTest : public uid2::testing::LoadConfigurationTest {
 protected:
  // The problems that ReadClientConnections() finds, without the file name. Calls may take this
  // long.
  std::string Read(const std::string& text, absl::Duration max_call_time = absl::Seconds(5)) {
    return ReadWith(
        [max_call_time](const ConfigSource& source, ConfigChecker& check, Configuration& result) {
          result.max_calls_in_flight = 500;
          result.deadlines.max_call_time = max_call_time;
          ReadClientConnections(source, check, result);
        },
        text);
  }

  const ClientConnectionOptions& options() const { return result_.client_connections; }
};

TEST_F(ClientConnectionsReaderTest, UnsetLimitsHaveTheirDefaults) {
  EXPECT_THAT(Read("", absl::Seconds(20)), IsEmpty());
  EXPECT_THAT(options().max_concurrent_streams, Eq(600));
  EXPECT_THAT(options().handshake_timeout, Eq(absl::Seconds(10)));
  EXPECT_THAT(options().max_connection_age, Eq(absl::Minutes(5)));
  EXPECT_THAT(options().max_connection_age_grace, Eq(absl::Seconds(25)));
  EXPECT_THAT(options().max_connection_idle, Eq(absl::Minutes(15)));
  EXPECT_THAT(options().keepalive_time, Eq(absl::Minutes(1)));
  EXPECT_THAT(options().keepalive_timeout, Eq(absl::Seconds(10)));
  EXPECT_THAT(options().memory_quota_bytes, Eq(268'435'456));
}

TEST_F(ClientConnectionsReaderTest, SetLimitsAreRead) {
  EXPECT_THAT(Read("memory_quota_bytes: 17179869184\n"
                   "client_connections {\n"
                   "  max_concurrent_streams: 7\n"
                   "  handshake_timeout { seconds: 1 }\n"
                   "  max_connection_age { seconds: 2 }\n"
                   "  max_connection_age_grace { seconds: 60 }\n"
                   "  max_connection_idle { seconds: 4 }\n"
                   "  keepalive_time { seconds: 5 }\n"
                   "  keepalive_timeout { seconds: 6 }\n"
                   "}\n"),
              IsEmpty());
  EXPECT_THAT(options().max_concurrent_streams, Eq(7));
  EXPECT_THAT(options().handshake_timeout, Eq(absl::Seconds(1)));
  EXPECT_THAT(options().max_connection_age, Eq(absl::Seconds(2)));
  EXPECT_THAT(options().max_connection_age_grace, Eq(absl::Minutes(1)));
  EXPECT_THAT(options().max_connection_idle, Eq(absl::Seconds(4)));
  EXPECT_THAT(options().keepalive_time, Eq(absl::Seconds(5)));
  EXPECT_THAT(options().keepalive_timeout, Eq(absl::Seconds(6)));
  EXPECT_THAT(options().memory_quota_bytes, Eq(17'179'869'184));
}

TEST_F(ClientConnectionsReaderTest, LimitsOutOfRangeAreReportedTogether) {
  EXPECT_THAT(Read("memory_quota_bytes: 1000000\n"
                   "client_connections {\n"
                   "  max_concurrent_streams: 0\n"
                   "  handshake_timeout { nanos: 1 }\n"
                   "  max_connection_age {}\n"
                   "  max_connection_age_grace { seconds: 601 }\n"
                   "  max_connection_idle { seconds: 86401 }\n"
                   "  keepalive_time { seconds: 7201 }\n"
                   "  keepalive_timeout { seconds: 61 }\n"
                   "}\n"),
              Eq(":3: max_concurrent_streams: must be from 1 to 1000100\n"
                 ":4: handshake_timeout: must be from 100ms to 2m\n"
                 ":5: max_connection_age: must be from 1s to 24h\n"
                 ":6: max_connection_age_grace: must be from 100ms to 10m\n"
                 ":7: max_connection_idle: must be from 1s to 24h\n"
                 ":8: keepalive_time: must be from 1s to 2h\n"
                 ":9: keepalive_timeout: must be from 100ms to 1m\n"
                 ":1: memory_quota_bytes: must be from 16777216 to 1099511627776"));
}

TEST_F(ClientConnectionsReaderTest, TheGraceMustLastAsLongAsACall) {
  const std::string grace = "client_connections {\n max_connection_age_grace { seconds: 5 }\n}\n";
  EXPECT_THAT(Read(grace), IsEmpty());
  EXPECT_THAT(
      Read(grace, absl::Milliseconds(5001)),
      Eq(":2: max_connection_age_grace: must not be shorter than "
         "max_call_time, which is 5.001s, because calls that last longer than the grace are "
         "cut"));
}

}  // namespace
}  // namespace uid2
