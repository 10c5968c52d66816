// SPDX-License-Identifier: Apache-2.0

#include "server/config/self_probe_reader.h"

#include <algorithm>
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

class SelfProbeReaderTest : public uid2::testing::LoadConfigurationTest {
 protected:
  std::string Read(const std::string& text) { return ReadWith(&ReadSelfProbe, text); }
};

TEST_F(SelfProbeReaderTest, ADeadListenerIsDetectedWithin20SecondsByDefault) {
  EXPECT_THAT(Read(""), IsEmpty());
  const SelfProbeOptions& options = result_.self_probe;
  EXPECT_THAT(options.interval + options.failures * std::max(options.interval, options.timeout),
              Eq(absl::Seconds(20)));
}

TEST_F(SelfProbeReaderTest, SetValuesAreRead) {
  EXPECT_THAT(
      Read("self_probe { interval { seconds: 2 } timeout { nanos: 300000000 } failures: 4 }\n"),
      IsEmpty());
  EXPECT_THAT(result_.self_probe.interval, Eq(absl::Seconds(2)));
  EXPECT_THAT(result_.self_probe.timeout, Eq(absl::Milliseconds(300)));
  EXPECT_THAT(result_.self_probe.failures, Eq(4));
}

TEST_F(SelfProbeReaderTest, ZeroFailuresNeverEndTheProcess) {
  EXPECT_THAT(Read("self_probe { failures: 0 }\n"), IsEmpty());
  EXPECT_THAT(result_.self_probe.failures, Eq(0));
}

TEST_F(SelfProbeReaderTest, ValuesOutOfRangeAreReportedWithTheirRange) {
  struct Case {
    const char* text;
    const char* problem;
  };
  for (const Case& each : std::vector<Case>{
           {"interval { nanos: 99999999 }", ":1: interval: must be from 100ms to 1m"},
           {"interval { seconds: 61 }", ":1: interval: must be from 100ms to 1m"},
           {"timeout { nanos: 9999999 }", ":1: timeout: must be from 10ms to 1m"},
           {"timeout { seconds: 61 }", ":1: timeout: must be from 10ms to 1m"},
           {"failures: -1", ":1: failures: must be from 0 to 100"},
           {"failures: 101", ":1: failures: must be from 0 to 100"},
       }) {
    EXPECT_THAT(Read(std::string("self_probe { ") + each.text + " }\n"), Eq(each.problem));
  }
}

}  // namespace
}  // namespace uid2
