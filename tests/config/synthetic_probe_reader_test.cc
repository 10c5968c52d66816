// SPDX-License-Identifier: Apache-2.0

#include "server/config/synthetic_probe_reader.h"

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/config/load_configuration_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;

class SyntheticProbeReaderTest : public uid2::testing::LoadConfigurationTest {
 protected:
  std::string Read(const std::string& text) { return ReadWith(&ReadSyntheticProbe, text); }
};

TEST_F(SyntheticProbeReaderTest, OperatorsAreNotProbedByDefault) {
  EXPECT_THAT(Read(""), IsEmpty());
  EXPECT_FALSE(result_.synthetic_probe.has_value());
}

TEST_F(SyntheticProbeReaderTest, AnEmptyMessageTurnsProbesOnWithTheDefaults) {
  EXPECT_THAT(Read("synthetic_probe {}\n"), IsEmpty());
  ASSERT_TRUE(result_.synthetic_probe.has_value());
  EXPECT_THAT(result_.synthetic_probe->interval, Eq(absl::Minutes(1)));
  EXPECT_THAT(result_.synthetic_probe->timeout, Eq(absl::Seconds(5)));
}

TEST_F(SyntheticProbeReaderTest, SetValuesAreRead) {
  EXPECT_THAT(Read("synthetic_probe { interval { seconds: 7 } timeout { nanos: 300000000 } }\n"),
              IsEmpty());
  ASSERT_TRUE(result_.synthetic_probe.has_value());
  EXPECT_THAT(result_.synthetic_probe->interval, Eq(absl::Seconds(7)));
  EXPECT_THAT(result_.synthetic_probe->timeout, Eq(absl::Milliseconds(300)));
}

TEST_F(SyntheticProbeReaderTest, ValuesOutOfRangeAreReportedWithTheirRange) {
  struct Case {
    const char* text;
    const char* problem;
  };
  for (const Case& each : std::vector<Case>{
           {"interval { nanos: 999999999 }", ":1: interval: must be from 1s to 1h"},
           {"interval { seconds: 3601 }", ":1: interval: must be from 1s to 1h"},
           {"timeout { nanos: 9999999 }", ":1: timeout: must be from 10ms to 1m"},
           {"timeout { seconds: 61 }", ":1: timeout: must be from 10ms to 1m"},
       }) {
    EXPECT_THAT(Read(std::string("synthetic_probe { ") + each.text + " }\n"), Eq(each.problem));
  }
}

}  // namespace
}  // namespace uid2
