// SPDX-License-Identifier: Apache-2.0

#include "server/config/log_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/config/load_configuration_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;

class LogReaderTest : public uid2::testing::LoadConfigurationTest {
 protected:
  std::string Read(const std::string& text) { return ReadWith(&ReadLog, text); }
};

TEST_F(LogReaderTest, EverySeverityIsReadAndTheDefaultIsInfo) {
  for (const auto& [text, severity] : std::vector<std::pair<std::string, Severity>>{
           {"", Severity::kInfo},
           {"log { min_severity: SEVERITY_UNSPECIFIED }\n", Severity::kInfo},
           {"log { min_severity: DEBUG }\n", Severity::kDebug},
           {"log { min_severity: INFO }\n", Severity::kInfo},
           {"log { min_severity: WARNING }\n", Severity::kWarning},
           {"log { min_severity: ERROR }\n", Severity::kError},
       }) {
    EXPECT_THAT(Read(text), IsEmpty());
    EXPECT_THAT(result_.log.min_severity, Eq(severity)) << text;
  }
}

TEST_F(LogReaderTest, TheRateIsReadAndZeroIsARate) {
  EXPECT_THAT(Read("log { max_lines_per_second: 1000000 }\n"), IsEmpty());
  EXPECT_THAT(result_.log.max_lines_per_second, Eq(1000000));
  EXPECT_THAT(Read("log { max_lines_per_second: 0 }\n"), IsEmpty());
  EXPECT_THAT(result_.log.max_lines_per_second, Eq(0));
}

TEST_F(LogReaderTest, ValuesOutOfRangeAreReportedWithTheirRange) {
  struct Case {
    const char* text;
    const char* problem;
  };
  for (const Case& each : std::vector<Case>{
           {"max_lines_per_second: -1", ":1: max_lines_per_second: must be from 0 to 1000000"},
           {"max_lines_per_second: 1000001", ":1: max_lines_per_second: must be from 0 to 1000000"},
           {"min_severity: 9",
            ":1: min_severity: 9 is not a value of this field; set it to DEBUG or INFO or WARNING "
            "or ERROR"},
       }) {
    EXPECT_THAT(Read(std::string("log { ") + each.text + " }\n"), Eq(each.problem));
  }
}

}  // namespace
}  // namespace uid2
