// SPDX-License-Identifier: Apache-2.0

#include "server/service/participant.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using uid2::testing::IsOk;
using uid2::testing::SimulatedClock;

// Not read in these tests.
const SimulatedClock kClock(absl::UnixEpoch());

Participants Make(const std::vector<std::string>& names) {
  std::vector<Participant> participants;
  for (const std::string& name : names) {
    participants.push_back({name, DiiPolicy::kStrict, nullptr, kClock});
  }
  return Participants(std::move(participants));
}

const ParticipantAccess kAll = ParticipantAccess::ToAll();

TEST(ParticipantsTest, FindsByName) {
  const Participants participants = Make({"a", "b"});
  ASSERT_THAT(participants.Find("b", kAll), IsOk());
  EXPECT_THAT((*participants.Find("b", kAll))->name, Eq("b"));
}

TEST(ParticipantsTest, EachKnowsItsPositionAmongTheNames) {
  const Participants participants = Make({"b", "c", "a"});
  EXPECT_THAT(participants.names(), ElementsAre("b", "c", "a"));
  for (const std::string& name : participants.names()) {
    EXPECT_THAT(participants.names()[(*participants.Find(name, kAll))->index], Eq(name));
  }
}

TEST(ParticipantsTest, AnUnknownNameIsRejectedAndNotRepeatedInTheError) {
  for (const ParticipantAccess& access : {kAll, ParticipantAccess::To({"a"})}) {
    const absl::Status status = Make({"a", "b"}).Find("user@example.com", access).status();
    EXPECT_THAT(FieldOf(status), Eq("participant"));
    EXPECT_THAT(status.ToString(), Not(HasSubstr("user@example.com")));
  }
}

struct AccessCase {
  const char* situation;
  std::vector<std::string> configured;
  ParticipantAccess access;
  const char* requested;
  // Of the participant that is found, or of the reason.
  const char* result;
};

class AccessTest : public ::testing::TestWithParam<AccessCase> {};

TEST_P(AccessTest, ACallerFindsOnlyWhatItMayUse) {
  const AccessCase& test = GetParam();
  const Participants participants = Make(test.configured);
  const absl::StatusOr<const Participant*> found = participants.Find(test.requested, test.access);
  EXPECT_THAT(
      found.ok() ? (*found)->name : identity::v1::ErrorReason_Name(ReasonOf(found.status())),
      Eq(test.result));
}

INSTANTIATE_TEST_SUITE_P(
    , AccessTest,
    ::testing::Values(
        AccessCase{"the_only_one_is_chosen", {"a"}, kAll, "", "a"},
        AccessCase{"one_of_several_must_be_named", {"a", "b"}, kAll, "", "PARTICIPANT_MISSING"},
        AccessCase{"an_unknown_name", {"a"}, kAll, "b", "PARTICIPANT_UNKNOWN"},
        AccessCase{"another_case", {"a"}, kAll, "A", "PARTICIPANT_UNKNOWN"},
        AccessCase{"its_own", {"a", "b"}, ParticipantAccess::To({"b"}), "b", "b"},
        AccessCase{"its_only_one_is_chosen", {"a", "b"}, ParticipantAccess::To({"b"}), "", "b"},
        AccessCase{
            "another_s", {"a", "b"}, ParticipantAccess::To({"b"}), "a", "CALLER_NOT_ALLOWED"},
        AccessCase{"unknown_to_one_that_may_not_use_all",
                   {"a", "b"},
                   ParticipantAccess::To({"b"}),
                   "c",
                   "CALLER_NOT_ALLOWED"},
        AccessCase{"one_of_its_several_must_be_named",
                   {"a", "b", "c"},
                   ParticipantAccess::To({"a", "b"}),
                   "",
                   "PARTICIPANT_MISSING"},
        AccessCase{"the_second_of_its_several",
                   {"a", "b", "c"},
                   ParticipantAccess::To({"a", "b"}),
                   "b",
                   "b"},
        AccessCase{"none", {"a"}, ParticipantAccess::To({}), "a", "CALLER_NOT_ALLOWED"}),
    [](const auto& test) { return std::string(test.param.situation); });

}  // namespace
}  // namespace uid2
