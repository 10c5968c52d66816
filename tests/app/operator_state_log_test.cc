// SPDX-License-Identifier: Apache-2.0

#include "server/app/operator_state_log.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/fakes/recording_event_log.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using uid2::testing::RecordingEventLog;

constexpr char kUrl[] = "https://one.example";

TEST(OperatorStateLogTest, NamesParticipantAndAddressWhenThrottlingBeginsAndEnds) {
  RecordingEventLog log;
  OperatorStateLog state("brand", kUrl, /*has_other_address=*/false, log);
  state.ThrottlingChanged("generate", true);
  EXPECT_THAT(log.Take(), ElementsAre("participant brand: operator https://one.example fails most "
                                      "calls of generate: most are suspended"));
  state.ThrottlingChanged("generate", false);
  EXPECT_THAT(log.Take(), ElementsAre("participant brand: operator https://one.example answers "
                                      "again: all calls of generate are sent"));
}

TEST(OperatorStateLogTest, ReportsAnAddressAsEjectedAndAsReadmitted) {
  RecordingEventLog log;
  OperatorStateLog state("brand", kUrl, /*has_other_address=*/true, log);
  state.EjectionChanged("refresh", true);
  EXPECT_THAT(log.Take(),
              ElementsAre(HasSubstr("fails refresh: it is ejected, and calls go to the next")));
  state.EjectionChanged("refresh", false);
  EXPECT_THAT(log.Take(), ElementsAre(HasSubstr("has recovered: refresh goes to it again")));
}

TEST(OperatorStateLogTest, DoesNotReportTheEjectionOfTheOnlyAddress) {
  RecordingEventLog log;
  OperatorStateLog state("brand", kUrl, /*has_other_address=*/false, log);
  state.EjectionChanged("refresh", true);
  state.EjectionChanged("refresh", false);
  EXPECT_THAT(log.Take(), IsEmpty());
}

TEST(OperatorStateLogTest, ReportsHowFarAClockIsOffAndInWhichDirection) {
  RecordingEventLog log;
  OperatorStateLog state("brand", kUrl, /*has_other_address=*/false, log);
  state.ClockOffsetChanged(absl::Seconds(90));
  EXPECT_THAT(log.Take(), ElementsAre(HasSubstr("has a clock 90 s ahead of this host's")));
  state.ClockOffsetChanged(absl::Seconds(-30));
  EXPECT_THAT(log.Take(), ElementsAre(HasSubstr("has a clock 30 s behind this host's")));
  state.ClockOffsetChanged(absl::Seconds(1));
  EXPECT_THAT(log.Take(), ElementsAre(HasSubstr("and this host agree on the time again")));
}

TEST(OperatorStateLogTest, ReportsWhyAProbeFailsAndThatProbesSucceedAgain) {
  RecordingEventLog log;
  OperatorStateLog state("brand", kUrl, /*has_other_address=*/false, log);
  state.ProbeResultChanged(
      MakeError(identity::v1::OPERATOR_UNREACHABLE, "generate: connection refused"));
  EXPECT_THAT(log.Take(), ElementsAre("participant brand: operator https://one.example fails the "
                                      "synthetic probe: OPERATOR_UNREACHABLE: generate: "
                                      "connection refused"));
  state.ProbeResultChanged(absl::OkStatus());
  EXPECT_THAT(log.Take(), ElementsAre("participant brand: operator https://one.example passes the "
                                      "synthetic probe again"));
}

TEST(OperatorStateLogTest, ReportsTheCodeOfAProbeThatFailsWithoutAReason) {
  RecordingEventLog log;
  OperatorStateLog state("brand", kUrl, /*has_other_address=*/false, log);
  state.ProbeResultChanged(absl::FailedPreconditionError("generate: opted out"));
  EXPECT_THAT(log.Take(),
              ElementsAre(HasSubstr("probe: FAILED_PRECONDITION: generate: opted out")));
}

}  // namespace
}  // namespace uid2
