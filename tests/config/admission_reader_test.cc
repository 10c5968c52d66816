// SPDX-License-Identifier: Apache-2.0

#include "server/config/admission_reader.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/config/load_configuration_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using uid2::testing::kManyFiles;

class AdmissionReaderTest : public uid2::testing::LoadConfigurationTest {
 protected:
  // The problems that ReadAdmission() finds, without the file name.
  std::string Read(const std::string& text, int64_t open_files = kManyFiles) {
    return ReadWith(
        [open_files](const ConfigSource& source, ConfigChecker& check, Configuration& result) {
          ReadAdmission(source, open_files, check, result);
        },
        text);
  }
};

TEST_F(AdmissionReaderTest, UnsetLimitsHaveTheirDefaults) {
  EXPECT_THAT(Read(""), IsEmpty());
  EXPECT_THAT(notices_, IsEmpty());
  EXPECT_THAT(result_.max_calls_in_flight, Eq(2048));
}

TEST_F(AdmissionReaderTest, SetLimitsAreRead) {
  EXPECT_THAT(Read("max_calls_in_flight: 7\n"), IsEmpty());
  EXPECT_THAT(result_.max_calls_in_flight, Eq(7));
}

struct FileCase {
  const char* situation;
  const char* text;
  int64_t open_files;
  int calls;
  const char* notice;
  const char* problem;
};

TEST_F(AdmissionReaderTest, TwoOpenFilesForEachCallAnd256MustFitIntoTheLimit) {
  for (const FileCase& test : std::vector<FileCase>{
           {"the default just fits", "", 4352, 2048, "", ""},
           {"the default is lowered", "", 4351, 2047,
            ": max_calls_in_flight: lowered to 2047: ", ""},
           {"the default is lowered to one call", "", 258, 1, "lowered to 1: ", ""},
           {"no call fits", "", 257, 2048, "", ": max_calls_in_flight: 2048 calls in flight need "},
           {"a set limit just fits", "max_calls_in_flight: 384", 1024, 384, "", ""},
           {"a set limit is not lowered", "\nmax_calls_in_flight: 385", 1024, 385, "",
            ":2: max_calls_in_flight: 385 calls in flight need 1026 open files"},
           {"no limit", "max_calls_in_flight: 1000000", std::numeric_limits<int64_t>::max(),
            1000000, "", ""},
       }) {
    SCOPED_TRACE(test.situation);
    EXPECT_THAT(Read(test.text, test.open_files), HasSubstr(test.problem));
    EXPECT_THAT(notices_, HasSubstr(test.notice));
    EXPECT_THAT(notices_.empty(), Eq(*test.notice == '\0'));
    EXPECT_THAT(result_.max_calls_in_flight, Eq(test.calls));
  }
}

TEST_F(AdmissionReaderTest, ALimitOutOfRangeIsReported) {
  EXPECT_THAT(Read("max_calls_in_flight: 0\n"),
              Eq(":1: max_calls_in_flight: must be from 1 to 1000000"));
}

}  // namespace
}  // namespace uid2
